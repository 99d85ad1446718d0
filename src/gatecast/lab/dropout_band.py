"""The band of Monte-Carlo dropout around a network's forecasts, and what it covers."""

from dataclasses import replace

from gatecast.comparison.study import Study
from gatecast.forecast.intervals import DropoutIntervals, Interval
from gatecast.forecast.samples import Array
from gatecast.results import Predictions, Result, Row, Summary, summarise

LEVEL = 90.0
SAMPLES = 50


def add_dropout_band(result: Result, study: Study, model: str, variant: str) -> Result:
    """Give every seed of one network its band, calibrated on the validation rows.

    The bands' coverage and score become metrics of the rows, and a conclusion says what they
    covered before they were calibrated.
    """
    found = next(v for v in study.variants if v.name == variant)
    assert found.validation is not None
    rows, predictions, before, after = [], [], [], []
    bands: dict[int, tuple[Interval, DropoutIntervals]] = {}
    for row in result.rows:
        key = f"{model}/{variant}/{row.seed}"
        if (row.model, row.variant, row.status) != (model, variant, "ok"):
            rows.append(row)
            continue
        net = result.models[key]
        intervals = DropoutIntervals(LEVEL, SAMPLES, seed=row.seed or 0)
        intervals.fit(net, found.validation.x, found.validation.y, found.validation.restore)
        _, band = intervals.apply(net, found.test.x, found.test.restore)
        bands[row.seed or 0] = band, intervals
        before.append(intervals.raw_coverage_)
        after.append(band.coverage(found.test.y))
        rows.append(_with_coverage(row, band, intervals, found.test.y))
    if not bands:
        return result
    for one in result.predictions:
        wanted = (one.model, one.variant) == (model, variant) and one.seed in bands
        predictions.append(_with_band(one, bands[one.seed or 0][0]) if wanted else one)
    sentence = (
        f"{variant}: The {LEVEL:g} % band of Monte-Carlo dropout around {model} covered "
        f"{_percent(before)} of the validation values before it was calibrated on them, and "
        f"covers {_percent(after)} of the test values now."
    )
    return replace(
        result,
        rows=rows,
        summary=[_averaged(line, rows, model, variant) for line in result.summary],
        predictions=predictions,
        conclusions=[*result.conclusions, sentence],
    )


def _averaged(line: Summary, rows: list[Row], model: str, variant: str) -> Summary:
    if (line.model, line.variant) != (model, variant):
        return line
    mean, spread = summarise([r for r in rows if (r.model, r.variant) == (model, variant)])
    return replace(line, mean=mean, spread=spread)


def _with_coverage(row: Row, band: Interval, intervals: DropoutIntervals, truth: Array) -> Row:
    """The row with what its band covers, and covered before."""
    found = {
        "coverage": band.coverage(truth),
        "interval_score": band.score(truth),
        "raw_coverage": intervals.raw_coverage_,
    }
    return replace(row, metrics={**row.metrics, **found})


def _with_band(predictions: Predictions, band: Interval) -> Predictions:
    return replace(predictions, lower=band.lower, upper=band.upper, level=band.level)


def _percent(shares: list[float]) -> str:
    return f"{100 * sum(shares) / len(shares):.1f} %"
