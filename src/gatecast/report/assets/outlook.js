"use strict";
// The charts of a forecaster's report: what lies ahead, and how far to trust it.

const OUTLOOK = DATA.outlook;
const KNOWN = { colour: "ink", shape: null, dash: "", bare: true };
const IDEAL = { colour: "ink", shape: null, dash: "1.5 3.5", bare: true };
const perCent = (level) => `${level} %`;

function fanSpec(fan, hidden) {
  const { window: W, steps: H } = fan;
  const whole = (values, at) => {
    const padded = new Float32Array(W + H).fill(NaN);
    padded.set(unpack(values), at);
    return padded;
  };
  const bands = fan.bands
    .filter((band) => !hidden.has(perCent(band.level)))
    .map((band) => ({ name: perCent(band.level), low: whole(band.low, W), high: whole(band.high, W) }));
  return {
    title: `Forecast${fan.series ? ` of ${fan.series}` : ""}`, length: W + H, view: [0, W + H - 1],
    axis: indexAxis(fan.index, W + H), yLabel: DATA.target, mark: W ? W - 0.5 : null,
    series: [
      { ...KNOWN, name: "known", values: whole(fan.known, 0), hidden: hidden.has("known") },
      { ...styleOf(OUTLOOK.model), name: OUTLOOK.model, values: whole(fan.forecast, W), bands, dash: "", hidden: hidden.has(OUTLOOK.model) },
    ],
    hint: `What is right of the dashed line is forecast${bands.length ? "; the wider a band, the more of the truth it holds" : ""}. ${HINT}`,
  };
}

function fans(figure) {
  const parts = frame(figure, "ahead.csv");
  const hidden = new Set();
  let at = 0;
  let chart = null;
  const redraw = (keep) => {
    const spec = fanSpec(OUTLOOK.fans[at], hidden);
    if (keep && chart) spec.view = chart.view;
    chart = parts.draw(spec);
  };
  redraw();
  const bands = OUTLOOK.fans[0].bands.map((band, i) => ({
    text: perCent(band.level), swatch: { ...styleOf(OUTLOOK.model), shape: null, dash: "", bands: i + 1 },
  }));
  parts.keys.append(legend(chart, [
    { text: "known", swatch: KNOWN }, { text: OUTLOOK.model, swatch: { ...styleOf(OUTLOOK.model), dash: "" } }, ...bands,
  ], "lines and bands", hidden));
  chart.host.addEventListener("legend", () => redraw(true));
  if (OUTLOOK.fans.length > 1) {
    parts.bar.append(select("series", OUTLOOK.fans.map((fan) => fan.series), (value) => { at = value; redraw(false); }, true));
  }
  if (OUTLOOK.fans.length < OUTLOOK.series) {
    parts.bar.append(element("span", { class: "quiet" }, `The page carries the ${OUTLOOK.fans.length} series with the largest values of ${OUTLOOK.series.toLocaleString("en")}; all are in ahead.csv.`));
  }
}

function breakdown(figure) {
  const found = OUTLOOK.breakdowns.find((one) => one.by === figure.dataset.by);
  const parts = frame(figure, "metrics.json");
  const hidden = new Set();
  const names = Object.keys(found.metrics);
  let at = 0;
  let chart = null;
  const redraw = () => {
    const metric = found.metrics[names[at]];
    chart = parts.draw({
      title: `${metric.label} by ${found.by}`, length: found.count, view: [0, found.count - 1], padded: found.count < 40,
      zero: !metric.signed, yLabel: `${metric.label}${metric.signed ? "" : " (lower is better)"}`,
      axis: found.by === "step" ? numberAxis("step ahead", 1) : { ...indexAxis(found.places, found.count), label: "first step forecast" },
      series: Object.entries(metric.models).map(([model, values]) => ({
        ...styleOf(model), name: model, values: values.map((v) => v ?? NaN), hidden: hidden.has(model),
        dash: DATA.baselines.includes(model) ? "5 3" : "",
      })),
    });
  };
  redraw();
  const models = Object.keys(found.metrics[names[0]].models);
  parts.keys.append(legend(chart, models.map((m) => ({ text: m, swatch: { ...styleOf(m), dash: DATA.baselines.includes(m) ? "5 3" : "" } })), "models", hidden));
  chart.host.addEventListener("legend", redraw);
  if (names.length > 1) parts.bar.append(select("metric", names.map((n) => found.metrics[n].label), (value) => { at = value; redraw(); }));
}

