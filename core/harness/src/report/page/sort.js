// Sorts the rows of a table by the column whose heading is chosen, and the other way round when it is chosen again.
"use strict";
for (const button of document.querySelectorAll("table.sortable th button")) {
  button.addEventListener("click", () => {
    const heading = button.closest("th");
    const table = heading.closest("table");
    const sign = heading.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    const key = (row) => {
      const cell = row.cells[heading.cellIndex];
      const text = cell.dataset.key ?? cell.textContent;
      return text.trim() === "" || isNaN(text) ? text : Number(text);
    };
    const compare = (a, b) =>
      typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
    const rows = [...table.tBodies[0].rows];
    rows.sort((a, b) => sign * compare(key(a), key(b)));
    table.tBodies[0].append(...rows);
    for (const other of heading.parentElement.cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", sign === 1 ? "ascending" : "descending");
  });
}
