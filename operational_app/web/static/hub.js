// What every page has: shortcuts, the help, rows that open, times in the reader's zone, choices that submit at once.
"use strict";

const hub = {
  words: JSON.parse(document.getElementById("words").textContent),

  say(text) {
    document.getElementById("status").textContent = text;
  },

  isTyping(element) {
    return element.matches("input, select, textarea, [contenteditable]");
  },
};

(() => {
  const help = document.getElementById("help");
  let afterG = 0;

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closePanel(event.target.closest?.("[data-panel][open]"));
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      document.getElementById("find")?.select();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || hub.isTyping(event.target) || help?.open) return;
    if (event.key === "/") {
      event.preventDefault();
      document.getElementById("find")?.select();
    } else if (event.key === "?") {
      help?.showModal();
    } else if (event.key === "n") {
      document.querySelector("[data-new]")?.click();
    } else if (event.key === "a") {
      document.querySelector(".head .actions :is(a, button)")?.focus();
    } else if (event.key === "u") {
      document.querySelector(".crumbs a")?.click();
    } else if (event.key === "g") {
      afterG = event.timeStamp;
    } else if (event.key === "h" && event.timeStamp - afterG < 1500) {
      location.assign("/");
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      moveRow(event);
    }
  });

  function closePanel(panel) {
    if (!panel) return;
    panel.open = false;
    panel.querySelector("summary").focus();
  }

  function moveRow(event) {
    const links = [...document.querySelectorAll("[data-rows] a.open")];
    if (!links.length) return;
    const now = links.indexOf(document.activeElement);
    const step = event.key === "ArrowDown" ? 1 : -1;
    const next = now < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(now + step, 0), links.length - 1);
    event.preventDefault();
    links[next].focus();
  }

  document.addEventListener("click", (event) => {
    const target = event.target;
    const menu = target.closest("[data-menu]");
    if (menu) menu.setAttribute("aria-expanded", document.getElementById("menu").classList.toggle("open"));
    for (const panel of document.querySelectorAll("[data-panel][open]")) {
      if (!panel.contains(target)) panel.open = false;
    }
    if (target.closest("[data-back]")) history.back();
    if (target.closest("[data-help]")) help?.showModal();
    if (target.closest("[data-print]")) window.print();
    if (target.closest("[data-scheme-toggle]")) {
      const root = document.documentElement;
      const scheme = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
      root.setAttribute("data-bs-theme", scheme);
      document.cookie = `hub_scheme=${scheme}; path=/; max-age=31536000; samesite=lax`;
    }
    const row = target.closest("tr[data-href]");
    // A click that selects text or hits a link of its own is not meant for the row.
    if (row && !target.closest("a, button, input") && !String(window.getSelection())) location.assign(row.dataset.href);
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit]")) event.target.form.submit();
  });

  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-once]")) {
      // The key makes a second click harmless; the disabled button says that the first one counts.
      setTimeout(() => event.target.querySelector("button").setAttribute("disabled", ""));
    }
  });

  // Parts of the menu stay on this machine as somebody leaves them; the one that the page is in is always open.
  const kept = JSON.parse(localStorage.getItem("hub:menu") ?? "{}");
  for (const part of document.querySelectorAll("[data-module]")) {
    const code = part.dataset.module;
    if (part.querySelector("[aria-current]")) part.open = true;
    else if (code in kept) part.open = kept[code];
    part.addEventListener("toggle", () => {
      kept[code] = part.open;
      localStorage.setItem("hub:menu", JSON.stringify(kept));
    });
  }
  const back = document.querySelector("[data-back]");
  if (back && history.length > 1) back.hidden = false;
  document.querySelector(".side [aria-current]")?.scrollIntoView({ block: "nearest" });

  function showMoments(root) {
    const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
    for (const element of root.querySelectorAll("time[data-moment]")) {
      const when = new Date(element.dateTime);
      if (Number.isNaN(when.getTime())) continue;
      element.title = element.dateTime;
      element.textContent = format.format(when);
    }
  }

  showMoments(document);
  document.addEventListener("htmx:after:swap", () => showMoments(document));
  document.querySelector("[data-refusal]")?.focus();
})();
