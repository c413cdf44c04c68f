// Light or dark before the first paint: what was chosen here, else what the system says. A classic script, so that it runs
// before anything is drawn; the switch itself is in console.js.

(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const kept = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // no storage in this browser: the system decides
    }
  };
  const show = () => {
    document.documentElement.dataset.bsTheme = kept() ?? (system.matches ? "dark" : "light");
  };
  system.addEventListener("change", show);
  addEventListener("storage", show); // another tab switched
  show();
})();
