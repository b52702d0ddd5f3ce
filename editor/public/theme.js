/* Sets the theme before anything is painted. A file of its own, because the page allows no inline scripts. */
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("diagramai.theme");
  } catch {
    // Storage may be forbidden; the system's theme is right then.
  }
  const dark =
    chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
