// What the scripts say, in the page's language: the page brings it, see remote/office/words.py.

const words = JSON.parse(document.getElementById("words").textContent);

export function word(name, values = {}) {
  return words[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
}
