"use strict";
// Line charts as SVG: zoom, pan, hover, keyboard, logarithmic scale, bands.
// Positions on the x axis are whole numbers (rows, epochs, bins); `spec.axis` names them.

const SHAPES = [
  (x, y, r) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`,
  (x, y, r) => `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}z`,
  (x, y, r) => `M${x} ${y - r * 1.2}l${r * 1.2} ${r * 2.2}h${-r * 2.4}z`,
  (x, y, r) => `M${x} ${y - r * 1.3}l${r * 1.3} ${r * 1.3}l${-r * 1.3} ${r * 1.3}l${-r * 1.3} ${-r * 1.3}z`,
  (x, y, r) => `M${x - r * 1.3} ${y}h${r * 2.6}M${x} ${y - r * 1.3}v${r * 2.6}`,
  (x, y, r) => `M${x - r} ${y - r}l${2 * r} ${2 * r}M${x - r} ${y + r}l${2 * r} ${-2 * r}`,
];

/** Points of a cloud: more cannot be told apart, and cost time. */
const MOST_POINTS = 2500;

const escapeText = (text) =>
  String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

function formatNumber(value) {
  if (value === null || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e7)) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}

function niceTicks(low, high, wanted) {
  const rough = (high - low) / Math.max(1, wanted);
  if (!(rough > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.999);
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) {
    ticks.push(Number((k * step).toPrecision(12)));
  }
  return ticks;
}

function logTicks(low, high) {
  const ticks = [];
  const decades = Math.log10(high / low);
  if (decades < 0.6) return niceTicks(low, high, 5);
  const within = decades > 4 ? [1] : decades > 1.5 ? [1, 3] : [1, 1.5, 2, 3, 4, 5, 7];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const m of within) {
      const value = Number((m * 10 ** power).toPrecision(3));
      if (value >= low && value <= high) ticks.push(value);
    }
  }
  const every = Math.ceil(ticks.length / 8);
  return ticks.filter((_, i) => i % every === 0);
}

/** A path in as few points as the eye can tell: least and greatest of each pixel column. */
function linePath(values, from, to, toX, toY, columns, step) {
  let path = "";
  let open = false;
  const add = (x, y) => {
    path += `${open ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    open = true;
  };
  const bucket = Math.max(1, Math.floor((to - from + 1) / columns));
  let last = null;
  for (let i = from; i <= to; i += bucket) {
    let low = Infinity;
    let high = -Infinity;
    let lowAt = i;
    let highAt = i;
    for (let j = i; j < Math.min(i + bucket, to + 1); j++) {
      const v = values[j];
      if (!Number.isFinite(v)) continue;
      if (v < low) { low = v; lowAt = j; }
      if (v > high) { high = v; highAt = j; }
    }
    if (low === Infinity) { open = false; last = null; continue; }
    if (step && bucket === 1) {
      if (last !== null) add(toX(i - 0.5), toY(last));
      add(toX(i - 0.5), toY(low));
      add(toX(i + 0.5), toY(low));
      last = low;
    } else if (lowAt === highAt) {
      add(toX(lowAt), toY(low));
    } else if (lowAt < highAt) {
      add(toX(lowAt), toY(low));
      add(toX(highAt), toY(high));
    } else {
      add(toX(highAt), toY(high));
      add(toX(lowAt), toY(low));
    }
  }
  return path;
}

/** The bands of a line, widest first: [{name?, low, high}]. */
const bandsOf = (series) => series.bands ?? (series.low ? [{ low: series.low, high: series.high }] : []);

function bandPath(series, from, to, toX, toY, columns) {
  const every = Math.max(1, Math.floor((to - from + 1) / columns));
  const there = [];
  const back = [];
  for (let i = from; i <= to; i += every) {
    if (!Number.isFinite(series.low[i]) || !Number.isFinite(series.high[i])) continue;
    there.push(`${toX(i).toFixed(1)} ${toY(series.high[i]).toFixed(1)}`);
    back.unshift(`${toX(i).toFixed(1)} ${toY(series.low[i]).toFixed(1)}`);
  }
  if (there.length === 1) { // of one point a band has no width: a bar stands for it
    const [x, top] = there[0].split(" ").map(Number);
    return `M${x - 5} ${top}H${x + 5}V${back[0].split(" ")[1]}H${x - 5}z`;
  }
  return there.length ? `M${there.concat(back).join("L")}z` : "";
}

