"""The results as tables: in the terminal by rich, and in Markdown."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from benchmarks.goals import Verdict, ratio, torch_goal, verdicts
from benchmarks.lines import Line, lines
from benchmarks.results import Results
from benchmarks.works import CORES, THREADS, Work, operations, threads_label

KERNELS = ("native", "reference")
NAMES = {
    "native": "gatecast native",
    "reference": "gatecast reference",
    "torch": "PyTorch",
    "jax": "JAX",
    "onnxruntime": "ONNX Runtime",
    "notebook": "notebook",
}
#: the setting that a peer is judged by, where that is not its best one
PEERS = {"jax": "JAX scan"}
TITLES = {
    "train": "One training step: forward, backward, Adam",
    "inference": "Inference",
    "streaming": "One streaming step",
}
NOTHING = "·"


@dataclass(frozen=True)
class Table:
    """Rows of words, not yet drawn; the first two columns stand left, the others right."""

    title: str
    columns: list[str]
    rows: list[list[str]]


def tables(results: Results) -> list[Table]:
    """Every table that this run has something for."""
    found = [peak(results)]
    for task in ("train", "inference", "streaming"):
        found += [times(results, task), ratios(results, task)]
    found += [steel(results), linearity(lines(results))]
    return [table for table in found if table.rows]


def peak(results: Results) -> Table:
    """What the machine's matrix product reaches."""
    rows = [
        ["sgemm 2048³", threads_label(threads), f"{found / 1e9:.0f}"]
        for threads in THREADS
        if (found := results.peak(threads)) is not None
    ]
    return Table("The machine's matrix-product peak (NumPy)", ["product", "", "GF/s"], rows)


def times(results: Results, task: str) -> Table:
    """Milliseconds of every contestant at every setting."""
    settings = [
        (name, variant)
        for name in NAMES
        for variant in dict.fromkeys(
            m.variant for m in results.measurements if (m.work.task, m.contestant) == (task, name)
        )
    ]
    rows = []
    for work in results.works(task):
        measured = (results.of(work, *setting) for setting in settings)
        rows.append([*_names(work), *(NOTHING if m is None else _ms(m.seconds) for m in measured)])
    columns = [f"{NAMES[name]}, {variant}" for name, variant in settings]
    return Table(f"{TITLES[task]}: milliseconds (medians)", ["work", "cell", *columns], rows)


def ratios(results: Results, task: str) -> Table:
    """How many times faster gatecast is at its default threads than each peer at its best."""
    present = {m.contestant for m in results.measurements if m.work.task == task}
    kernels = [name for name in KERNELS if name in present]
    peers = [name for name in NAMES if name in present and name not in KERNELS]
    training = task == "train"
    columns, rows = ["work", "cell"], []
    for own in kernels:
        columns += [f"{PEERS.get(peer, NAMES[peer])} ÷ {own}" for peer in peers]
        columns += [f"goal, {own}", f"GF/s, {own}", f"of peak, {own}"] if training else []
    columns += ["limit"] if training else []
    for work in results.works(task):
        row = _names(work)
        for own in kernels:
            row += [_times(ratio(results, work, peer, own)) for peer in peers]
            row += [_goal(results, work, own), *_rates(results, work, own)] if training else []
        rows.append(row + ([_limit(results, work)] if training else []))
    title = f"{TITLES[task]}: peer ÷ gatecast with {threads_label(CORES)}"
    return Table(title, columns, rows if kernels and peers else [])


def _goal(results: Results, work: Work, kernels: str) -> str:
    """The ratio to PyTorch that is wanted, and whether it is met."""
    wanted = torch_goal(work, kernels)
    found = ratio(results, work, "torch", kernels)
    if wanted is None or found is None:
        return NOTHING
    return f"≥ {wanted:g} {'✓' if found >= wanted else '✗'}"


def _rates(results: Results, work: Work, kernels: str) -> list[str]:
    """Operations a second and share of the peak, of a training step."""
    measured = results.default(work, kernels)
    if measured is None:
        return [NOTHING, NOTHING]
    share = results.share_of_peak(measured, CORES)
    rate = operations(work) / measured.seconds / 1e9
    return [f"{rate:.1f}", NOTHING if share is None else f"{share:.1%}"]


