// Type-ahead for references, after the ARIA pattern of a combobox with a list: what is typed is looked up on the server,
// arrows choose, Enter or Tab takes. The visible input keeps what was typed even where nothing was chosen: the server
// then tries the exact number, so a known number can be typed or pasted without waiting for the list.
"use strict";

const combobox = (() => {
  let list = null; // the one open list of the page
  let owner = null;
  let options = [];
  let active = -1;
  let asked = 0;
  let timer = 0;

  function idOf(input) {
    return input.closest(".combo").querySelector("[data-id]");
  }

  /** Whether it leads to a page, as the search above every page does, and fills in nothing. */
  function isJump(input) {
    return "jump" in input.closest(".combo").dataset;
  }

  function close() {
    clearTimeout(timer);
    asked += 1;
    list?.remove();
    if (owner) {
      owner.setAttribute("aria-expanded", "false");
      owner.removeAttribute("aria-activedescendant");
      owner.removeAttribute("aria-controls");
    }
    list = owner = null;
    options = [];
    active = -1;
  }

  function open(input) {
    if (owner === input) return;
    close();
    owner = input;
    list = document.createElement("ul");
    list.className = "choices";
    list.id = "choices";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", input.getAttribute("aria-label") || input.labels?.[0]?.textContent || "");
    // Fixed on the page, not inside the table that scrolls: so the list is never cut off.
    document.body.append(list);
    place();
    input.setAttribute("aria-expanded", "true");
    input.setAttribute("aria-controls", "choices");
  }

  function place() {
    if (!owner) return;
    const box = owner.getBoundingClientRect();
    list.style.left = `${box.left}px`;
    list.style.minWidth = `${Math.max(box.width, 260)}px`;
    const below = window.innerHeight - box.bottom;
    if (below < 240 && box.top > below) {
      list.style.top = "auto";
      list.style.bottom = `${window.innerHeight - box.top + 2}px`;
    } else {
      list.style.bottom = "auto";
      list.style.top = `${box.bottom + 2}px`;
    }
  }

  function note(text) {
    list.replaceChildren();
    const item = document.createElement("li");
    item.className = "note";
    item.setAttribute("role", "option");
    item.setAttribute("aria-disabled", "true");
    item.textContent = text;
    list.append(item);
    options = [];
    active = -1;
  }

  function show(found) {
    if (!found.length) return note(hub.words.nothing);
    options = found;
    list.replaceChildren(
      ...found.map((one, index) => {
        const item = document.createElement("li");
        item.id = `choice-${index}`;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", "false");
        item.textContent = one.text;
        if (one.note) {
          const small = document.createElement("small");
          small.textContent = ` ${one.note}`;
          item.append(small);
        }
        item.addEventListener("mousedown", (event) => {
          event.preventDefault();
          take(owner, one);
        });
        return item;
      }),
    );
    choose(0);
  }

  function choose(index) {
    active = index;
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === index)));
    list.children[index]?.scrollIntoView({ block: "nearest" });
    owner.setAttribute("aria-activedescendant", `choice-${index}`);
  }

  function take(input, one) {
    if (one.address) {
      close();
      location.assign(one.address);
      return;
    }
    const id = idOf(input);
    id.value = one.id;
    input.value = one.text;
    close();
    fill(input, one.fill || {}, one.priced_in);
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /** Give empty fields beside the reference what the chosen document says, such as its price. */
  function fill(input, values, pricedIn) {
    const row = input.closest("[data-row]");
    const currency = input.form?.querySelector('[name="currency"]');
    for (const [name, value] of Object.entries(values)) {
      // A list price says nothing in another currency: left empty, it is converted at the document's rate.
      if (name === "unit_price" && currency?.value && currency.value !== pricedIn) continue;
      const field = row ? row.querySelector(`[data-field="${CSS.escape(name)}"]`) : name === "currency" ? currency : null;
      if (field && (!field.value || field.dataset.filled === field.value)) {
        field.value = value;
        field.dataset.filled = value;
      }
    }
  }

  function address(input, words) {
    const row = input.closest("[data-row]");
    const header = input.form?.querySelector('[name="currency"]') ? "currency" : "";
    const beside = row ? [...row.querySelectorAll("[data-field]")].map((f) => f.dataset.field).join(",") : header;
    return `${input.closest(".combo").dataset.lookup}?${new URLSearchParams({ q: words, fill: beside })}`;
  }

  async function ask(input, words) {
    const answer = await fetch(address(input, words), { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error((await answer.json()).detail);
    return answer.json();
  }

  async function search(input) {
    open(input);
    const mine = ++asked;
    note(hub.words.loading);
    try {
      const found = await ask(input, input.value.trim());
      if (mine === asked && owner === input) show(found);
    } catch (error) {
      if (mine === asked && owner === input) note(error instanceof TypeError ? hub.words.unreachable : error.message);
    }
  }

  /** Choose what exactly fits the text of an input, after a paste; without one the text stays for the server to judge. */
  async function resolve(input) {
    const words = input.value.trim();
    if (!words) return;
    try {
      const found = await ask(input, words);
      const same = (text) => String(text ?? "").toLowerCase() === words.toLowerCase();
      const exact = found.filter((one) => same(one.number) || same(one.text));
      const only = exact.length === 1 ? exact[0] : found.length === 1 ? found[0] : null;
      if (only && input.value.trim() === words) take(input, only);
    } catch (error) {
      hub.say(error instanceof TypeError ? hub.words.unreachable : error.message);
    }
  }

  document.addEventListener("input", (event) => {
    const input = event.target;
    if (!input.matches?.(".combo [role=combobox]")) return;
    idOf(input).value = "";
    clearTimeout(timer);
    if (!input.value.trim()) return close();
    timer = setTimeout(() => search(input), 120);
  });

  document.addEventListener(
    "keydown",
    (event) => {
      const input = event.target;
      if (!input.matches?.(".combo [role=combobox]")) return;
      const isOpen = owner === input;
      if (event.key === "Escape" && isOpen) {
        close();
      } else if (event.key === "ArrowDown" && (isOpen || event.altKey)) {
        if (!isOpen) search(input);
        else if (options.length) choose((active + 1) % options.length);
      } else if (event.key === "ArrowUp" && isOpen) {
        if (options.length) choose((active - 1 + options.length) % options.length);
      } else if (event.key === "Tab" && isJump(input)) {
        close(); // Who goes on by Tab does not mean to leave the page.
        return;
      } else if ((event.key === "Enter" || event.key === "Tab") && isOpen && active >= 0 && !event.ctrlKey) {
        take(input, options[active]);
        // Enter has done its work by taking; in a grid it moves on as well, as Tab does by itself.
        if (event.key === "Tab" || input.closest("[data-row]")) return;
      } else {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );

  document.addEventListener("focusout", (event) => {
    const input = event.target;
    if (owner === input) close();
    if (input.matches?.(".combo [role=combobox]") && input.value.trim() && !idOf(input).value && !isJump(input)) resolve(input);
  });
  window.addEventListener("scroll", place, true);
  window.addEventListener("resize", place);

  return { resolve, close };
})();
