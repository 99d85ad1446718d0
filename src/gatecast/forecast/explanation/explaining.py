"""Explain the forecasts of any model."""

import numpy as np

from gatecast.errors import InputError
from gatecast.forecast.explanation.explanation import Explanation, together
from gatecast.forecast.explanation.gradients import by_gradients, has_gradients
from gatecast.forecast.explanation.walks import by_walks
from gatecast.forecast.history import History, Origins
from gatecast.forecast.mixture import Mixture
from gatecast.forecast.model import Model
from gatecast.forecast.networks import NetworkModel
from gatecast.nn.init import make_generator
from gatecast.nn.validation import check_choice, check_size

METHODS = ("auto", "gradients", "walks")


def explain_model(
    model: Model,
    history: History,
    origins: Origins | None = None,
    *,
    method: str = "auto",
    lags: int | None = None,
    points: int = 64,
    walks: int = 20,
    seed: int | np.random.Generator = 0,
) -> Explanation:
    """What every lag and covariate adds to forecasts.

    Parameters
    ----------
    model : Model
        Fitted.
    history : History
    origins : Origins, optional
        The end of each series by default.
    method : {"auto", "gradients", "walks"}
        Integrated gradients through a network's backward pass, or walks from a past without
        events (sampled Shapley values), which do for any model; ``auto`` takes gradients where
        there are any.  Of a mean of models each is explained by itself.
    lags : int, optional
        Rows before the origin that walks explain; two seasons and no fewer than 12 by default.
        Gradients explain all rows that the network sees; what it is told of the longer past in
        summaries is the column ``("long past", 0)``.
    points : int
        At which gradients are taken on the way from the baseline.
    walks : int
    seed : int or numpy.random.Generator
        Draws the walks.

    Examples
    --------
    >>> from gatecast.forecast.classical import Drift
    >>> from gatecast.forecast.history import make_history
    >>> history = make_history(np.array([1.0, 2.0, 4.0]))
    >>> found = explain_model(Drift().fit(history, horizon=1), history, lags=3)
    >>> found.baseline.round(6), found.contributions.round(6)
    (array([[4.]]), array([[[1.5, 0. , 0. ]]]))
    """
    check_choice("method", method, METHODS)
    check_size("points", points)
    check_size("walks", walks)
    origins = history.ends() if origins is None else origins
    if isinstance(model, Mixture) and method != "walks":
        rng = make_generator(seed)
        parts = [
            explain_model(
                part, history, origins, method=method, lags=lags, points=points, walks=walks,
                seed=rng,
            )
            for _, part in model.parts
        ]  # fmt: skip
        return together(parts, model.shares)
    if method == "gradients" and not has_gradients(model):
        raise InputError(
            f"{model.name} has no gradients to explain it by (it is no network, or feeds its "
            "forecasts back); use method='walks'"
        )
    if method != "walks" and isinstance(model, NetworkModel) and has_gradients(model):
        return by_gradients(model, history, origins, points)
    if not len(origins):
        raise InputError("there are no origins to explain forecasts from; give one at least")
    known = int((origins.rows - history.offsets[:-1][origins.series]).min())
    wanted = max(2 * model.period_, 12) if lags is None else check_size("lags", lags)
    if known < 1:
        raise InputError("an origin has no row before it to explain; leave it out")
    return by_walks(model, history, origins, min(wanted, known), walks, make_generator(seed))
