"""Results made by hand, as runs of the lab would return them."""

import numpy as np

from gatecast.results import (
    Alarm,
    Curve,
    Grid,
    Predictions,
    Result,
    Row,
    Significance,
    Summary,
    Truth,
    summarise,
)

EVIL = "<script>alert('x')</script>"
META = {
    "command": "gatecast lab made --seeds 3 --out reports/made",
    "gatecast": "0.1.0",
    "numpy": "2.4.0",
    "seed": "0",
    "data": "sha256 3f0c…",
}


def summaries(rows: list[Row], naive: float, metric: str = "mse") -> list[Summary]:
    found = []
    for model, variant, kind in dict.fromkeys((r.model, r.variant, r.kind) for r in rows):
        mine = [r for r in rows if (r.model, r.variant) == (model, variant)]
        mean, spread = summarise(mine)
        skill = 1 - mean[metric] / naive if metric in mean else None
        published = {metric: 1.3 * mean[metric]} if kind == "network" and mean else {}
        found.append(
            Summary(
                model, variant, kind, len(mine), mean, spread, skill, published,
                sum(r.status != "ok" for r in mine), mine[0].parameters, mine[0].seconds,
                mine[0].windows_per_second,
            )
        )  # fmt: skip
    return found


def curves(models, variant, seeds, epochs, rng, accuracy=False) -> list[Curve]:
    found = []
    for place, model in enumerate(models):
        for seed in range(seeds):
            decay = (0.2 + 0.1 * place) * np.exp(-np.arange(epochs) / (0.3 * epochs)) + 0.02
            noise = np.exp(0.08 * rng.standard_normal((3, epochs)))
            train, validation, test = (decay * noise).tolist()
            rising = (1 - decay).tolist() if accuracy else []
            found.append(
                Curve(model, variant, seed, train, validation, test, rising, rising)
            )  # fmt: skip
    return found


def regression(*, rows: int = 1_500, seeds: int = 3, epochs: int = 25) -> Result:
    """One value ahead over time: three cells, one of them diverged, two baselines, a peer."""
    rng = np.random.default_rng(0)
    time = np.datetime64("2018-09-13T00:15") + 15 * np.arange(rows) * np.timedelta64(1, "m")
    hour = np.arange(rows) / 4
    truth = 30 + 25 * np.sin(2 * np.pi * hour / 24) + 8 * rng.standard_normal(rows)
    errors = {"lstm": 5.0, "gru": 6.0, "rnn": 9.0, "torch_lstm": 5.2, "gradient_boosting": 4.6}
    made, predictions = [], []
    for model, size in errors.items():
        kind = {"torch_lstm": "peer", "gradient_boosting": "baseline"}.get(model, "network")
        for seed in range(1 if kind == "baseline" else seeds):
            forecast = truth + size * rng.standard_normal(rows)
            mse = float(np.mean((forecast - truth) ** 2))
            metrics = {"mse": mse, "rmse": mse**0.5, "r2": 1 - mse / float(truth.var())}
            bad = model == "rnn" and seed == 1
            made.append(
                Row(model, "window7", kind, seed if kind != "baseline" else None,
                    {} if bad else metrics, "diverged" if bad else "ok", 1_210, 2.5, 9_800.0,
                    "the loss exploded in epoch 3, batch 71" if bad else "")
            )  # fmt: skip
            if not bad:
                predictions.append(Predictions(model, "window7", made[-1].seed, forecast))
    last = np.r_[truth[0], truth[:-1]]
    naive = float(np.mean((last - truth) ** 2))
    scores = {"mse": naive, "rmse": naive**0.5, "r2": 1 - naive / float(truth.var())}
    made.append(Row("last_value", "window7", "baseline", None, scores))
    predictions.append(Predictions("last_value", "window7", None, last))
    names = ("Usage_kWh", "Lagging_Current", "Leading_Current", "CO2", "NSM")
    correlations = np.corrcoef(rng.standard_normal((5, 40)).cumsum(axis=1))
    return Result(
        "steel-usage", "best", "Steel usage: the next quarter of an hour", "regress", "Usage_kWh",
        made, summaries(made, naive),
        conclusions=[
            "lstm beats gru by 31 % of its error; the difference is not luck (p = 0.002).",
            "Every network is better than repeating the last value.",
        ],
        alarms=[
            Alarm("rnn", "window7", "diverged", "1 of 3 seeds diverged in epoch 3; try clipping."),
            Alarm("gru", "window7", "worse than naive",
                  "its error is 12 % above repeating the last value."),
        ],
        significance=[
            Significance("lstm", "gru", "Diebold-Mariano", -3.1, 0.002,
                         "lstm is better than gru, and not by luck"),
            Significance("gru", "rnn", "Diebold-Mariano", -9.1, 1e-9, "gru is better than rnn"),
        ],
        curves=curves(("rnn", "gru", "lstm"), "window7", seeds, epochs, rng),
        truths=[Truth("window7", truth, time)],
        predictions=predictions,
        grids=[Grid("Correlation of the columns", names, names, correlations)],
        notes=["The first 24,528 windows train; scalers saw only these.", "No row is shuffled."],
        meta=META,
    )  # fmt: skip


