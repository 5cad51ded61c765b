// While the office is away a link would put an error page of the browser's in the place of this one, which
// is all that still works: so it is tried first.

const PATIENCE_MS = 4000;

export function stayWhileAway(isAway, told) {
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[href]");
    if (!link || !(isAway() || !navigator.onLine) || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    try {
      await fetch(link.href, { method: "HEAD", signal: AbortSignal.timeout(PATIENCE_MS) });
      location.assign(link.href);
    } catch {
      told();
    }
  });
}