class LineChart {
  /**
   * spec: {length, series: [{name, role, colour, shape, dash, values, low?, high?, bands?, step?, bare?}],
   *        axis: {label, ticks(low, high, wanted) -> [[position, text]], name(position)},
   *        yLabel, yNames?, log?, zero?, mark?, view: [from, to], title}
   */
  constructor(host, spec) {
    this.host = host;
    this.svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    this.svg.setAttribute("role", "img");
    this.svg.setAttribute("tabindex", "0");
    this.readout = document.createElement("output");
    this.readout.className = "readout";
    host.replaceChildren(this.svg, this.readout);
    this.listen();
    this.show(spec);
    new ResizeObserver(() => {
      if (this.width !== Math.round(host.clientWidth)) this.draw();
    }).observe(host);
  }

  show(spec) {
    this.spec = spec;
    this.cursor = null;
    this.setView(...spec.view);
  }

  setView(from, to) {
    const last = this.spec.length - 1;
    const width = Math.min(Math.max(to - from, Math.min(4, last)), last);
    from = Math.min(Math.max(0, Math.round(from)), last - Math.round(width));
    this.view = [from, from + Math.round(width)];
    this.draw();
  }

  zoom(factor, centre) {
    const [from, to] = this.view;
    const at = centre ?? this.cursor ?? (from + to) / 2;
    this.setView(at - (at - from) * factor, at + (to - at) * factor);
  }

  pan(share) {
    const [from, to] = this.view;
    const shift = Math.sign(share) * Math.max(1, Math.abs(share) * (to - from));
    this.setView(from + shift, to + shift);
  }

  visible() {
    return this.spec.series.filter((series) => !series.hidden);
  }

  range() {
    const [from, to] = this.view;
    let low = Infinity;
    let high = -Infinity;
    for (const series of this.visible()) {
      for (const values of [series.values, ...bandsOf(series).flatMap((band) => [band.low, band.high])]) {
        for (let i = from; i <= Math.min(to, values.length - 1); i++) {
          const v = values[i];
          if (!Number.isFinite(v) || (this.spec.log && v <= 0)) continue;
          if (v < low) low = v;
          if (v > high) high = v;
        }
      }
    }
    if (this.spec.yNames) return [-0.2, this.spec.yNames.length - 0.4];
    if (low === Infinity) return this.spec.log ? [0.1, 1] : [0, 1];
    if (this.spec.zero) { low = Math.min(0, low); high = Math.max(0, high); }
    if (this.spec.log) {
      const pad = Math.max((high / low) ** 0.05, 1.02);
      return [low / pad, high * pad];
    }
    const pad = (high - low) * 0.05 || Math.abs(high) * 0.1 || 1;
    return [this.spec.zero && low === 0 ? 0 : low - pad, high + pad];
  }

  draw() {
    const { spec } = this;
    this.width = Math.round(this.host.clientWidth);
    const width = Math.max(240, this.width);
    const height = this.height = Math.round(Math.min(360, Math.max(220, width * 0.42)));
    const [low, high] = this.range();
    const yTicks = spec.yNames
      ? spec.yNames.map((name, i) => [i, name])
      : (spec.log ? logTicks(low, high) : niceTicks(low, high, 5)).map((v) => [v, formatNumber(v)]);
    const longest = Math.max(...yTicks.map(([, text]) => Math.min(18, text.length)), 3);
    const box = this.box = { left: Math.min(14 + 7.6 * longest, width * 0.36), right: width - 12, top: 26, bottom: height - 40 };
    const [from, to] = this.view;
    const span = spec.padded ? to - from + 1 : Math.max(1, to - from);
    const start = spec.padded ? from - 0.5 : from;
    const toX = this.toX = (i) => box.left + ((i - start) / span) * (box.right - box.left);
    const scale = spec.log ? Math.log : (v) => v;
    const toY = this.toY = (v) =>
      box.bottom - ((scale(Math.max(v, spec.log ? low : -Infinity)) - scale(low)) /
        (scale(high) - scale(low))) * (box.bottom - box.top);
    const parts = [];
    parts.push(this.axes(yTicks, width, height));
    if (spec.mark !== undefined && spec.mark !== null && spec.mark >= from && spec.mark <= to) {
      parts.push(`<path class="now" d="M${toX(spec.mark).toFixed(1)} ${box.top}V${box.bottom}"/>`);
    }
    const ink = (series) => series.colour === "ink"; // the truth is drawn over the forecasts
    for (const series of this.visible().sort((a, b) => ink(a) - ink(b))) parts.push(this.drawSeries(series));
    parts.push('<g class="cursor"></g>');
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.setAttribute("aria-label", this.describe());
    this.svg.innerHTML = parts.join("");
    this.point(this.cursor, false);
    this.host.dispatchEvent(new CustomEvent("drawn"));
  }

