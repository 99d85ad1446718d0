"use strict";
// The charts of the page, one function each.

const DATA = JSON.parse(document.getElementById("chart-data").textContent);
const FIRST_ROWS = 300;
const DASHES = { train: "6 4", validation: "", test: "1.5 3.5" };
const SHOWN_AT_FIRST = 3;

const styleOf = (model) => {
  const at = Math.max(0, DATA.models.indexOf(model));
  return { colour: at % 6, shape: (at + Math.floor(at / 6)) % 6 };
};

function losses(figure) {
  const parts = frame(figure, "history.csv");
  let at = 0;
  let log = DATA.losses[0].logarithmic;
  const hiddenModels = new Set();
  const hiddenRoles = new Set();
  let chart = null;
  const panelName = (p) => [p.variant, p.quantity].filter(Boolean).join(" · ");
  const redraw = (keep) => {
    const panel = DATA.losses[at];
    const regular = typeof panel.epochs === "number";
    const length = regular ? panel.epochs : panel.epochs.length;
    const axis = regular ? numberAxis("epoch", 1) : listAxis("epoch", panel.epochs);
    if (!regular) axis.name = (i) => `epoch ${panel.epochs[i]}`;
    const series = panel.lines.map((line) => ({
      ...styleOf(line.model), name: line.model, role: line.role,
      label: `${line.model}, ${line.role}`, dash: DASHES[line.role],
      values: line.mean.map((v) => v ?? NaN),
      low: line.role === "train" ? undefined : line.low?.map((v) => v ?? NaN),
      high: line.role === "train" ? undefined : line.high?.map((v) => v ?? NaN),
      hidden: hiddenModels.has(line.model) || hiddenRoles.has(line.role),
    }));
    const seeds = Math.max(...panel.lines.map((line) => line.seeds));
    chart = parts.draw({
      title: `${panel.quantity === "loss" ? "Loss" : "Accuracy"} by epoch${panel.variant ? `, ${panel.variant}` : ""}`,
      length, series, axis, log: log && panel.logarithmic,
      yLabel: `${panel.quantity}${seeds > 1 ? ` (mean of ${seeds} seeds, band: their range)` : ""}`,
      view: keep && chart ? chart.view : [0, length - 1],
    });
    return panel;
  };
  const legends = () => {
    const panel = DATA.losses[at];
    const models = [...new Set(panel.lines.map((line) => line.model))];
    const roles = [...new Set(panel.lines.map((line) => line.role))];
    parts.keys.replaceChildren(
      legend(chart, models.map((m) => ({ text: m, swatch: { ...styleOf(m), dash: "" } })), "models", hiddenModels),
      legend(chart, roles.map((r) => ({ text: r, swatch: { colour: "ink", shape: null, dash: DASHES[r] } })), "losses", hiddenRoles),
    );
  };
  redraw();
  legends();
  chart.host.addEventListener("legend", () => redraw(true));
  if (DATA.losses.length > 1) {
    parts.bar.append(select("of", DATA.losses.map(panelName), (value) => { at = value; redraw(); legends(); }));
  }
  const scale = button("logarithmic", "logarithmic scale", () => {
    log = !log;
    scale.setAttribute("aria-pressed", String(log));
    redraw(true);
  });
  scale.setAttribute("aria-pressed", String(log));
  if (DATA.losses.some((panel) => panel.logarithmic)) parts.bar.append(scale);
}

const decoded = new Map();
function forecastsOf(at) {
  if (!decoded.has(at)) {
    const panel = DATA.forecasts[at];
    decoded.set(at, {
      ...panel,
      truth: unpack(panel.truth),
      history: unpack(panel.history),
      axis: indexAxis(panel.index, panel.shown),
      models: panel.models.map((m) => ({ ...m, values: unpack(m.values), lower: unpack(m.lower), upper: unpack(m.upper) })),
    });
  }
  return decoded.get(at);
}

