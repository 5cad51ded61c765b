// What somebody has typed in a form and not sent yet.

export function somethingTyped() {
  return [...document.querySelectorAll("main form[method=post]")].some((form) =>
    form.querySelector(".errorlist") || [...form.elements].some(isChanged));
}

function isChanged(field) {
  if (field.matches("[type=hidden], button, fieldset")) return false;
  if (field.matches("select")) {
    const first = [...field.options].findIndex((option) => option.defaultSelected);
    return field.selectedIndex !== Math.max(first, 0);
  }
  if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
  return field.value !== field.defaultValue;
}

// A button beside the page, such as that of the unit, makes the page anew: it asks first.
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.asksFirst;
  if (question && somethingTyped() && !window.confirm(question)) event.preventDefault();
});
