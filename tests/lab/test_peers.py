"""Beside each network the same one trained by PyTorch, wherever PyTorch has the like."""

from dataclasses import replace

import numpy as np
import pytest

from gatecast import comparison
from gatecast.lab import electric, grades, steel_load, steel_usage, waves
from tests.lab.studies import TINY, cut, names

FLOAT32 = 2e-3  # relative; the same training in another order of additions


@pytest.mark.parametrize("preset", ["best", "published"])
@pytest.mark.parametrize("experiment", [electric, grades, steel_load, steel_usage, waves])
def test_every_experiment_has_its_peers(experiment, preset, reference_data):
    study = cut(experiment.describe(replace(TINY, preset=preset)), rows=300)
    study = replace(study, variants=study.variants[:1] + study.variants[1:][-1:])
    result = comparison.run(study, jobs=1, progress=False, torch=True)
    peers = names(result, "peer")
    for variant, models in names(result, "network").items():
        found = {name.removeprefix("torch_") for name in peers.get(variant, set())}
        assert found == models
    if preset == "published":
        return  # gradient descent on targets that are not scaled magnifies the last digit
    losses = {
        (r.model, r.variant): r.metrics["train_loss"] for r in result.rows if r.kind != "baseline"
    }
    for (model, variant), loss in losses.items():
        theirs = losses.get((f"torch_{model}", variant))
        assert theirs is None or np.isclose(loss, theirs, rtol=FLOAT32), (model, variant)
