// A short tone for each word, made here: no file, and no sound before somebody pressed a key.

const TONES = { // hertz, one after the other
  ok: [880], pen: [660, 880], new: [660, 660], pair: [660, 660], which: [660, 660], kept: [440, 440], again: [520, 440],
  hold: [220, 220, 220], wrongPen: [330, 220],
};
const SECONDS = 0.11;

let context;

export function play(name) {
  if (!TONES[name]) return;
  context ??= new AudioContext();
  TONES[name].forEach((hertz, place) => sound(hertz, context.currentTime + place * SECONDS * 1.3));
}

function sound(hertz, at) {
  const tone = context.createOscillator(), volume = context.createGain();
  tone.frequency.value = hertz;
  volume.gain.setValueAtTime(0.25, at);
  volume.gain.exponentialRampToValueAtTime(0.001, at + SECONDS);
  tone.connect(volume).connect(context.destination);
  tone.start(at);
  tone.stop(at + SECONDS);
}
