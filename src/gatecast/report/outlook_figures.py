"""A forecaster's figures as pictures: the fan, errors by origin and step, calibration, inputs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from gatecast.report.outlook import largest
from gatecast.report.plots import COLOURS, INK, LONGEST, QUIET, new_figure, plain, shortened, titled
from gatecast.results import Breakdown, Fan, Importance, Outlook, Reliability, Training, label

#: more series than these are left to the page, whose selector shows each
MOST_FANS = 9
MOST_INPUTS = 20
Style = dict[str, Any]


def draw_outlook(
    outlook: Outlook, styles: Mapping[str, Style], model: str, target: str
) -> Iterator[tuple[str, Figure]]:
    """Each figure with the name of its file."""
    if outlook.fans:
        yield "ahead", draw_fans(outlook.fans, model=model, target=target)
    for one in outlook.breakdowns:
        yield f"errors-by-{one.by}", _breakdown(one, styles)
    if outlook.reliability is not None:
        yield "calibration", _reliability(outlook.reliability)
    if outlook.importance:
        yield "importance", _importance(outlook.importance)
    if outlook.trainings:
        yield "training", _trainings(outlook.trainings)


def draw_fans(fans: Sequence[Fan], *, model: str = "forecast", target: str = "y") -> Figure:
    """The last known values and the forecast of up to nine series, the largest, with its bands.

    Parameters
    ----------
    fans : sequence of Fan
    model, target : str
        What the forecast and the values are called.

    Examples
    --------
    >>> index = np.arange("2024-01-01", "2024-01-05", dtype="datetime64[D]")
    >>> fan = Fan("", index, np.array([1.0, 2.0]), np.array([3.0, 4.0]), {80.0: (
    ...     np.array([2.5, 3.0]), np.array([3.5, 5.0]))})
    >>> len(draw_fans([fan]).axes)
    1
    """
    shown = largest(fans, MOST_FANS)
    columns = 1 if len(shown) == 1 else 2 if len(shown) < 5 else 3
    rows = -(-len(shown) // columns)
    figure = new_figure(rows, columns, width=5 + 3.5 * columns, height=1.2 + 3.2 * rows)
    for axes, fan in zip(figure.axes, shown, strict=False):
        _fan(axes, fan, model, target)
    for axes in figure.axes[len(shown) :]:
        axes.set_visible(False)
    _legend(figure, figure.axes[0])
    if len(fans) > len(shown):
        figure.suptitle(
            f"The {len(shown)} largest of {len(fans):,} series",
            x=0.01,
            ha="left",
            fontsize=9,
            color=QUIET,
        )
    return figure


def _fan(axes: Axes, fan: Fan, model: str, target: str) -> None:
    index = np.asarray(fan.index)
    if index.dtype.kind not in "Miuf":
        index = np.arange(len(index))
    known = len(fan.known)
    ahead = index[known:]
    for place, (level, (low, high)) in enumerate(sorted(fan.bands.items(), reverse=True)):
        # The narrower bands lie on the wider and hide them, so that the legend's colours are true.
        shade = _mixed(COLOURS[0], 0.8 ** (place + 1))
        if len(ahead) == 1:  # of which a band has no width
            axes.vlines(ahead, low, high, color=shade, linewidth=7, label=f"{level:g} %")
        else:
            axes.fill_between(ahead, low, high, color=shade, lw=0, label=f"{level:g} %")
    axes.plot(index[:known], fan.known, color=INK, linewidth=1.4, label="known")
    if known and len(ahead):
        axes.axvline(_between(index[known - 1], ahead[0]), color=QUIET, linestyle="--", linewidth=1)
    marker = "o" if len(ahead) <= 40 else ""
    axes.plot(
        ahead, fan.forecast, color=COLOURS[0], linewidth=1.8, marker=marker, markersize=3.5,
        label=plain(model),
    )  # fmt: skip
    if index.dtype.kind == "M":
        _dated(axes)
    titled(axes, plain(shortened(fan.series, LONGEST)), "", plain(shortened(target, LONGEST)))


def _mixed(colour: str, white: float) -> tuple[float, ...]:
    """A colour with so much white in it."""
    return tuple(white + (1 - white) * part for part in to_rgb(colour))


def _between(before: Any, after: Any) -> Any:
    return before + (after - before) / 2


def _dated(axes: Axes) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator: Any = AutoDateLocator(minticks=3, maxticks=8)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]


def _breakdown(one: Breakdown, styles: Mapping[str, Style]) -> Figure:
    figure = new_figure(len(one.metrics), 1, width=9, height=0.9 + 2.6 * len(one.metrics))
    places = np.asarray(one.places)
    if places.dtype.kind not in "Miuf":
        places = np.arange(len(places))
    for axes, (name, models) in zip(figure.axes, one.metrics.items(), strict=True):
        for model, values in models.items():
            axes.plot(
                places, values, **styles[model], linewidth=1.5, markersize=4,
                markevery=max(1, len(places) // 12), label=plain(model),
            )  # fmt: skip
        if places.dtype.kind == "M":
            _dated(axes)
        if name == "bias":
            axes.axhline(0, color=QUIET, linewidth=1)
        titled(axes, label(name), "step ahead" if one.by == "step" else "", "")
    _legend(figure, figure.axes[0])
    return figure


def _reliability(one: Reliability) -> Figure:
    figure = new_figure(1, 2, width=11, height=4.6)
    by_level, by_step = figure.axes
    by_level.plot([0, 100], [0, 100], color=QUIET, linestyle=":", linewidth=1.5, label="promised")
    by_level.plot(one.levels, one.covered, color=COLOURS[0], marker="o", label="measured")
    titled(by_level, "Truth within the band", "% promised", "% measured")
    steps = np.arange(1, len(one.by_step) + 1)
    for i, level in enumerate(one.levels):
        colour = COLOURS[i % len(COLOURS)]
        by_step.axhline(level, color=colour, linestyle=":", linewidth=1.2)
        by_step.plot(
            steps, one.by_step[:, i], color=colour, marker="o", markersize=4, label=f"{level:g} %"
        )
    titled(by_step, "By step ahead (dotted: promised)", "step ahead", "% measured")
    for axes in figure.axes:
        axes.legend(frameon=False, fontsize=9, labelcolor=INK)
    return figure


def _importance(found: Sequence[Importance]) -> Figure:
    ranked = sorted(found, key=lambda one: one.loss)[-MOST_INPUTS:]
    figure = new_figure(width=8, height=1.2 + 0.34 * len(ranked))
    axes = figure.axes[0]
    losses = [100 * one.loss for one in ranked]
    axes.barh(
        [plain(one.name) for one in ranked], losses,
        color=[COLOURS[0] if loss >= 0 else COLOURS[1] for loss in losses],
    )  # fmt: skip
    axes.grid(axis="y", visible=False)
    titled(axes, "What the forecast rests on", "% by which the error grows without it", "")
    return figure


def _trainings(found: Sequence[Training]) -> Figure:
    names = list(dict.fromkeys(one.network for one in found))
    figure = new_figure(width=9, height=4.2 + 0.2 * len(names))
    axes = figure.axes[0]
    for one in found:
        place = names.index(one.network)
        axes.plot(
            one.updates, one.losses, color=COLOURS[place % len(COLOURS)], linewidth=1.2,
            linestyle=("-", "--", ":", "-.")[place // len(COLOURS) % 4], label=one.network,
        )  # fmt: skip
    if all(np.nanmin(one.losses, initial=np.inf) > 0 for one in found):
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter("{x:g}")
    titled(axes, "How the networks learned, a line a seed", "update", "training loss")
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(
        [handles[labels.index(name)] for name in names], [plain(name) for name in names],
        frameon=False, fontsize=9, loc="outside lower center",
    )  # fmt: skip
    return figure


def _legend(figure: Figure, axes: Axes) -> None:
    handles, names = axes.get_legend_handles_labels()
    figure.legend(
        handles, names, frameon=False, fontsize=9, loc="outside lower center",
        ncols=max(1, min(len(handles), 6)),
    )  # fmt: skip