def _limit(results: Results, work: Work) -> str:
    """The ratio to PyTorch if all operations ran at the matrix-product peak of all cores."""
    theirs, peak = results.of(work, "torch"), results.peak(CORES)
    if theirs is None or peak is None:
        return NOTHING
    return _times(theirs.seconds * peak / operations(work))


def steel(results: Results) -> Table:
    """Training windows a second, one sample a step."""
    rows = []
    for work in results.works("steel"):
        for name, shown in NAMES.items():
            m = results.of(work, name)
            if m is not None:
                rows.append([work.shape, work.cell, shown, f"{work.windows / m.seconds:,.0f}"])
    title = f"steel-usage, one sample a step (windows {results.about.get('steel', '')})"
    return Table(title, ["work", "cell", "who", "windows a second"], rows)


def linearity(found: list[Line]) -> Table:
    """How well time follows a straight line along each axis."""
    rows = [
        [NAMES[line.contestant], line.axis, f"{line.sizes[0]} … {line.sizes[-1]}",
         f"{1e3 * line.each:.4g}", f"{line.r_squared:.4f}"]
        for line in found
    ]  # fmt: skip
    columns = ["who", "along", "from … to", "ms for each", "R² of the line"]
    return Table("Training time against windows, steps and layers", columns, rows)


def goals(results: Results) -> Table:
    """Every goal that was measured."""
    rows = [
        [v.work.title, v.goal, f"{'≤' if v.at_most else '≥'} {_number(v, v.wanted)}",
         _number(v, v.measured), "met" if v.met else "missed"]
        for v in verdicts(results)
    ]  # fmt: skip
    return Table("Goals", ["work", "goal", "wanted", "measured", ""], rows)


def _number(verdict: Verdict, value: float) -> str:
    return f"{value:,.4g} {verdict.unit}" if value < 1e4 else f"{value:,.0f} {verdict.unit}"


def _names(work: Work) -> list[str]:
    return [work.shape, work.cell]


def _ms(seconds: float) -> str:
    milliseconds = 1e3 * seconds
    return f"{milliseconds:.4f}" if milliseconds < 0.1 else f"{milliseconds:#.4g}".rstrip(".")


def _times(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.3g}" if value < 100 else f"{value:.0f}"


def show(found: list[Table], console: Console) -> None:
    """Draw tables in the terminal."""
    for table in found:
        drawn = RichTable(title=table.title, title_justify="left", title_style="bold")
        for i, column in enumerate(table.columns):
            drawn.add_column(column, justify="left" if i < 2 else "right", overflow="fold")
        for row in table.rows:
            drawn.add_row(*(_coloured(cell) for cell in row))
        console.print(drawn)
        console.print()


def _coloured(cell: str) -> Text:
    good, bad = cell == "met" or cell.endswith("✓"), cell == "missed" or cell.endswith("✗")
    return Text(cell, style="green" if good else "red" if bad else "")


def markdown(found: list[Table], results: Results) -> str:
    """The tables in Markdown, below the date, the command and the machine."""
    return "\n".join([*_preamble(results), *(line for t in found for line in _markdown(t))])


def _preamble(results: Results) -> Iterator[str]:
    about = results.about
    machine = about["machine"]
    yield f"Measured {about['date'][:10]} by `{about['command']}` on {machine['processor']},"
    yield f"{machine['cores']} cores, {machine['system']};"
    yield ", ".join(f"{name} {version}" for name, version in about["versions"].items()) + "."
    yield ""
    yield from (f"- left out: {line}" for line in results.left_out)
    yield from (f"- failed: {line}" for line in results.failures)
    yield ""


def _markdown(table: Table) -> Iterator[str]:
    yield f"### {table.title}"
    yield ""
    yield f"| {' | '.join(table.columns)} |"
    yield f"|{'|'.join('---' if i < 2 else '---:' for i in range(len(table.columns)))}|"
    yield from (f"| {' | '.join(row)} |" for row in table.rows)
    yield ""
