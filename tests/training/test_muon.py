import pytest
import torch

from training import runs
from training.muon import Muon, orthogonal
from training.optimiser import make_optimiser

from .recordings import tiny_config, write_folder


@pytest.mark.parametrize("shape", [(48, 48), (64, 16), (16, 64)])
def test_a_matrix_is_brought_near_the_orthogonal_one_of_its_directions(shape):
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    left, values, right = torch.linalg.svd(matrix, full_matrices=False)
    found = orthogonal(matrix)
    turned = left.T @ found @ right.T
    large = values > 0.05 * values.max()  # the smallest need more iterations
    assert 0.6 < turned.diagonal()[large].min() <= turned.diagonal().max() < 1.3
    assert (turned - turned.diagonal().diag()).abs().max() < 1e-3


def test_hidden_matrices_step_by_the_rate_and_all_else_as_with_adam(tmp_path):
    config = tiny_config(
        write_folder(tmp_path / "data"), optimiser={"name": "muon", "lr": 1e-3, "matrix_lr": 0.05, "schedule": "constant"}
    )
    steps = {}
    for name in ("muon", "adam"):
        changed = config.model_copy(update={"optimiser": config.optimiser.model_copy(update={"name": name})})
        experiment = runs.build(changed)
        optimiser = make_optimiser(changed.optimiser, experiment)
        for group in optimiser.param_groups:
            group["lr"] = 1e-3 * group["lr_scale"]
        before = {key: value.clone() for key, value in experiment.state_dict().items()}
        experiment.loss(torch.Generator().manual_seed(0))["total"].backward()
        optimiser.step()
        steps[name] = {key: value - before[key] for key, value in experiment.state_dict().items()}
    assert isinstance(make_optimiser(config.optimiser, runs.build(config)), Muon)
    hidden = {"network.sines.1.weight", "network.sines.2.weight"}
    for key, step in steps["adam"].items():
        if key in hidden:
            assert 0.6 * 0.05 < torch.linalg.matrix_norm(steps["muon"][key], 2) < 1.3 * 0.05
        else:
            assert torch.equal(steps["muon"][key], step), key


def test_weight_normed_networks_have_no_matrices_of_their_own(tmp_path):
    config = tiny_config(
        write_folder(tmp_path / "data"), network={"width": 16, "latent": 4, "weight_norm": True}, optimiser={"name": "muon"}
    )
    assert not any(group.get("matrices") for group in runs.build(config).parameter_groups())
