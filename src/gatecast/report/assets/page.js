"use strict";
// Sorts tables, changes the theme, and makes charts when they come into view.

function sortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, at) => {
    const toggle = head.querySelector("button");
    if (!toggle) return;
    toggle.addEventListener("click", () => {
      const rising = head.ariaSort === "none" ? head.dataset.first !== "descending" : head.ariaSort === "descending";
      heads.forEach((other) => { if (other.ariaSort) other.ariaSort = "none"; });
      head.ariaSort = rising ? "ascending" : "descending";
      const key = (row) => row.cells[at].dataset.value ?? row.cells[at].textContent.trim();
      const compare = (a, b) => {
        const [x, y] = [key(a), key(b)];
        if (x === "" || y === "") return (x === "") - (y === ""); // nothing comes last either way
        const numeric = head.dataset.kind === "number";
        return (rising ? 1 : -1) * (numeric ? x - y : x.localeCompare(y, undefined, { numeric: true }));
      };
      table.tBodies[0].append(...[...table.tBodies[0].rows].sort(compare));
    });
  });
}

function theme() {
  const toggle = document.getElementById("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const current = () => document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light");
  const tell = () => {
    toggle.setAttribute("aria-pressed", String(current() === "dark"));
    toggle.querySelector("span").textContent = current() === "dark" ? "dark" : "light";
  };
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    document.documentElement.dataset.theme = current() === "dark" ? "light" : "dark";
    tell();
  });
  dark.addEventListener("change", tell);
  tell();
}

function start() {
  theme();
  document.querySelectorAll("table.sortable").forEach(sortable);
  const waiting = new Set(document.querySelectorAll("figure[data-chart]"));
  const make = (figure) => {
    if (waiting.delete(figure)) CHARTS[figure.dataset.chart](figure);
  };
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      seen.unobserve(entry.target);
      make(entry.target);
    }
  }, { rootMargin: "400px" });
  waiting.forEach((figure) => seen.observe(figure));
  // What lies below is drawn when nothing else is to do, so that it is there for who jumps to it.
  const later = window.requestIdleCallback ?? ((task) => setTimeout(task, 50));
  const next = () => {
    const [figure] = waiting;
    if (!figure) return;
    make(figure);
    later(next);
  };
  later(next);
  addEventListener("beforeprint", () => [...waiting].forEach(make));
}

start();
