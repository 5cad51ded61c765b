// Before anything is painted: the look that was chosen on this screen; then the field that chooses.
"use strict";
document.documentElement.dataset.theme = localStorage.getItem("theme") || "auto";

document.addEventListener("DOMContentLoaded", () => {
  const choice = document.querySelector("[data-look]");
  if (!choice) return;
  choice.value = document.documentElement.dataset.theme;
  choice.addEventListener("change", () => {
    document.documentElement.dataset.theme = choice.value;
    localStorage.setItem("theme", choice.value);
  });
});
