"""Programs: a network as a table of numbers, which the native kernels run in one call.

On tiny networks the calls from Python cost more than the arithmetic; a program has one call for
all layers, and one for the loss with its gradient.  It is a shortcut, not another network: the
layers one by one give the same numbers, up to the order in which sums are taken.
"""

from typing import NamedTuple

import numpy as np

from gatecast.kernels.contract import Array

KINDS = ("rnn_tanh", "rnn_relu", "gru_after", "gru_before", "lstm", "last", "linear")
LONGEST = 32


class Line(NamedTuple):
    """One layer of a program; offsets count in the flat vector of parameters, -1 is none."""

    kind: str
    inputs: int
    outputs: int
    weight_ih: int = -1
    weight_hh: int = -1
    bias_ih: int = -1
    bias_hh: int = -1


def chained(lines: list[Line]) -> list[Line] | None:
    """The lines with each ``last`` as wide as what flows in; None where they do not fit."""
    chain: list[Line] = []
    vectors = False  # after the last step, what flows are vectors
    for line in lines:
        if line.kind == "last":
            if vectors or not chain:
                return None
            vectors = True
            line = line._replace(inputs=chain[-1].outputs, outputs=chain[-1].outputs)
        elif vectors and line.kind != "linear":
            return None
        if chain and line.inputs != chain[-1].outputs:
            return None
        chain.append(line)
    return chain


def table_of(lines: list[Line] | None) -> Array | None:
    """The lines as the compiled code reads them; None where there is nothing that it can run.

    Examples
    --------
    >>> table_of([Line("lstm", 9, 13, 0, 468, 1144, 1196), Line("last", 0, 0)])
    array([[   4,    9,   13,    0,  468, 1144, 1196],
           [   5,   13,   13,   -1,   -1,   -1,   -1]])
    """
    chain = chained(lines) if lines else None
    if chain is None or len(chain) > LONGEST:
        return None
    return np.array([[KINDS.index(line.kind), *line[1:]] for line in chain], np.int64)
