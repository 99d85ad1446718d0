"""The table that ``net.summary()`` prints."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatecast.nn.module import Module


def summarise(net: "Module") -> str:
    """One line a layer: its name, kind, settings and parameters; the total; what is trained."""
    rows = [("layer", "kind", "settings", "parameters")]
    total = frozen = 0
    for name, module in net.leaves():
        own = [p for key, p in module.named_parameters().items() if "." not in key]
        count, held = (
            sum(p.value.size for p in some) for some in (own, [p for p in own if p.frozen])
        )
        total, frozen = total + count, frozen + held
        mark = " frozen" if held and held == count else f" ({held:,} frozen)" if held else ""
        rows.append((name, type(module).__name__, module.describe(), f"{count:,}{mark}"))
    rows.append(("total", "", "", f"{total:,}"))
    if frozen:
        rows.append(("trained", "", "", f"{total - frozen:,}"))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column < 3 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