  axes(yTicks, width, height) {
    const { box, spec } = this;
    const parts = [];
    for (const [value, text] of yTicks) {
      const y = this.toY(value).toFixed(1);
      const shown = text.length > 18 ? `${text.slice(0, 17)}…` : text;
      parts.push(`<path class="grid" d="M${box.left} ${y}H${box.right}"/>`);
      parts.push(`<text class="tick" x="${box.left - 6}" y="${y}" dy=".32em" text-anchor="end">${escapeText(shown)}</text>`);
    }
    for (const [position, text] of spec.axis.ticks(...this.view, (box.right - box.left) / (spec.axis.spacing ?? 75))) {
      const x = this.toX(position);
      const half = 3.6 * text.length;
      const anchor = x + half > width ? "end" : x < half ? "start" : "middle";
      parts.push(`<path class="grid" d="M${x.toFixed(1)} ${box.bottom}v5"/>`);
      parts.push(`<text class="tick" x="${x.toFixed(1)}" y="${box.bottom + 17}" text-anchor="${anchor}">${escapeText(text)}</text>`);
    }
    parts.push(`<text class="label" x="2" y="14">${escapeText(spec.yLabel)}</text>`);
    parts.push(`<text class="label" x="${box.right}" y="${height - 6}" text-anchor="end">${escapeText(spec.axis.label)}</text>`);
    return parts.join("");
  }

  drawSeries(series) {
    const [from, end] = this.view;
    const to = Math.min(end, series.values.length - 1);
    const columns = this.box.right - this.box.left;
    // Lines of classes lie on each other: each is drawn a little above the one before.
    const toY = (v) => this.toY(v + (series.lift ?? 0));
    const parts = [`<g class="series c${series.colour}">`];
    for (const band of bandsOf(series)) {
      parts.push(`<path class="band" d="${bandPath(band, from, to, this.toX, this.toY, columns)}"/>`);
    }
    if (!series.pointsOnly) {
      const path = linePath(series.values, from, to, this.toX, toY, columns, series.step);
      const dash = series.dash ? ` stroke-dasharray="${series.dash}"` : "";
      parts.push(`<path class="line"${dash} d="${path}"/>`);
    }
    // A marker on each point where they are few, on eight of them otherwise: shape tells models
    // apart where colour does not.
    const count = to - from;
    const few = count < columns / 14 && !series.step;
    const wanted = series.pointsOnly ? MOST_POINTS : 8;
    const every = few ? 1 : Math.max(1, Math.ceil(count / wanted));
    const offset = few || series.pointsOnly ? 0 : Math.floor((every * (series.shape % 6)) / 6);
    const radius = !series.pointsOnly ? 3.5 : count < 60 ? 4.5 : count < 400 ? 3 : 1.3;
    let marks = "";
    for (let i = from + offset; i <= to; i += every) {
      if (Number.isFinite(series.values[i])) {
        marks += SHAPES[series.shape % 6](this.toX(i), toY(series.values[i]), radius);
      }
    }
    const dense = series.pointsOnly && count >= 400 ? " dense" : "";
    if (!series.bare) parts.push(`<path class="mark${dense}" d="${marks}"/>`);
    parts.push("</g>");
    return parts.join("");
  }

  describe() {
    const { spec } = this;
    const [from, to] = this.view;
    const names = this.visible().map((series) => series.label || series.name).join(", ");
    return `${spec.title}. ${spec.yLabel} by ${spec.axis.label}, from ${spec.axis.name(from)} to ${spec.axis.name(to)}: ${names || "nothing selected"}. Arrow keys read the values; plus and minus zoom.`;
  }

