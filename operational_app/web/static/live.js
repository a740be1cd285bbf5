// Open pages follow what happens: the bell, and the list that is shown. The server says only that something changed; what
// it is, is asked for as any page is. Only the page that is looked at listens: a browser opens few lines to one server.
"use strict";

(() => {
  if (!document.getElementById("bell") || !window.EventSource) return;
  let source = null;
  let typing = false;

  async function renew(address, selector) {
    const there = document.querySelector(selector);
    if (!there) return;
    let answer;
    try {
      answer = await fetch(address, { headers: { "hub-by-itself": "1" } });
    } catch {
      return; // The line is lost: the page stays as it is, and the stream comes back by itself.
    }
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(selector);
    const old = document.querySelector(selector);
    if (!fresh || !old || fresh.isEqualNode(old)) return;
    const focused = old.contains(document.activeElement) && document.activeElement.getAttribute("href");
    const scrolled = old.querySelector(".scroll")?.scrollLeft;
    old.replaceWith(fresh);
    window.htmx?.process(fresh);
    document.dispatchEvent(new Event("htmx:after:swap"));
    if (scrolled) fresh.querySelector(".scroll").scrollLeft = scrolled;
    if (focused) fresh.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  }

  function listen() {
    const list = document.querySelector("[data-live]");
    const about = list ? "?document=" + encodeURIComponent(list.dataset.live) : "";
    source = new EventSource("/live" + about);
    source.addEventListener("bell", () => renew("/notifications/bell", "#bell"));
    source.addEventListener("list", () => {
      // Text that is being selected or a filter that is being typed would be lost.
      if (!String(window.getSelection()) && !typing) renew(location.href, "#list");
    });
    source.addEventListener("over", () => source.close());
  }

  function look() {
    source?.close();
    source = null;
    if (document.visibilityState === "visible") listen();
  }

  document.addEventListener("focusin", (event) => { typing = Boolean(event.target.closest?.(".filters")); });
  document.addEventListener("visibilitychange", () => {
    look();
    if (document.visibilityState === "visible") renew("/notifications/bell", "#bell");
  });
  window.addEventListener("pagehide", () => source?.close());
  look();
})();
