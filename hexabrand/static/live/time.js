// Times as people say them, in front of the clock's: "3 min ago 14:02". Paper gets the clock alone.

function ago(seconds) {
  if (seconds < 5) return "just now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return ""; // the date says it better
}

export function span(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

export function tellTimes() {
  const now = Date.now();
  for (const element of document.querySelectorAll("time[datetime]")) {
    const text = ago((now - Date.parse(element.dateTime)) / 1000);
    if (text === (element.dataset.ago || "")) continue;
    if (text) element.dataset.ago = text;
    else delete element.dataset.ago;
  }
}
