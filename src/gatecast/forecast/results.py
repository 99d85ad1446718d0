"""What a forecaster says of itself: its skill on held-out rows, alarms, a backtest's scores."""

from dataclasses import dataclass, field

from gatecast.forecast.history import Array
from gatecast.results import Alarm


@dataclass(frozen=True)
class Statement:
    """What a fit found out on rows that it had held out.

    Attributes
    ----------
    model : str
    error, naive_error : float
        Mean absolute errors of the model and of seasonal naive, each series' divided by how much
        it usually moves (in the target's units where there is one series).
    origins, series, horizon, period : int
    alarms : tuple of Alarm

    Examples
    --------
    >>> print(Statement("gru", 3.0, 4.0, origins=10, series=1, horizon=14, period=7).words)
    gru: its forecasts of 14 steps from 10 held-out origins err 25.0 % less than seasonal naive
    (season of 7 rows).
    """

    model: str
    error: float
    naive_error: float
    origins: int
    series: int
    horizon: int
    period: int
    alarms: tuple[Alarm, ...] = field(default=())

    @property
    def skill(self) -> float | None:
        """Share of seasonal naive's error that is gone; None where that makes no error."""
        return 1 - self.error / self.naive_error if self.naive_error > 0 else None

    @property
    def words(self) -> str:
        """One sentence, and one for each alarm."""
        of = f" of {self.series} series" if self.series > 1 else ""
        tried = (
            f"{self.model}: its forecasts of {self.horizon} "
            f"step{'s' if self.horizon > 1 else ''} from {self.origins} held-out origins{of} err"
        )
        rival = "naive" if self.period == 1 else "seasonal naive"
        season = "" if self.period == 1 else f" (season of {self.period} rows)"
        if self.skill is None:
            first = f"{tried} by {self.error:.4g}, and {rival}{season} not at all."
        elif self.skill >= 0:
            first = f"{tried} {self.skill:.1%} less than {rival}{season}.".replace("%", " %")
        else:
            first = (
                f"{tried} {-self.skill:.1%} MORE than {rival}{season}: use that instead."
            ).replace("%", " %")
        others = [alarm for alarm in self.alarms if alarm.kind != "worse than naive"]  # is said
        rest = [f"Alarm ({alarm.kind}): {alarm.words}." for alarm in others]
        return " ".join([first, *rest])


@dataclass(frozen=True)
class Evaluation:
    """Scores of a backtest, beside those of seasonal naive on the same rows.

    Attributes
    ----------
    model : str
    metrics, naive : dict of str to float
        mae, rmse, smape, mase, ….
    skill : float or None
        Share of seasonal naive's error (mase) that is gone.
    by_step : dict of str to (horizon,) array
        ``mae`` and ``naive_mae`` of each step ahead.
    coverage : dict of float to float
        Level -> per cent of the truth that lay within its interval.
    interval_score : dict of float to float
    origins, series : int
    """

    model: str
    metrics: dict[str, float]
    naive: dict[str, float]
    skill: float | None
    by_step: dict[str, Array]
    coverage: dict[float, float]
    interval_score: dict[float, float]
    origins: int
    series: int

    def __str__(self) -> str:
        lines = [f"{self.model} on {self.origins} origins of {self.series} series"]
        for name, value in self.metrics.items():
            lines.append(f"  {name:<6} {value:>10.4g}   seasonal naive {self.naive[name]:.4g}")
        if self.skill is not None:
            lines.append(f"  skill  {self.skill:>10.1%}")
        for level, share in self.coverage.items():
            lines.append(f"  {level:g} % interval covered {share:.1f} %")
        return "\n".join(lines)
