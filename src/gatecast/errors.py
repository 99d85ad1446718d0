"""The errors that gatecast raises: each says what was wrong, where, and the remedy."""

from typing import Any


class GatecastError(Exception):
    """Base of every error that gatecast raises on purpose."""


class InputError(GatecastError, ValueError):
    """An argument has a wrong shape, value or meaning."""


class DtypeError(InputError, TypeError):
    """An array has another dtype than the network computes in."""


class StateDictError(InputError):
    """A state dict does not fit the network that it is loaded into."""


class KernelUnavailableError(GatecastError, RuntimeError):
    """The kernels that were asked for are not installed."""


class MissingDependencyError(GatecastError, ImportError):
    """An optional package is needed for this and is not installed."""


class DivergenceError(GatecastError, ArithmeticError):
    """Training produced a NaN or exploding loss; the last good weights were restored.

    Attributes
    ----------
    history : History or None
        The training up to there, when ``fit`` raised it.
    event : Divergence or None
        Epoch, batch, layer and gradient norm.
    """

    history: Any = None
    event: Any = None


class TableError(InputError):
    """A table cannot be read as it is: the message names the file, the column and the row."""


class DatasetError(GatecastError):
    """A reference data set is not at hand, or is another file than it should be."""


class LeakError(GatecastError):
    """Something that a model sees, or a forecast, depends on rows that come later."""


class FileFormatError(InputError):
    """A file is not what gatecast wrote: foreign, newer, truncated or damaged."""