const ALL = -1; // in place of a step ahead
const column = (values, panel, step) =>
  values && (panel.steps === 1 || step === ALL ? values : Float32Array.from({ length: panel.shown }, (_, row) => values[row * panel.steps + step]));

function hideAllButTheBest(panel, hidden) {
  const networks = panel.models.filter((m) => !DATA.baselines.includes(m.model)).slice(0, SHOWN_AT_FIRST);
  const baseline = panel.models.find((m) => DATA.baselines.includes(m.model));
  const kept = new Set([...networks, baseline].filter(Boolean).map((m) => m.model));
  kept.add(DATA.outlook.model); // of a forecaster's own report, whatever kind it is
  for (const m of panel.models) if (!kept.has(m.model)) hidden.add(m.model);
}

function seedName(model) {
  return model.seed === null || model.seed === undefined ? model.model : `${model.model}, seed ${model.seed}`;
}

/** What the charts of forecasts share: variant, models, and a line about rows left out. */
function forecastFigure(figure, specOf, extra) {
  const parts = frame(figure, "predictions.csv");
  const hidden = new Set();
  const state = { at: 0, window: 0, step: 0, hidden, chart: null };
  const truth = { colour: "ink", shape: null, dash: "" };
  const redraw = (keep) => {
    const panel = forecastsOf(state.at);
    const spec = specOf(panel, state);
    if (keep && state.chart) spec.view = state.chart.view;
    state.chart = parts.draw(spec);
  };
  const rebuild = () => {
    const panel = forecastsOf(state.at);
    state.window = 0;
    state.step = panel.steps > 1 ? ALL : 0;
    hidden.clear();
    hideAllButTheBest(panel, hidden);
    redraw(false);
    const entries = panel.models.map((m) => ({ text: m.model, swatch: { ...styleOf(m.model), dash: "" } }));
    if (figure.dataset.truth) entries.unshift({ text: "truth", swatch: truth });
    parts.keys.replaceChildren(legend(state.chart, entries, "models", hidden));
    parts.bar.replaceChildren();
    if (DATA.forecasts.length > 1) {
      const chosen = select("variant", DATA.forecasts.map((p) => p.variant || "all"), (value) => { state.at = value; rebuild(); parts.bar.querySelector("select").focus(); });
      chosen.querySelector("select").value = state.at;
      parts.bar.append(chosen);
    }
    parts.bar.append(...extra(panel, state, redraw));
    if (panel.shown < panel.rows) {
      const which = panel.windowed ? `${panel.shown} evenly spaced rows` : `the first ${panel.shown} rows`;
      parts.bar.append(element("span", { class: "quiet" }, `The page carries ${which} of ${panel.rows}; all are in predictions.csv.`));
    }
  };
  rebuild();
  state.chart.host.addEventListener("legend", () => redraw(true));
}

const HINT = "Drag to zoom, shift-drag to pan, double-click for all; on a touch screen drag to pan.";

function windowSpec(panel, state) {
  const { window: W, steps: H } = panel;
  const row = state.window;
  const padded = (values, tail) => {
    const whole = new Float32Array(W + H).fill(NaN);
    for (let i = 0; i < H; i++) whole[W + i] = values[row * H + i];
    if (tail) for (let i = 0; i < W; i++) whole[i] = panel.history[row * W + i];
    return whole;
  };
  const series = [{
    name: "truth", colour: "ink", shape: 0, dash: "", values: padded(panel.truth, W > 0), hidden: state.hidden.has("truth"),
  }];
  for (const model of panel.models) {
    series.push({
      ...styleOf(model.model), name: model.model, label: seedName(model), dash: "",
      values: padded(model.values), pointsOnly: H === 1, hidden: state.hidden.has(model.model),
      low: model.lower ? padded(model.lower) : undefined, high: model.upper ? padded(model.upper) : undefined,
    });
  }
  const levels = [...new Set(panel.models.filter((m) => m.lower).map((m) => m.level))];
  const band = levels.length ? `, band: ${levels.map((l) => `${l} %`).join(", ")} interval` : "";
  return {
    title: `Forecasts${panel.variant ? `, ${panel.variant}` : ""}, ${panel.axis.name(row)}`,
    length: W + H, series, axis: numberAxis("step", W ? 1 - W : 1), view: [0, W + H - 1],
    yLabel: `${DATA.target}${band}`,
    hint: W ? "Steps up to 0 were known; the forecast begins at step 1." : HINT,
  };
}

