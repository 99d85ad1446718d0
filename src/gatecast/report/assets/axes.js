"use strict";
// Where charts get their numbers and the names of their positions.

function unpack(packed) {
  if (!packed) return null;
  const text = atob(packed.bytes ?? packed.steps);
  const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
  if (packed.bytes !== undefined) return Float32Array.from(bytes, (v) => (v === 255 ? NaN : v));
  const view = new DataView(bytes.buffer);
  const values = new Float32Array(bytes.length / 2);
  for (let i = 0; i < values.length; i++) {
    const step = view.getUint16(2 * i, true);
    values[i] = step === 65535 ? NaN : packed.low + step * packed.step;
  }
  return values;
}

/** Positions that stand for equally spaced numbers. */
function numberAxis(label, first = 0, step = 1, whole = true) {
  return {
    label,
    name: (i) => (whole ? `${label} ${first + step * i}` : `${label} ${formatNumber(first + step * i)}`),
    ticks: (from, to, wanted) =>
      niceTicks(first + step * from, first + step * to, wanted)
        .filter((v) => !whole || Number.isInteger(v))
        .map((v) => [(v - first) / step, whole ? String(v) : formatNumber(v)]),
  };
}

function listAxis(label, names) {
  return {
    label,
    spacing: 110,
    name: (i) => String(names[i] ?? ""),
    ticks: (from, to, wanted) => {
      const every = Math.max(1, Math.ceil((to - from + 1) / Math.max(2, wanted)));
      const ticks = [];
      for (let i = Math.ceil(from / every) * every; i <= to; i += every) {
        const text = String(names[i] ?? "");
        ticks.push([i, text.length > 14 ? `${text.slice(0, 13)}…` : text]);
      }
      return ticks;
    },
  };
}

const MINUTE = 60e3;
const DAY = 1440 * MINUTE;
const CLOCK = [1, 5, 15, 30, 60, 180, 360, 720].map((m) => m * MINUTE).concat([DAY, 2 * DAY, 7 * DAY, 14 * DAY]);
const MONTHS = [1, 3, 6, 12, 24, 60, 120];
const iso = (time) => new Date(time).toISOString();

function timeName(time, step) {
  const text = iso(time);
  return step % DAY === 0 ? text.slice(0, 10) : text.slice(0, step < MINUTE ? 19 : 16).replace("T", " ");
}

/** Moments at whole hours, days, months or years within a span. */
function moments(low, high, wanted) {
  const rough = (high - low) / Math.max(1, wanted);
  const step = CLOCK.find((s) => s >= rough);
  const found = [];
  if (step) {
    for (let t = Math.ceil(low / step) * step; t <= high; t += step) {
      const midnight = t % DAY === 0;
      found.push([t, step >= DAY || midnight ? iso(t).slice(5, 10) : iso(t).slice(11, 16)]);
    }
    return found;
  }
  const months = MONTHS.find((m) => m * 30.4 * DAY >= rough) ?? 240;
  const start = new Date(low);
  let month = Math.ceil((start.getUTCFullYear() * 12 + start.getUTCMonth()) / months) * months;
  for (;; month += months) {
    const t = Date.UTC(Math.floor(month / 12), month % 12);
    if (t > high) return found;
    if (t >= low) found.push([t, months >= 12 ? iso(t).slice(0, 4) : iso(t).slice(0, 7)]);
  }
}

function indexAxis(index, length) {
  const at = (i) => (index.values ? index.values[i] : index.from + index.step * i);
  if (index.kind === "row" && !index.values) return numberAxis("row", index.from, index.step);
  if (index.kind !== "time") {
    return listAxis("row", index.values.map((v) => v ?? "–"));
  }
  const times = Array.from({ length }, (_, i) => at(i));
  const sorted = times.every((t, i) => t !== null && (i === 0 || t >= times[i - 1]));
  const step = length > 1 ? Math.abs(times[1] - times[0]) : DAY;
  const daily = times.every((t) => t === null || t % DAY === 0);
  const name = (i) => (times[i] == null ? "–" : timeName(times[i], daily ? DAY : step));
  if (!sorted) return { ...listAxis("time", times.map((_, i) => name(i))) };
  const positionOf = (t) => {
    let low = 0;
    let high = length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (times[middle] < t) low = middle + 1; else high = middle;
    }
    const before = times[low - 1];
    return low > 0 && times[low] > t ? low - (times[low] - t) / (times[low] - before) : low;
  };
  return {
    label: "time",
    name,
    ticks: (from, to, wanted) =>
      moments(times[Math.ceil(from)], times[Math.floor(to)], wanted).map(([t, text]) => [positionOf(t), text]),
  };
}