  /** Show the values at a position, or none. */
  point(position, drawn = true) {
    this.cursor = position;
    const group = this.svg.querySelector(".cursor");
    if (position === null) {
      if (group) group.innerHTML = "";
      this.readout.textContent = this.spec.hint ?? "Point at the chart, or focus it and use the arrow keys, to read values.";
      return;
    }
    const x = this.toX(position);
    const parts = [`<path d="M${x.toFixed(1)} ${this.box.top}V${this.box.bottom}"/>`];
    const values = [];
    for (const series of this.visible()) {
      const value = series.values[position];
      if (!Number.isFinite(value)) continue;
      parts.push(`<circle class="c${series.colour}" cx="${x.toFixed(1)}" cy="${this.toY(value + (series.lift ?? 0)).toFixed(1)}" r="4.5"/>`);
      let text = this.spec.yNames ? this.spec.yNames[value] ?? "–" : formatNumber(value);
      for (const band of bandsOf(series)) {
        if (!Number.isFinite(band.low[position])) continue;
        const name = band.name ? `${band.name}: ` : "";
        text += ` (${name}${formatNumber(band.low[position])} to ${formatNumber(band.high[position])})`;
      }
      values.push(`<span class="c${series.colour}"><b>${escapeText(series.label || series.name)}</b> ${escapeText(text)}</span>`);
    }
    if (drawn || group) group.innerHTML = parts.join("");
    this.readout.innerHTML = `<span class="at">${escapeText(this.spec.axis.name(position))}</span> ${values.join(" ")}`;
  }

  positionAt(event) {
    const rectangle = this.svg.getBoundingClientRect();
    const x = ((event.clientX - rectangle.left) / rectangle.width) * Math.max(240, this.width);
    const share = (x - this.box.left) / (this.box.right - this.box.left);
    const [from, to] = this.view;
    const padded = this.spec.padded;
    const exact = padded ? from - 0.5 + share * (to - from + 1) : from + share * (to - from);
    return Math.min(to, Math.max(from, Math.round(exact)));
  }

  listen() {
    let drag = null;
    this.svg.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      const panning = event.shiftKey || event.pointerType !== "mouse";
      drag = { from: this.positionAt(event), view: this.view, panning, x: event.clientX };
      this.svg.setPointerCapture(event.pointerId);
    });
    this.svg.addEventListener("pointermove", (event) => {
      const at = this.positionAt(event);
      if (drag?.panning) {
        const perPixel = (drag.view[1] - drag.view[0]) / (this.box.right - this.box.left);
        const shift = (drag.x - event.clientX) * perPixel;
        if (Math.abs(shift) >= 1) this.setView(drag.view[0] + shift, drag.view[1] + shift);
        return;
      }
      this.point(at);
      if (drag && Math.abs(event.clientX - drag.x) > 6) this.select(drag.from, at);
    });
    this.svg.addEventListener("pointerup", (event) => {
      if (drag && !drag.panning && Math.abs(event.clientX - drag.x) > 6) {
        const at = this.positionAt(event);
        this.setView(Math.min(drag.from, at), Math.max(drag.from, at));
      } else if (drag) {
        this.point(this.positionAt(event));
      }
      drag = null;
    });
    this.svg.addEventListener("pointercancel", () => { drag = null; });
    this.svg.addEventListener("pointerleave", () => { if (!drag) this.point(null); });
    this.svg.addEventListener("blur", () => this.point(null));
    this.svg.addEventListener("dblclick", () => this.setView(0, this.spec.length - 1));
    this.svg.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.altKey) return; // the page scrolls
      event.preventDefault();
      this.zoom(event.deltaY > 0 ? 1.25 : 0.8, this.positionAt(event));
    }, { passive: false });
    this.svg.addEventListener("keydown", (event) => this.key(event));
  }

  select(from, to) {
    const left = this.toX(Math.min(from, to));
    const right = this.toX(Math.max(from, to));
    this.svg.querySelector(".cursor").innerHTML +=
      `<rect class="selection" x="${left}" y="${this.box.top}" width="${right - left}" height="${this.box.bottom - this.box.top}"/>`;
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [from, to] = this.view;
    const step = event.shiftKey ? Math.max(1, Math.round((to - from) / 10)) : 1;
    const move = (by) => {
      const at = (this.cursor ?? (by > 0 ? from - by : to - by)) + by;
      if (at < from || at > to) this.pan(by > 0 ? 0.25 : -0.25);
      this.point(Math.min(this.view[1], Math.max(this.view[0], at)));
    };
    const actions = {
      ArrowRight: () => move(step),
      ArrowLeft: () => move(-step),
      "+": () => this.zoom(0.5),
      "=": () => this.zoom(0.5),
      "-": () => this.zoom(2),
      Home: () => { this.setView(0, to - from); this.point(0); },
      End: () => { this.setView(this.spec.length - 1 - (to - from), this.spec.length - 1); this.point(this.view[1]); },
      0: () => this.setView(0, this.spec.length - 1),
      Escape: () => this.point(null),
    };
    if (!(event.key in actions)) return;
    event.preventDefault();
    actions[event.key]();
  }
}