function lineSpec(panel, state) {
  const classes = panel.classes.length ? panel.classes : null;
  const series = [{ name: "truth", colour: "ink", shape: 0, dash: "", values: panel.truth, step: Boolean(classes), hidden: state.hidden.has("truth") }];
  const shown = panel.models.filter((model) => !state.hidden.has(model.model));
  for (const model of panel.models) {
    series.push({
      ...styleOf(model.model), name: model.model, label: seedName(model), values: model.values, step: Boolean(classes),
      lift: classes ? (0.45 * (shown.indexOf(model) + 1)) / (shown.length + 1) : 0,
      dash: DATA.baselines.includes(model.model) ? "5 3" : "", low: model.lower ?? undefined, high: model.upper ?? undefined,
      hidden: state.hidden.has(model.model),
    });
  }
  return {
    title: `Predictions against truth${panel.variant ? `, ${panel.variant}` : ""}`,
    length: panel.shown, series, axis: panel.axis, yNames: classes, yLabel: DATA.target,
    view: [0, Math.min(panel.shown, FIRST_ROWS) - 1],
    hint: panel.shown > FIRST_ROWS ? `The first ${FIRST_ROWS} of ${panel.shown} rows; “all” shows every one. ${HINT}` : HINT,
  };
}

function forecasts(figure) {
  forecastFigure(
    figure,
    (panel, state) => (panel.windowed ? windowSpec(panel, state) : lineSpec(panel, state)),
    (panel, state, redraw) =>
      panel.windowed && panel.shown > 1
        ? [stepper("window", panel.shown, (i) => panel.axis.name(i), (value) => { state.window = value; redraw(true); })]
        : [],
  );
}

const stepControl = (panel, state, redraw) =>
  panel.steps > 1
    ? [select("step ahead", ["all", ...Array.from({ length: panel.steps }, (_, i) => String(i + 1))], (value) => { state.step = value - 1; redraw(false); })]
    : [];

/** All steps of all rows, one after the other. */
function stepsAxis(panel) {
  const rowOf = (i) => Math.floor(i / panel.steps);
  const { axis, steps } = panel;
  return {
    ...axis,
    name: (i) => `${axis.name(rowOf(i))}, step ${(i % steps) + 1}`,
    ticks: (from, to, wanted) => axis.ticks(rowOf(from), rowOf(to), wanted).map(([at, text]) => [at * steps, text]),
  };
}

function residualsOf(panel, model, step) {
  const truth = column(panel.truth, panel, step);
  return column(model.values, panel, step).map((v, i) => truth[i] - v);
}

function residuals(figure) {
  forecastFigure(figure, (panel, state) => ({
    title: `Residuals${panel.variant ? `, ${panel.variant}` : ""}`, zero: true, yLabel: "truth − forecast",
    ...(state.step === ALL
      ? { length: panel.shown * panel.steps, axis: stepsAxis(panel), view: [0, panel.shown * panel.steps - 1] }
      : { length: panel.shown, axis: panel.axis, view: [0, panel.shown - 1] }),
    hint: HINT,
    series: panel.models.map((model) => ({
      ...styleOf(model.model), name: model.model, label: seedName(model), dash: "", pointsOnly: true,
      values: residualsOf(panel, model, state.step), hidden: state.hidden.has(model.model),
    })),
  }), stepControl);
}

