// A list: short addresses, the order of its columns, panels that close, and the next page by key.
"use strict";

(() => {
  let asked = null;

  // What was left empty asks nothing: it need not stand in the address. And what was asked already is not asked again:
  // leaving a field would exchange the list under the hands of who has just gone into it.
  document.addEventListener("htmx:config:request", (event) => {
    const ctx = event.detail?.ctx;
    if (!ctx?.sourceElement?.matches?.("[data-filters]")) return;
    const body = ctx.request.body;
    if (!(body instanceof FormData)) return;
    for (const [name, value] of [...body.entries()]) {
      if (value === "") body.delete(name);
      else if (document.querySelector(`[data-filters] [data-number][name="${CSS.escape(name)}"]`)) {
        body.set(name, String(value).normalize("NFKC").replace(/[,\s]/g, ""));
      }
    }
    const now = new URLSearchParams(body).toString();
    if (now === asked) event.preventDefault();
    asked = now;
  });

  document.addEventListener("htmx:error", () => {
    asked = null;
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-up], [data-down]");
    if (button) {
      const item = button.closest("li");
      if (button.matches("[data-up]")) item.previousElementSibling?.before(item);
      else item.nextElementSibling?.after(item);
      button.focus();
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || hub.isTyping(event.target)) return;
    if (event.key === "f") {
      const toggle = document.querySelector("[data-filter-toggle]");
      if (!toggle) return;
      event.preventDefault();
      toggle.parentElement.open = true;
      toggle.parentElement.querySelector("input:not([type=hidden]), select")?.focus();
    } else if (event.key === "PageDown" && (event.target === document.body || event.target.closest("#list"))) {
      const next = document.querySelector("a[rel=next]");
      if (next && event.shiftKey) next.click();
    }
  });
})();
