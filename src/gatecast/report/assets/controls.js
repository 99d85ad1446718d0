"use strict";
// The parts around a chart: selectors, legend, zoom buttons, the table behind it.

const TABLE_ROWS = 200;

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function button(text, label, action) {
  const made = element("button", { type: "button", "aria-label": label, title: label }, text);
  made.addEventListener("click", action);
  return made;
}

let controls = 0;
function select(label, options, action, wide = false) {
  const id = `control-${++controls}`;
  const made = element("select", { id });
  options.forEach((text, value) => made.append(element("option", { value }, text)));
  made.addEventListener("change", () => action(Number(made.value)));
  return element("span", { class: wide ? "control wide" : "control" }, element("label", { for: id }, label), made);
}

function stepper(label, count, name, action) {
  const id = `control-${++controls}`;
  const input = element("input", { id, type: "range", min: 0, max: count - 1, value: 0 });
  const shown = element("output", { for: id }, name(0));
  const go = (to) => {
    input.value = to;
    shown.textContent = name(Number(input.value));
    input.setAttribute("aria-valuetext", shown.textContent);
    action(Number(input.value));
  };
  input.addEventListener("input", () => go(input.value));
  return element(
    "span", { class: "control wide" }, element("label", { for: id }, label),
    button("‹", `previous ${label}`, () => go(Number(input.value) - 1)), input,
    button("›", `next ${label}`, () => go(Number(input.value) + 1)), shown,
  );
}

function swatch(series) {
  const dash = series.dash ? ` stroke-dasharray="${series.dash}"` : "";
  const line = series.pointsOnly || series.bands ? "" : `<path class="line"${dash} d="M1 8H33"/>`;
  const band = '<path class="band" d="M1 2H33V14H1z"/>'.repeat(series.bands ?? 0); // on each other
  const mark = series.shape === null ? "" : `<path class="mark" d="${SHAPES[series.shape % 6](17, 8, 4)}"/>`;
  return `<svg viewBox="0 0 34 16" aria-hidden="true" class="series c${series.colour}">${band}${line}${mark}</svg>`;
}

/** Buttons that show and hide lines; `entries` are {text, shown (in its place), swatch}. */
function legend(chart, entries, name, remember) {
  const list = element("ul", { class: "legend", "aria-label": name });
  for (const entry of entries) {
    const toggle = element("button", { type: "button", "aria-pressed": String(!remember.has(entry.text)) });
    toggle.innerHTML = `${swatch(entry.swatch)}<span>${escapeText(entry.shown ?? entry.text)}</span>`;
    toggle.addEventListener("click", () => {
      if (!remember.delete(entry.text)) remember.add(entry.text);
      toggle.setAttribute("aria-pressed", String(!remember.has(entry.text)));
      chart.host.dispatchEvent(new CustomEvent("legend"));
    });
    list.append(element("li", {}, toggle));
  }
  return list;
}

/** Plot, zoom buttons and the table behind it: the parts that all charts have. */
function frame(figure, file) {
  const bar = element("div", { class: "controls" });
  const keys = element("div", { class: "legends" });
  const plot = element("div", { class: "plot" });
  const zooms = element("div", { class: "zooms", role: "group", "aria-label": "zoom and pan" });
  const behind = element("details", { class: "behind" }, element("summary", {}, "The numbers behind this chart"));
  figure.querySelector(".stage").replaceChildren(bar, keys, plot, zooms, behind);
  let chart = null;
  const fill = () => { if (behind.open && chart) behind.replaceChildren(behind.firstChild, tableOf(chart, file)); };
  behind.addEventListener("toggle", fill);
  plot.addEventListener("drawn", fill);
  return {
    bar, keys,
    draw(spec) {
      if (chart) { chart.show(spec); return chart; }
      chart = new LineChart(plot, spec);
      zooms.append(
        button("◀", "earlier", () => chart.pan(-0.5)),
        button("▶", "later", () => chart.pan(0.5)),
        button("+", "zoom in", () => chart.zoom(0.5)),
        button("−", "zoom out", () => chart.zoom(2)),
        button("all", "show all", () => chart.setView(0, chart.spec.length - 1)),
      );
      return chart;
    },
  };
}

function tableOf(chart, file) {
  const { spec } = chart;
  const [from, to] = chart.view;
  const every = Math.max(1, Math.ceil((to - from + 1) / TABLE_ROWS));
  const series = chart.visible();
  const table = element("table");
  const head = element("tr", {}, element("th", { scope: "col" }, spec.axis.label));
  series.forEach((s) => head.append(element("th", { scope: "col" }, s.label || s.name)));
  table.append(element("caption", {}, `${spec.title}${every > 1 ? `, every ${every} rows` : ""} in the range shown; everything is in ${file}`));
  table.append(element("thead", {}, head));
  const body = element("tbody");
  for (let i = from; i <= to; i += every) {
    const row = element("tr", {}, element("th", { scope: "row" }, spec.axis.name(i)));
    for (const s of series) {
      const v = s.values[i];
      row.append(element("td", {}, spec.yNames && Number.isFinite(v) ? spec.yNames[v] ?? "–" : formatNumber(v ?? NaN)));
    }
    body.append(row);
  }
  table.append(body);
  return element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `numbers of: ${spec.title}` }, table);
}
