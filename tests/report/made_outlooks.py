"""Results of forecasters made by hand: one series by the day, and a panel with hostile names."""

from dataclasses import replace

import numpy as np

from gatecast.results import (
    Alarm,
    Breakdown,
    Fan,
    Importance,
    Outlook,
    Predictions,
    Reliability,
    Result,
    Row,
    Training,
    Truth,
)
from tests.report.made_results import EVIL, META, summaries

LEVELS = (80.0, 95.0)
MODELS = {"gru": 1.0, "seasonal_naive": 1.6}


def fan(name, rng, start, *, window=60, horizon=14, step="D"):
    index = np.datetime64(start, step) + np.arange(window + horizon)
    t = np.arange(window + horizon)
    values = 120 + 0.2 * t + 15 * np.sin(2 * np.pi * t / 7) + 4 * rng.standard_normal(len(t))
    forecast = 120 + 0.2 * t[window:] + 15 * np.sin(2 * np.pi * t[window:] / 7)
    spread = 4 * np.sqrt(1 + 0.15 * np.arange(horizon))
    bands = {
        level: (forecast - z * spread, forecast + z * spread)
        for level, z in zip(LEVELS, (1.28, 1.96), strict=True)
    }
    return Fan(name, index, values[:window], forecast, bands)


def breakdowns(rng, origins, horizon, models):
    steps = np.arange(1, horizon + 1)

    def metrics(count, growth):
        return {
            name: {
                model: size * scale * growth * (1 + 0.1 * rng.standard_normal(count))
                for model, size in models.items()
            }
            for name, scale in (("mae", 3.0), ("rmse", 4.0))
        } | {"bias": {model: rng.standard_normal(count) for model in models}}

    return [
        Breakdown("origin", origins, metrics(len(origins), np.ones(len(origins)))),
        Breakdown("step", steps, metrics(horizon, np.sqrt(steps))),
    ]


def reliability(rng, horizon):
    by_step = np.array(LEVELS) + rng.normal(0, 2, (horizon, 2)) - 0.2 * np.arange(horizon)[:, None]
    return Reliability(
        np.array(LEVELS), by_step.mean(axis=0), np.array([14.2, 21.9]), np.array([18.1, 30.2]),
        by_step, 40 * horizon,
    )  # fmt: skip


def training(name, seed, rng, updates):
    stops = np.linspace(0, updates, 101)[1:].round()
    losses = 0.4 + np.exp(-6 * stops / updates) + 0.02 * rng.random(100)
    return Training(name, seed, stops, losses)


def classical() -> Result:
    """A classical model that its naive rival beats."""
    return daily(models={"theta": 2.0, "seasonal_naive": 1.0})


def daily(*, origins=40, horizon=14, models=MODELS) -> Result:
    """One series: everything that a forecaster's page can hold."""
    rng = np.random.default_rng(0)
    cutoffs = np.datetime64("2024-03-01") + np.arange(origins)
    truth = 120 + 15 * rng.standard_normal((origins, horizon))
    rows, predictions = [], []
    for model, size in models.items():
        forecast = truth + 3 * size * rng.standard_normal(truth.shape)
        error = forecast - truth
        mae = float(np.abs(error).mean())
        kind = "network" if model == "gru" else "baseline"
        metrics = {"mae": mae, "rmse": float((error**2).mean() ** 0.5), "mase": mae / 4.1}
        rows.append(Row(model, "", kind, 0 if kind == "network" else None, metrics, seconds=1.4))
        bounds = (forecast - 8, forecast + 8, 95.0) if kind == "network" else (None, None, None)
        predictions.append(Predictions(model, "", rows[-1].seed, forecast, *bounds))
    return Result(
        "forecast", "gru", "Sales, 14 days ahead", "forecast", "sales", rows,
        summaries(rows, rows[1].metrics["mae"], "mae"), ("mae", "rmse", "mase"),
        conclusions=["Its error is 38 % below that of repeating the last season."],
        truths=[Truth("", truth, cutoffs, 120 + 15 * rng.standard_normal((origins, 28)))],
        predictions=predictions,
        notes=["The last 53 days were held out; the network that forecasts saw all of them."],
        meta=META,
        outlook=Outlook(
            "The forecast is 38 % better than repeating the last season.",
            [fan("", rng, "2024-02-09")],
            breakdowns(rng, cutoffs, horizon, models),
            reliability(rng, horizon),
            [
                Importance("sales, the last 28 rows", 0.62),
                Importance("day of the week", 0.31),
                Importance("promotion", 0.07),
                Importance("temperature", -0.01),
            ],
            [training(f"gru, {rows} rows back", seed, rng, 100 * rows)
             for rows in (14, 28) for seed in range(4)],
        ),
    )  # fmt: skip


def one_step() -> Result:
    """The next day alone is forecast."""
    result = daily()
    assert result.outlook is not None
    next_day = fan("", np.random.default_rng(2), "2024-02-09", horizon=1)
    return replace(result, outlook=replace(result.outlook, fans=[next_day]))


def hostile_panel(*, series=70, horizon=6) -> Result:
    """Many series by the month, their names made to break a page; no backtest but an alarm."""
    rng = np.random.default_rng(1)
    names = [f"{EVIL} \"'& store {i}" if i % 2 else f"store $_{i}$" for i in range(series)]
    fans = [fan(n, rng, "2020-01", window=30, horizon=horizon, step="M") for n in names]
    rows = [Row("gru", "", "network", 0, {"mase": 1.2})]
    return Result(
        "forecast", EVIL, EVIL, "forecast", EVIL, rows, summaries(rows, 1.1, "mase"), ("mase",),
        alarms=[Alarm("gru", "", "flat", f"it hardly moves {EVIL}")],
        notes=[EVIL], meta={"command": EVIL},
        outlook=Outlook(
            f"It is 9 % worse than naive {EVIL}", fans, [],
            Reliability(np.array([90.0]), np.array([88.0]), np.array([np.nan]),
                        np.array([np.inf]), np.array([[np.nan], *[[90.0]] * (horizon - 1)]), 10),
            [Importance(EVIL, 0.0)],
        ),
    )  # fmt: skip
