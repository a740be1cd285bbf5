// A command's form: sent by htmx, never lost. What is typed is kept in this tab until the command is done; when the server
// can't be reached, a sentence says so and the same form, with the same idempotency key, is sent again.
"use strict";

(() => {
  let form = null;

  function storageKey() {
    return `form:${form.dataset.command}`;
  }

  function snapshot() {
    const fields = [];
    for (const element of form.elements) {
      if (!element.name || element.type === "password" || ["csrf", "key", "version", "company", "id"].includes(element.name)) continue;
      fields.push([element.name, element.type === "checkbox" ? element.checked : element.value]);
    }
    return JSON.stringify({ key: form.elements.key.value, fields });
  }

  function keep() {
    try {
      sessionStorage.setItem(storageKey(), snapshot());
    } catch {
      // A whole file is more than the browser keeps; the file is still on the machine.
    }
  }

  function restore() {
    const kept = sessionStorage.getItem(storageKey());
    if (!kept) return;
    const { key, fields } = JSON.parse(kept);
    form.elements.key.value = key;
    for (const [name] of fields) addRowFor(name);
    for (const [name, value] of fields) {
      const element = form.elements[name];
      if (!element || element instanceof RadioNodeList) continue;
      if (element.dataset.choices) grid.withChoices(element);
      if (element.type === "checkbox") element.checked = value;
      else element.value = value;
    }
    tell(hub.words.restored, hub.words.discard, () => {
      sessionStorage.removeItem(storageKey());
      location.reload();
    });
  }

  /** A moment as the browser's own input takes it: in the reader's zone, to the minute. */
  function localMoment(iso) {
    const when = new Date(iso);
    if (Number.isNaN(when.getTime())) return "";
    return new Date(when.getTime() - when.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  }

  /** The text of a chosen file, in UTF-8 or, as banks and older programs in China write it, in GB 18030. */
  async function textOf(file) {
    const bytes = await file.arrayBuffer();
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
      return new TextDecoder("gb18030").decode(bytes);
    }
  }

  async function readFile(input) {
    const [file] = input.files;
    if (!file) return;
    const area = form.elements[input.dataset.readInto];
    area.value = await textOf(file);
    if (form.elements.file_name && !form.elements.file_name.value) form.elements.file_name.value = file.name;
    area.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function addRowFor(name) {
    const [section, index] = name.split(".");
    if (index === undefined) return;
    const place = form.querySelector(`[data-grid="${CSS.escape(section)}"]`);
    while (place && grid.rowsOf(place).length <= Number(index)) grid.addRow(place);
  }

  function tell(text, action, run) {
    const place = form.querySelector("[data-trouble]");
    place.replaceChildren(document.createTextNode(`${text} `));
    if (action) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-sm";
      button.textContent = action;
      button.addEventListener("click", run);
      place.append(button);
    }
    place.hidden = false;
  }

  function busy(is) {
    form.classList.toggle("busy", is);
    form.querySelector("[type=submit]").disabled = is;
  }

  /** The blank line at the end of a filled form is no field that waits to be filled in. */
  function isInLaterRow(field) {
    return field.closest("[data-row]")?.previousElementSibling != null;
  }

  function start(focusFirst) {
    form = document.getElementById("command");
    if (!form) return;
    grid.start(form);
    for (const input of form.querySelectorAll("[data-moment-of]")) input.value = localMoment(input.dataset.momentOf);
    form.addEventListener("input", keep);
    form.addEventListener("change", keep);
    if (!focusFirst) return;
    const fields = [...form.querySelectorAll("[data-field]")].filter((field) => field.checkVisibility?.() ?? true);
    const first =
      form.querySelector("[aria-invalid=true]") ??
      fields.find((field) => field.getAttribute("aria-required") && !field.value && !isInLaterRow(field)) ??
      fields[0];
    first?.focus();
    if (first?.matches("input:not([type=date], [type=checkbox])")) first.select();
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && form) {
      event.preventDefault();
      const next = event.shiftKey ? form.querySelector("[name=then][value=next]") : null;
      form.requestSubmit(next ?? form.querySelector("[type=submit]"));
    } else if (event.key === "Enter" && event.target.matches?.(".inputs input:not([type=checkbox])")) {
      // Enter goes on to the next field; a half-filled document is never sent by a slip.
      event.preventDefault();
      const fields = [...form.querySelectorAll("[data-field]")];
      const later = fields.slice(fields.indexOf(event.target) + 1);
      const next = later.find((field) => !("seldom" in field.dataset)) ?? form.querySelector("[type=submit]");
      next.focus();
    }
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches?.("[data-read-into]")) readFile(event.target);
  });
  // A moment goes with its offset: the server does not know the zone that the reader sits in.
  document.addEventListener("htmx:config:request", (event) => {
    const ctx = event.detail?.ctx;
    if (ctx?.sourceElement !== form || !(ctx.request.body instanceof FormData)) return;
    for (const input of form.querySelectorAll("[data-moment-of]")) {
      if (input.value) ctx.request.body.set(input.name, new Date(input.value).toISOString());
    }
  });
  document.addEventListener("htmx:before:request", (event) => {
    if (event.target === form) busy(true);
  });
  document.addEventListener("htmx:error", () => {
    if (!form) return;
    busy(false);
    keep();
    tell(hub.words.unreachable, hub.words.retry, () => form.requestSubmit());
  });
  document.addEventListener("htmx:after:request", (event) => {
    const response = event.detail?.ctx?.response;
    if (!form || !response || event.target !== form) return;
    if (response.headers?.get("hx-redirect") && response.status < 400) sessionStorage.removeItem(storageKey());
    else busy(false);
  });
  document.addEventListener("htmx:after:swap", () => {
    if (document.getElementById("command") && document.getElementById("command") !== form) start(true);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-cancel]") && form) sessionStorage.removeItem(storageKey());
  });

  start(false);
  if (form) {
    restore();
    grid && form.querySelectorAll("[data-grid]").forEach((section) => grid.totals(section));
    if (!document.querySelector("[data-refusal]")) start(true);
  }
})();
