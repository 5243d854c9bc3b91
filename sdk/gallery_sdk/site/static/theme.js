// Runs before the page is painted, so that a chosen theme does not flash.
(() => {
  const key = "gallery-theme";
  let chosen = null;
  try {
    chosen = localStorage.getItem(key);
  } catch {
    // Storage may be closed; then the theme is the system's.
  }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();
