"""What a forecaster says of itself: its skill on held-out rows, alarms, a backtest's scores."""

from dataclasses import dataclass, field

from gatecast.forecast.history import Array
from gatecast.results import Alarm

#: the preset to try where a naive forecast is better than another
BEST = "best"


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
    def sentence(self) -> str:
        """How good the forecasts were, and what to do where a naive one is better."""
        steps, origins = count_of(self.horizon, "step"), count_of(self.origins, "held-out origin")
        of = f" of {self.series:,} series" if self.series > 1 else ""
        advice = self._advice() if self.skill is not None and self.skill < 0 else ""
        return (
            f"{self.model}: its forecasts of {steps} from {origins}{of} err {self.verdict}.{advice}"
        )

    @property
    def verdict(self) -> str:
        """How the error compares: by how much it is less or more."""
        season = "" if self.period == 1 else f" (season of {self.period} rows)"
        if self.skill is None:
            return f"by {self.error:.4g}, and {_spaced(self.rival)}{season} not at all"
        if "naive" in self.model and self.error == self.naive_error:
            return f"by {self.error:.4g} on average, which is what others are measured by"
        how = "MORE" if self.skill < 0 else "less"
        return f"{100 * abs(self.skill):.1f} % {how} than {_spaced(self.rival)}{season}"

    @property
    def rival(self) -> str:
        """The name of the naive forecast that it is measured by."""
        return rival_of(self.period)

    def _advice(self) -> str:
        best = "" if self.model == BEST else f"{BEST!r}, or "
        return f" Use {self.rival!r} as the model, or try {best}columns that explain the target."

    @property
    def others(self) -> tuple[Alarm, ...]:
        """The alarms that the sentence does not say already."""
        return tuple(alarm for alarm in self.alarms if alarm.kind != "worse than naive")

    @property
    def words(self) -> str:
        """One sentence, and one for each other alarm."""
        rest = [f"Alarm ({alarm.kind}): {alarm.words}." for alarm in self.others]
        return " ".join([self.sentence, *rest])


def count_of(number: int, what: str) -> str:
    """A number of things.

    Examples
    --------
    >>> count_of(1, "step"), count_of(1200, "origin")
    ('1 step', '1,200 origins')
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def rival_of(period: int) -> str:
    """The name of the naive forecast that others are measured by.

    Examples
    --------
    >>> rival_of(1), rival_of(12)
    ('naive', 'seasonal_naive')
    """
    return "naive" if period == 1 else "seasonal_naive"


def _spaced(name: str) -> str:
    return name.replace("_", " ")


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
            lines.append(f"  skill  {f'{100 * self.skill:+.1f} %':>10}")
        for level, share in self.coverage.items():
            lines.append(f"  {level:g} % interval covered {share:.1f} %")
        return "\n".join(lines)
