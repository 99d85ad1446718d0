"""Tables as meters write them."""

import numpy as np
import pandas as pd


def meter(days: int, minutes: int, zone: str | None = None) -> pd.DataFrame:
    """Rows as a meter writes them: 00:15, …, 23:45, 00:00 under one date."""
    times = pd.date_range("2018-01-01", periods=days * 1440 // minutes, freq=f"{minutes}min")
    times = times + pd.Timedelta(minutes=minutes)
    closing = times.normalize() == times
    written = times.where(~closing, times - pd.Timedelta(days=1)).tz_localize(zone)
    return pd.DataFrame({"ds": written, "y": np.arange(float(len(times)))})
