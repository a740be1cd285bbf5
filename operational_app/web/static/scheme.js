// Light or dark, set before the first paint. The choice is a cookie, so that the server's page already bears it;
// without a choice the system's own preference holds, also when it changes during the day.
(() => {
  "use strict";
  const root = document.documentElement;
  if (!root.hasAttribute("data-bs-theme")) {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const apply = () => root.setAttribute("data-bs-theme", dark.matches ? "dark" : "light");
    apply();
    dark.addEventListener("change", apply);
  }
})();