def classification(*, variants: int = 3, rows: int = 2_000, seeds: int = 2) -> Result:
    """Three classes, several windows: nine trained models and a baseline."""
    rng = np.random.default_rng(1)
    made, truths, predictions, lines, grids = [], [], [], [], []
    labels = ("Light_Load", "Medium_Load", "Maximum_Load")
    for v in range(variants):
        variant = f"{v + 1}h"
        codes = np.repeat(rng.integers(0, 3, rows // 20 + 1), 20)[:rows]
        truths.append(Truth(variant, codes, np.arange(rows), classes=labels))
        for model, wrong in (("rnn", 0.25), ("gru", 0.18), ("lstm", 0.17), ("same_as_last", 0.05)):
            kind = "baseline" if model == "same_as_last" else "network"
            for seed in range(1 if kind == "baseline" else seeds):
                flips = rng.random(rows) < wrong
                said = np.where(flips, rng.integers(0, 3, rows), codes)
                metrics = {"accuracy": float(np.mean(said == codes)), "train_loss": 0.3 - 0.05 * v}
                number = None if kind == "baseline" else seed
                made.append(Row(model, variant, kind, number, metrics, parameters=4_500))
                predictions.append(Predictions(model, variant, number, said))
            counts = np.zeros((3, 3), int)
            np.add.at(counts, (codes, said), 1)
            grids.append(Grid(f"{model}, {variant}", labels, labels, counts, "confusion"))
        lines += curves(("rnn", "gru", "lstm"), variant, seeds, 12, rng, accuracy=True)
    return Result(
        "steel-load", "best", "Steel load: the class of the next row", "classify", "Load_Type",
        made, summaries(made, 0.1, "accuracy"), ("accuracy",), ["gru and lstm are even."],
        curves=lines, truths=truths, predictions=predictions, grids=grids, meta=META,
    )  # fmt: skip


def forecasts(*, windows: int = 200, seeds: int = 2) -> Result:
    """Ten steps ahead with intervals and what was known before; and one step ahead."""
    rng = np.random.default_rng(2)
    t = np.linspace(0, 1, 60)
    phase = rng.random((windows, 1))
    waves = 0.5 * np.sin((t - phase) * 20) + 0.05 * rng.standard_normal((windows, 60))
    made, truths, predictions = [], [], []
    for variant, horizon in (("1-step", 1), ("10-step/all", 10)):
        history, truth = waves[:, 20:50], waves[:, 50 : 50 + horizon]
        truths.append(Truth(variant, truth, np.arange(windows), history))
        for model, size in (("lstm", 0.05), ("deep_rnn", 0.08), ("linear", 0.1), ("naive", None)):
            learned = model in ("lstm", "deep_rnn")
            for seed in range(seeds if learned else 1):
                noise = 0.0 if size is None else size * rng.standard_normal(truth.shape)
                forecast = np.repeat(history[:, -1:], horizon, axis=1) if size is None else truth
                forecast = forecast + noise
                mse = float(np.mean((forecast - truth) ** 2))
                kind = "network" if learned else "baseline"
                made.append(Row(model, variant, kind, seed if learned else None, {"mse": mse}))
                band = (forecast - 0.1, forecast + 0.1, 90.0) if model == "lstm" else ()
                predictions.append(Predictions(model, variant, made[-1].seed, forecast, *band))
    return Result(
        "waves", "best", "Waves: ten thousand synthetic series", "forecast", "value",
        made, summaries(made, 0.2), ("mse",), ["The LSTM is best ten steps ahead."],
        curves=curves(("lstm", "deep_rnn"), "10-step/all", seeds, 20, rng),
        truths=truths, predictions=predictions, meta=META,
    )  # fmt: skip


def hostile() -> Result:
    """Every text that a user's table could bring into the page tries to be markup."""
    rng = np.random.default_rng(3)
    truth = rng.standard_normal(30)
    rows = [Row(EVIL, EVIL, EVIL, 0, {"mse": 1.0}, EVIL, note=EVIL)]
    return Result(
        EVIL, EVIL, EVIL, "forecast", EVIL, rows,
        [Summary(EVIL, EVIL, EVIL, 1, {"mse": 1.0}, {"mse": 0.0}, 0.1, {EVIL: 1.0})],
        conclusions=[EVIL], alarms=[Alarm(EVIL, EVIL, EVIL, EVIL)],
        significance=[Significance(EVIL, EVIL, EVIL, 1.0, 0.5, EVIL)],
        curves=[Curve(EVIL, EVIL, 0, [2.0, 1.0], [2.0, 1.5])],
        truths=[Truth(EVIL, truth, np.array([f"{EVIL}{i}" for i in range(30)]))],
        predictions=[Predictions(EVIL, EVIL, 0, truth + 0.1)],
        grids=[Grid(EVIL, (EVIL, "b"), (EVIL, "$b"), np.eye(2))],
        notes=[EVIL], meta={EVIL: EVIL, "command": EVIL},
    )  # fmt: skip
