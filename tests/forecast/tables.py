"""Tables that tests of the forecaster share."""

import numpy as np
import pandas as pd


def months(rows=96, seed=0):
    """One monthly series with a season."""
    rng = np.random.default_rng(seed)
    steps = np.arange(rows)
    y = 100 + 10 * np.sin(2 * np.pi * steps / 12) + rng.normal(0, 1, rows)
    return pd.DataFrame({"ds": pd.date_range("2000-01-01", periods=rows, freq="MS"), "y": y})


def panel(rows=48, ids=("a", "b"), level=50.0, seed=0):
    """Some monthly series of different levels."""
    parts = []
    for place, name in enumerate(ids, 1):
        one = months(rows, seed + place).assign(unique_id=name)
        one["y"] += level * place
        parts.append(one)
    return pd.concat(parts, ignore_index=True)


def priced(rows=60):
    """Sales that follow the price of the day, and nothing else."""
    rng = np.random.default_rng(0)
    price = rng.choice([1.0, 2.0], rows)
    return pd.DataFrame(
        {
            "ds": pd.date_range("2024-01-01", periods=rows, freq="D"),
            "y": 100 - 30 * price + rng.normal(0, 0.5, rows),
            "price": price,
            "kind": np.where(price > 1, "dear", "cheap"),
        }
    )
