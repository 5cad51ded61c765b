// Before anything is painted: the look that was chosen on this screen.
"use strict";
document.documentElement.dataset.theme = localStorage.getItem("theme") || "auto";