/** Per cent meant against per cent measured: one point a level, and the line where they agree. */
function reliability(figure) {
  const { levels, covered } = OUTLOOK.reliability;
  const parts = frame(figure, "metrics.json");
  // The chart's positions are whole numbers: per cents, from 0 to 100.
  const at = (values) => {
    const line = new Float32Array(101).fill(NaN);
    levels.forEach((level, i) => { line[Math.round(level)] = values[i] ?? NaN; });
    return line;
  };
  const series = [
    { ...IDEAL, name: "as promised", values: Float32Array.from({ length: 101 }, (_, i) => i) },
    { ...styleOf(OUTLOOK.model), name: "measured", values: at(covered), pointsOnly: true },
  ];
  parts.draw({
    title: "Truth within the band, by level", length: 101, view: [Math.min(...levels) < 50 ? 0 : 50, 100], series,
    axis: numberAxis("% promised", 0), yLabel: "% of the truth within the band",
    hint: `Above the dotted line bands are wider than need be, below it they promise too much. ${HINT}`,
  });
  parts.keys.append(element("span", { class: "quiet" }, "Dotted: as promised. Points: measured."));
}

function coverage(figure) {
  const { levels, bySteps } = OUTLOOK.reliability;
  const parts = frame(figure, "metrics.json");
  const hidden = new Set();
  const style = (i) => ({ colour: i % 6, shape: i % 6 });
  let chart = null;
  const redraw = () => {
    const series = [];
    levels.forEach((level, i) => {
      const off = hidden.has(perCent(level));
      series.push({ ...style(i), name: perCent(level), values: bySteps.map((row) => row[i] ?? NaN), dash: "", hidden: off });
      series.push({ ...style(i), name: `${perCent(level)} promised`, values: bySteps.map(() => level), dash: "1.5 3.5", bare: true, hidden: off });
    });
    chart = parts.draw({
      title: "Truth within the band, by step ahead", length: bySteps.length, view: [0, bySteps.length - 1], series,
      padded: bySteps.length < 40, axis: numberAxis("step ahead", 1), yLabel: "% of the truth within the band (dotted: promised)",
    });
  };
  redraw();
  parts.keys.append(legend(chart, levels.map((level, i) => ({ text: perCent(level), swatch: { ...style(i), dash: "" } })), "levels", hidden));
  chart.host.addEventListener("legend", redraw);
}

/** The losses of each network, at updates that are about evenly spaced; seeds share a colour. */
function trainings(figure) {
  const { updates, lines, logarithmic } = OUTLOOK.trainings;
  const parts = frame(figure, "history.csv");
  const hidden = new Set();
  let log = logarithmic;
  let chart = null;
  const step = updates.length > 1 ? (updates.at(-1) - updates[0]) / (updates.length - 1) : 1;
  const axis = { ...numberAxis("update", updates[0], step), name: (i) => `update ${updates[i]}` };
  const networks = [...new Set(lines.map((line) => line.network))];
  const style = (network) => {
    const at = networks.indexOf(network);
    return { colour: at % 6, shape: null, dash: ["", "6 4", "1.5 3.5"][Math.floor(at / 6) % 3], bare: true };
  };
  const redraw = (keep) => {
    chart = parts.draw({
      title: "Training loss by update", length: updates.length, axis, log,
      view: keep && chart ? chart.view : [0, updates.length - 1], yLabel: "training loss",
      series: lines.map((line) => ({
        ...style(line.network), name: `${line.network}, seed ${line.seed}`, values: line.losses.map((v) => v ?? NaN),
        hidden: hidden.has(line.network),
      })),
    });
  };
  redraw();
  parts.keys.append(legend(chart, networks.map((network) => {
    const seeds = lines.filter((line) => line.network === network).map((line) => line.seed);
    return { text: network, shown: `${network}, ${seeds.length > 1 ? "seeds" : "seed"} ${seeds.join(", ")}`, swatch: style(network) };
  }), "networks", hidden));
  chart.host.addEventListener("legend", () => redraw(true));
  if (!logarithmic) return;
  const scale = button("logarithmic", "logarithmic scale", () => {
    log = !log;
    scale.setAttribute("aria-pressed", String(log));
    redraw(true);
  });
  scale.setAttribute("aria-pressed", "true");
  parts.bar.append(scale);
}

Object.assign(CHARTS, { fans, breakdown, reliability, coverage, trainings });
