// Long tables: a field that keeps the rows with the words typed, and headings that sort. Works from file:// too.
(function () {
  "use strict";
  // pages opened as files may not read each other: results without an excerpt, and no error in the console
  if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

  const LONG = 25;
  const russian = document.documentElement.lang === "ru";
  const words = russian
    ? { find: "Искать в таблице", of: "из", sort: "Сортировать" }
    : { find: "Search the table", of: "of", sort: "Sort" };

  function key(cell) {
    const text = cell.textContent.trim();
    const number = text.replace(/[\u00a0\s%]/g, "").replace(",", ".");
    return number !== "" && !isNaN(number) ? Number(number) : text.toLowerCase();
  }

  function compare(a, b) {
    if (typeof a === "number" && typeof b === "number") return a - b;
    if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
    return a.localeCompare(b, document.documentElement.lang);
  }

  function upgrade(table) {
    const body = table.tBodies[0];
    if (!body || body.rows.length < LONG) return;
    const rows = Array.from(body.rows);
    const texts = rows.map((row) => row.textContent.toLowerCase());
    const box = document.createElement("div");
    box.className = "table-search";
    const field = document.createElement("input");
    field.type = "search";
    field.placeholder = words.find;
    field.setAttribute("aria-label", words.find);
    const count = document.createElement("span");
    count.setAttribute("aria-live", "polite");
    box.append(field, count);
    const place = table.closest(".table-wrapper") || table;
    place.before(box);
    field.addEventListener("input", function () {
      const asked = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      rows.forEach(function (row, n) {
        const keep = asked.every((word) => texts[n].includes(word));
        row.hidden = !keep;
        shown += keep ? 1 : 0;
      });
      count.textContent = asked.length ? shown + " " + words.of + " " + rows.length : "";
    });
    Array.from(table.tHead.rows[0].cells).forEach(function (cell, column) {
      const button = document.createElement("button");
      button.type = "button";
      button.title = words.sort;
      button.append(...cell.childNodes);
      cell.append(button);
      button.addEventListener("click", function () {
        const up = cell.getAttribute("aria-sort") !== "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        cell.setAttribute("aria-sort", up ? "ascending" : "descending");
        const order = rows.slice().sort((a, b) => (up ? 1 : -1) * compare(key(a.cells[column]), key(b.cells[column])));
        body.append(...order);
      });
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("article table").forEach(upgrade);
  });
})();
