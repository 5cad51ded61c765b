// What a field for a batch or a pen suggests, as its number is typed. Without this script it
// suggests what the page came with, and takes any number all the same.

const TYPED_MS = 150;

let typed; // the timer of the last key

document.addEventListener("input", (event) => {
  if (!event.target.dataset.suggest) return;
  clearTimeout(typed);
  typed = setTimeout(() => suggest(event.target), TYPED_MS);
});

async function suggest(field) {
  const wanted = field.value;
  const query = new URLSearchParams({ q: wanted });
  try {
    const answer = await fetch(`/office/${field.dataset.suggest}/suggest?${query}`);
    const { data } = await answer.json();
    if (field.value === wanted) field.list.replaceChildren(...data.map(choice));
  } catch {
    return; // away or signed out: what was suggested stays
  }
}

function choice({ number, told }) {
  const option = document.createElement("option");
  option.value = number;
  option.textContent = told;
  return option;
}
