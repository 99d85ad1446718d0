"""Studies cut down to a few windows, so that they run in a second."""

from dataclasses import replace
from typing import Any, TypeVar

from gatecast import comparison
from gatecast.comparison.study import Study, Variant
from gatecast.lab.settings import Settings
from gatecast.results import Result

Part = TypeVar("Part")
TINY = Settings(quick=True, epochs=1)


def cut(study: Study, rows: int = 48) -> Study:
    """The same study on the first windows of each part, without the slow baseline."""
    return replace(study, variants=tuple(_cut(variant, rows) for variant in study.variants))


def _cut(variant: Variant, rows: int) -> Variant:
    parts: dict[str, Any] = {
        part: None if samples is None else samples.take(slice(rows))
        for part in ("train", "validation", "test")
        for samples in [getattr(variant, part)]
    }
    kept = tuple(b for b in variant.baselines if b.name != "gradient_boosting")
    return replace(variant, baselines=kept, **parts)


def run_cut(study: Study, rows: int = 48) -> Result:
    return comparison.run(cut(study, rows), jobs=1, progress=False)


def names(result: Result, kind: str | None = None) -> dict[str, set[str]]:
    """Variant -> its models."""
    found: dict[str, set[str]] = {}
    for line in result.summary:
        if kind is None or line.kind == kind:
            found.setdefault(line.variant, set()).add(line.model)
    return found


def known(part: Part | None) -> Part:
    """What is there, as the type checker cannot know."""
    assert part is not None
    return part
