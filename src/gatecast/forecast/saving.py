"""A fitted forecaster as one file: plain configuration and arrays, nothing pickled."""

from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from gatecast import files
from gatecast.errors import FileFormatError, InputError
from gatecast.forecast.calendar import Calendar
from gatecast.forecast.calibration import Calibration
from gatecast.forecast.classical import CLASSICAL, make_classical
from gatecast.forecast.grid import Grid, grid_from_config
from gatecast.forecast.history import Array, History
from gatecast.forecast.layout import layout_from_config
from gatecast.forecast.mixture import Mixture
from gatecast.forecast.model import Model
from gatecast.forecast.naming import owned, prefixed
from gatecast.forecast.networks import NetworkModel
from gatecast.forecast.plans import Plan
from gatecast.forecast.reading import Known, Schema
from gatecast.forecast.recipe import Recipe
from gatecast.forecast.results import Statement
from gatecast.forecast.sources import Style
from gatecast.results import Alarm

if TYPE_CHECKING:
    from gatecast.forecast.forecaster import Forecaster

    Some = TypeVar("Some", bound=Forecaster)

KIND = "forecaster"


def save_forecaster(forecaster: "Forecaster", path: files.PathLike, *, overwrite: bool) -> None:
    """Write a fitted forecaster."""
    known = forecaster._fitted()
    model_config, model_arrays = forecaster.model_.get_state()
    config: dict[str, Any] = {
        "kind": KIND,
        "params": _plain_params(forecaster.get_params()),
        "period": forecaster.period_,
        "model": _kind_of(forecaster.model_) | {"state": model_config},
        "known": _known_config(known),
        "notes": list(forecaster.notes_),
        "statement": None if forecaster.statement_ is None else asdict(forecaster.statement_),
        "calibration": None,
    }
    arrays = prefixed("model", model_arrays) | _known_arrays(known)
    if forecaster.calibration_ is not None:
        config["calibration"], found = forecaster.calibration_.get_state()
        arrays |= prefixed("calibration", found)
    files.write(path, arrays, _plain(config), overwrite=overwrite)


def load_forecaster(kind: "type[Some]", path: files.PathLike) -> "Some":
    """Read it back."""
    arrays, config = files.read(path)
    if config.get("kind") != KIND:
        raise FileFormatError(f"{path} holds no forecaster; give a file that Forecaster.save wrote")
    made = kind(**_params_from(config["params"]))
    made.known_ = _known_from(config["known"], arrays)
    made.period_ = int(config["period"])
    model = _empty(config["model"])
    made.model_ = model.set_state(config["model"]["state"], owned("model", arrays))
    made.notes_ = tuple(config["notes"])
    made.statement_ = _statement_from(config["statement"])
    made.calibration_ = None
    if config["calibration"] is not None:
        made.calibration_ = Calibration.from_state(
            config["calibration"], owned("calibration", arrays)
        )
    return made


# -- the model ----------------------------------------------------------------------------------


def _kind_of(model: Model) -> dict[str, Any]:
    """How to make an empty one of this kind."""
    if isinstance(model, NetworkModel):
        return {"network": model.recipe.to_config(), "name": model.name, "seed": model.seed}
    if isinstance(model, Mixture):
        parts = [[share, _kind_of(part)] for share, part in model.parts]
        return {"mixture": parts, "name": model.name}
    if model.name in CLASSICAL:
        return {"classical": model.name}
    raise InputError(
        f"a {type(model).__name__} cannot be saved: only networks, the classical models and "
        "mixtures of them can"
    )


def _empty(kind: dict[str, Any]) -> Model:
    """An unfitted one of this kind."""
    if "classical" in kind:
        return make_classical(kind["classical"])
    if "mixture" in kind:
        return Mixture([(share, _empty(part)) for share, part in kind["mixture"]], kind["name"])
    return NetworkModel(Recipe.from_config(kind["network"]), kind["name"], kind["seed"])


# -- what it was made with ----------------------------------------------------------------------


def _plain_params(params: dict[str, Any]) -> dict[str, Any]:
    model = params["model"]
    if isinstance(model, Recipe):
        model = {"recipe": model.to_config()}
    elif isinstance(model, Plan):
        model = {"plan": model.to_config()}
    elif isinstance(model, Model):
        model = {"model": _kind_of(model)}
    if isinstance(level := params["level"], range):
        params = params | {"level": list(level)}
    return params | {"model": model}


def _params_from(config: dict[str, Any]) -> dict[str, Any]:
    params = {name: tuple(v) if isinstance(v, list) else v for name, v in config.items()}
    if isinstance(params["model"], dict):
        ((kind, found),) = params["model"].items()
        made = {"recipe": Recipe.from_config, "plan": Plan.from_config, "model": _empty}
        params["model"] = made[kind](found)
    return params


def _statement_from(config: dict[str, Any] | None) -> Statement | None:
    if config is None:
        return None
    alarms = tuple(Alarm(**alarm) for alarm in config["alarms"])
    return Statement(**(config | {"alarms": alarms}))


# -- what is known ------------------------------------------------------------------------------

_HISTORY_ARRAYS = ("target", "offsets", "past", "future", "ahead", "static", "codes")


def _known_arrays(known: Known) -> dict[str, Array]:
    arrays = {name: getattr(known.history, name) for name in _HISTORY_ARRAYS}
    return prefixed("known", arrays | {"starts": known.grid.starts})


def _known_config(known: Known) -> dict[str, Any]:
    schema = known.schema
    names = {
        field.name: list(getattr(known.history, field.name))
        for field in fields(History)
        if field.name not in _HISTORY_ARRAYS
    }
    return {
        "ids": list(known.ids),
        "grid": known.grid.to_config(),
        "names": names,
        "notes": list(known.notes),
        "schema": {
            "layout": schema.layout.to_config(),
            "freq": schema.freq,
            "zone": schema.zone,
            "timed": schema.timed,
            "categories": {name: list(kinds) for name, kinds in schema.categories.items()},
            "calendar": list(schema.calendar.cycles),
            "style": asdict(schema.style),
            "masked": list(schema.masked),
        },
    }


def _known_from(config: dict[str, Any], arrays: dict[str, Array]) -> Known:
    found = owned("known", arrays)
    names: dict[str, Any] = {name: tuple(values) for name, values in config["names"].items()}
    grid: Grid = grid_from_config(config["grid"], found.pop("starts"))
    schema = config["schema"]
    return Known(
        history=History(**names | found),
        ids=tuple(config["ids"]),
        grid=grid,
        notes=tuple(config["notes"]),
        schema=Schema(
            layout=layout_from_config(schema["layout"]),
            freq=schema["freq"],
            zone=schema["zone"],
            timed=schema["timed"],
            categories={name: tuple(kinds) for name, kinds in schema["categories"].items()},
            calendar=Calendar(tuple(schema["calendar"])),
            style=Style(**schema["style"]),
            masked=tuple(schema.get("masked", ())),  # older files: no flags were seen
        ),
    )


def _plain(value: Any) -> Any:
    """Tuples as lists, NumPy's numbers as Python's."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value.item() if isinstance(value, np.generic) else value
