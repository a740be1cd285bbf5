// Lines of a document: move with Enter, Tab and arrows, add and remove, paste from a spreadsheet, totals while typing.
"use strict";

const grid = (() => {
  function rowsOf(section) {
    return [...section.querySelectorAll("tbody [data-row]")];
  }

  function fieldsOf(row) {
    return [...row.querySelectorAll("[data-field]")];
  }

  function isBlank(row) {
    return fieldsOf(row).every((f) => (f.type === "checkbox" ? !f.checked : f.value === (f.dataset.empty ?? "")));
  }

  /** Number the rows from 0, as the server reads them. */
  function renumber(section) {
    const name = section.dataset.grid;
    rowsOf(section).forEach((row, index) => {
      row.querySelector("[data-no]").textContent = index + 1;
      const old = new RegExp(`^${name}\\.(\\d+|NEW)\\.`);
      for (const element of row.querySelectorAll("[name], [id], [aria-describedby]")) {
        for (const attribute of ["name", "id", "aria-describedby"]) {
          const value = element.getAttribute(attribute);
          if (value) element.setAttribute(attribute, value.replace(old, `${name}.${index}.`));
        }
      }
    });
  }

  function addRow(section) {
    const fresh = section.querySelector("template[data-line]").content.cloneNode(true);
    section.querySelector("tbody").append(fresh);
    renumber(section);
    const rows = rowsOf(section);
    return rows[rows.length - 1];
  }

  function removeRow(row) {
    const section = row.closest("[data-grid]");
    const rows = rowsOf(section);
    const index = rows.indexOf(row);
    const column = fieldsOf(row).indexOf(document.activeElement);
    row.remove();
    if (rows.length === 1) addRow(section);
    renumber(section);
    const left = rowsOf(section);
    const next = left[Math.min(index, left.length - 1)];
    (fieldsOf(next)[Math.max(column, 0)] ?? fieldsOf(next)[0]).focus();
    totals(section);
    section.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function focus(field) {
    field.focus();
    if (field.select && field.type !== "date") field.select();
  }

  function next(field, wrap) {
    const row = field.closest("[data-row]");
    const fields = fieldsOf(row);
    const index = fields.indexOf(field);
    if (index < fields.length - 1) return focus(fields[index + 1]);
    const section = row.closest("[data-grid]");
    const rows = rowsOf(section);
    const below = rows[rows.indexOf(row) + 1] ?? (wrap ? addRow(section) : null);
    if (below) focus(fieldsOf(below)[0]);
  }

  function vertical(field, step) {
    const row = field.closest("[data-row]");
    const section = row.closest("[data-grid]");
    const rows = rowsOf(section);
    const other = rows[rows.indexOf(row) + step];
    if (other) focus(fieldsOf(other)[fieldsOf(row).indexOf(field)]);
  }

  document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (!field.matches?.("[data-row] [data-field]")) return;
    const row = field.closest("[data-row]");
    const section = row.closest("[data-grid]");
    const last = fieldsOf(row).at(-1) === field && rowsOf(section).at(-1) === row;
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      next(field, !isBlank(row));
    } else if (event.key === "Tab" && !event.shiftKey && last && !isBlank(row)) {
      event.preventDefault();
      next(field, true);
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !event.altKey && !field.matches("select, [type=date]")) {
      event.preventDefault();
      vertical(field, event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Delete" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      removeRow(row);
    }
  });

  document.addEventListener("click", (event) => {
    const remove = event.target.closest?.("[data-remove]");
    if (remove) removeRow(remove.closest("[data-row]"));
    const add = event.target.closest?.("[data-add]");
    if (add) focus(fieldsOf(addRow(add.closest("[data-grid]")))[0]);
  });

  document.addEventListener("paste", (event) => {
    const field = event.target;
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!field.matches?.("[data-row] [data-field]") || !/[\t\n]/.test(text.trimEnd())) return;
    event.preventDefault();
    const row = field.closest("[data-row]");
    const section = row.closest("[data-grid]");
    const column = fieldsOf(row).indexOf(field);
    const lines = text.replace(/\r/g, "").replace(/\n+$/, "").split("\n");
    let at = rowsOf(section).indexOf(row);
    for (const line of lines) {
      const target = rowsOf(section)[at] ?? addRow(section);
      pasteLine(fieldsOf(target).slice(column), line.split("\t"));
      at += 1;
    }
    totals(section);
    section.dispatchEvent(new Event("change", { bubbles: true }));
    hub.say(`${hub.words.lines_pasted}: ${lines.length}`);
  });

  /** Give a list its choices, which the page holds once for all lines. */
  function withChoices(select) {
    const source = document.getElementById(select.dataset.choices ?? "");
    if (!source) return;
    const value = select.value;
    select.querySelectorAll('option:not([value=""])').forEach((option) => option.remove());
    select.append(source.content.cloneNode(true));
    select.value = value;
    delete select.dataset.choices;
  }

  for (const kind of ["focusin", "pointerdown"]) {
    document.addEventListener(kind, (event) => {
      if (event.target.matches?.("select[data-choices]")) withChoices(event.target);
    });
  }

  function pasteLine(fields, values) {
    values.slice(0, fields.length).forEach((value, index) => {
      const field = fields[index];
      const text = value.trim();
      if (field.type === "checkbox") {
        field.checked = /^(true|1|yes|是)$/i.test(text);
      } else if (field.matches("select")) {
        withChoices(field);
        const wanted = [...field.options].find((o) => o.value === text || o.textContent.trim() === text);
        if (wanted) field.value = wanted.value;
      } else {
        field.value = field.matches("[data-number]") ? text.normalize("NFKC").replace(/[,\s]/g, "") : text;
        if (field.matches("[role=combobox]")) {
          field.closest(".combo").querySelector("[data-id]").value = "";
          combobox.resolve(field);
        }
      }
    });
  }

  function valueOf(row, name) {
    const field = row.querySelector(`[data-field="${name}"]`);
    return field ? decimal.parse(field.value) : null;
  }

  /** A share as people write it: 10% or 0.1. */
  function shareOf(row, name) {
    const text = row.querySelector(`[data-field="${name}"]`)?.value.trim() ?? "";
    const number = decimal.parse(text.replace(/[%％]$/, ""));
    return number && /[%％]$/.test(text) ? { digits: number.digits, places: number.places + 2 } : number;
  }

  /** The amounts of the lines and their sums, rounded as the command will round them: per line, half away from zero. */
  function totals(section) {
    const form = section.closest("form");
    const places = Number(form.dataset.minorUnits);
    const rates = JSON.parse(form.dataset.rates || "{}");
    const sums = { net: decimal.zero, tax: decimal.zero, debit: decimal.zero, credit: decimal.zero, amount: decimal.zero };
    for (const row of rowsOf(section)) {
      const net = netOf(row, places);
      const cell = row.querySelector("[data-net]");
      if (cell) cell.textContent = net ? decimal.format(net, places) : "";
      if (net) {
        sums.net = decimal.add(sums.net, net);
        const rate = decimal.parse(rates[row.querySelector('[data-field="vat_code"]')?.value.trim()] ?? "");
        if (rate) sums.tax = decimal.add(sums.tax, decimal.round(decimal.multiply(net, rate), places));
      }
      for (const name of ["debit", "credit", "amount"]) sums[name] = decimal.add(sums[name], valueOf(row, name) ?? decimal.zero);
    }
    sums.gross = decimal.add(sums.net, sums.tax);
    sums.difference = decimal.subtract(sums.debit, sums.credit);
    for (const shown of section.querySelectorAll("[data-total]")) {
      shown.textContent = decimal.format(sums[shown.dataset.total], places);
      if (shown.dataset.total === "difference") shown.classList.toggle("bad", sums.difference.digits !== 0n);
    }
  }

  function netOf(row, places) {
    const quantity = valueOf(row, "quantity");
    const price = valueOf(row, "unit_price");
    if (!quantity || !price) return null;
    const discount = shareOf(row, "discount") ?? decimal.zero;
    const share = decimal.subtract({ digits: 1n, places: 0 }, discount);
    return decimal.round(decimal.multiply(decimal.multiply(quantity, price), share), places);
  }

  function start(root) {
    for (const section of root.querySelectorAll("[data-grid]")) {
      // What an empty line begins with stands in the template: a line that holds just this counts as blank.
      for (const field of section.querySelector("template[data-line]").content.querySelectorAll("[data-field]")) {
        const twins = section.querySelectorAll(`tbody [data-field="${CSS.escape(field.dataset.field)}"]`);
        for (const one of [field, ...twins]) one.dataset.empty = field.value;
      }
      totals(section);
    }
  }

  document.addEventListener("input", (event) => {
    const section = event.target.closest?.("[data-grid]");
    if (section) totals(section);
  });
  document.addEventListener("change", (event) => {
    const section = event.target.closest?.("[data-grid]");
    if (section) totals(section);
  });

  return { start, addRow, rowsOf, totals, renumber, withChoices };
})();
