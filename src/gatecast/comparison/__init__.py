"""Several models, one protocol, one table."""

from gatecast.comparison.leakage import check_no_leak
from gatecast.comparison.recipe import Recipe
from gatecast.comparison.running import run
from gatecast.comparison.study import Network, Study, Variant
from gatecast.comparison.tables import compare
from gatecast.errors import LeakError

__all__ = [
    "LeakError",
    "Network",
    "Recipe",
    "Study",
    "Variant",
    "check_no_leak",
    "compare",
    "run",
]
