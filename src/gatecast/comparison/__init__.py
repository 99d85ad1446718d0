"""Several models, one protocol, one table."""

from gatecast.comparison.recipe import Recipe
from gatecast.comparison.running import run
from gatecast.comparison.study import Network, Study, Variant
from gatecast.comparison.tables import compare

__all__ = ["Network", "Recipe", "Study", "Variant", "compare", "run"]
