// What the chute says, in the page's language: see remote/office/pages/chute_words.py.

const words = JSON.parse(document.getElementById("chute-words").textContent);

export function chuteWord(name, values = {}) {
  return (words[name] ?? name).replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
}

export function has(name) {
  return name in words;
}
