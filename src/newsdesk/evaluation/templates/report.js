"use strict";
document.documentElement.classList.add("js");

for (const table of document.querySelectorAll("table[data-sortable]")) {
  const body = table.tBodies[0];
  for (const button of table.querySelectorAll("th button")) {
    button.addEventListener("click", () => {
      const head = button.closest("th");
      const column = head.cellIndex;
      const down = head.getAttribute("aria-sort") !== "descending";
      for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const value = (row) => row.cells[column].dataset.v ?? row.cells[column].textContent;
      const numeric = head.classList.contains("n");
      const order = (a, b) => numeric ? value(a) - value(b) : value(b).localeCompare(value(a));
      const rows = [...body.rows].sort(order);
      body.append(...(down ? rows.reverse() : rows));
    });
  }
}

const form = document.querySelector(".filter");
if (form) {
  const pairs = [...document.querySelectorAll(".pair")];
  const open = pairs.map((pair) => pair.open);
  const said = form.querySelector("output");
  const apply = () => {
    const words = form.elements.text.value.trim().toLocaleLowerCase();
    const right = form.elements.right.value;
    const answer = form.elements.answer.value;
    let n = 0;
    pairs.forEach((pair, index) => {
      const fits = (!right || pair.dataset.true === right) && (!answer || pair.dataset.said === answer);
      let shown = 0;
      for (const item of pair.querySelectorAll(".mistake")) {
        const hit = fits && (!words || item.textContent.toLocaleLowerCase().includes(words));
        item.hidden = !hit;
        shown += hit ? 1 : 0;
      }
      pair.hidden = shown === 0;
      pair.open = words || right || answer ? shown > 0 : open[index];
      n += shown;
    });
    said.textContent = words || right || answer ? `${n} of the errors shown here match.` : "";
  };
  form.addEventListener("input", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => event.preventDefault());
}