const BINS = 41;
function histogram(figure) {
  forecastFigure(figure, (panel, state) => {
    const shown = panel.models.filter((m) => !state.hidden.has(m.model));
    const all = new Map(panel.models.map((m) => [m, residualsOf(panel, m, state.step)]));
    const sizes = shown.flatMap((m) => Array.from(all.get(m), Math.abs)).filter(Number.isFinite).sort((a, b) => a - b);
    // The outermost thousandth would flatten everything else: it is counted in the end bins.
    const reach = sizes[Math.floor(sizes.length * 0.999)] || sizes.at(-1) || 1;
    const bin = (2 * reach) / BINS;
    const series = panel.models.map((model) => {
      const counts = new Float32Array(BINS);
      let total = 0;
      for (const r of all.get(model)) {
        if (!Number.isFinite(r)) continue;
        counts[Math.min(BINS - 1, Math.max(0, Math.floor((r + reach) / bin)))] += 1;
        total += 1;
      }
      return {
        ...styleOf(model.model), name: model.model, label: seedName(model), dash: "", step: true,
        values: counts.map((c) => (total ? (100 * c) / total : 0)), hidden: state.hidden.has(model.model),
      };
    });
    return {
      title: `Histogram of the residuals${panel.variant ? `, ${panel.variant}` : ""}`,
      length: BINS, series, zero: true, padded: true, yLabel: "% of the rows", view: [0, BINS - 1],
      axis: numberAxis("truth − forecast", -reach + bin / 2, bin, false),
    };
  }, stepControl);
}

const BLOCKS = 60;
function mistakes(figure) {
  forecastFigure(figure, (panel, state) => {
    const blocks = Math.min(BLOCKS, Math.max(1, Math.floor(panel.shown / 10)));
    const first = (block) => Math.floor((block * panel.shown) / blocks);
    const series = panel.models.map((model) => ({
      ...styleOf(model.model), name: model.model, label: seedName(model), step: true,
      dash: DATA.baselines.includes(model.model) ? "5 3" : "", hidden: state.hidden.has(model.model),
      values: Float32Array.from({ length: blocks }, (_, block) => {
        let wrong = 0;
        for (let i = first(block); i < first(block + 1); i++) wrong += model.values[i] !== panel.truth[i];
        return (100 * wrong) / (first(block + 1) - first(block));
      }),
    }));
    return {
      title: `Wrong classes over time${panel.variant ? `, ${panel.variant}` : ""}`,
      length: blocks, series, zero: true, padded: true, yLabel: "% wrong in each stretch", view: [0, blocks - 1],
      axis: listAxis("from", Array.from({ length: blocks }, (_, b) => panel.axis.name(first(b)))),
    };
  }, () => []);
}

function variants(figure) {
  const parts = frame(figure, "metrics.csv");
  const hidden = new Set();
  const { names, metrics } = DATA.variants;
  let at = 0;
  let chart = null;
  const redraw = () => {
    const metric = metrics[at];
    chart = parts.draw({
      title: `${metric.label} by variant`, length: names.length, axis: listAxis("variant", names),
      padded: true, yLabel: `${metric.label} (${metric.rising ? "higher" : "lower"} is better)`, view: [0, names.length - 1],
      series: Object.entries(metric.models).map(([model, values]) => ({
        ...styleOf(model), name: model, values: values.map((v) => v ?? NaN), hidden: hidden.has(model),
        dash: DATA.baselines.includes(model) ? "5 3" : "",
      })),
    });
  };
  redraw();
  const models = Object.keys(metrics[0].models);
  parts.keys.append(legend(chart, models.map((m) => ({ text: m, swatch: { ...styleOf(m), dash: "" } })), "models", hidden));
  chart.host.addEventListener("legend", redraw);
  if (metrics.length > 1) parts.bar.append(select("metric", metrics.map((m) => m.label), (value) => { at = value; redraw(); }));
}

/** What a figure's data-chart may name. */
const CHARTS = { losses, forecasts, residuals, histogram, mistakes, variants };
