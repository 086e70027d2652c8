import contextlib
import copy
import io

import pytest
import torch
from adabelief_pytorch import AdaBelief as Published

from training.adabelief import AdaBelief

BETAS = (0.9, 0.99)


def published(parameters, lr):
    with contextlib.redirect_stdout(io.StringIO()):  # it prints its change log
        return Published(
            parameters, lr=lr, betas=BETAS, eps=1e-16, weight_decouple=False, rectify=False, print_change_log=False
        )


def walk(optimiser, parameters, steps, seed=0):
    """Noisy gradients of a bowl; every third step leaves the last parameter without one."""
    generator = torch.Generator().manual_seed(seed)
    for step in range(steps):
        for index, parameter in enumerate(parameters):
            noise = torch.randn(parameter.shape, generator=generator)
            idle = index == len(parameters) - 1 and step % 3 == 2
            parameter.grad = None if idle else parameter.detach() * (index + 1) + 0.1 * noise
        optimiser.step()


@pytest.fixture
def start():
    generator = torch.Generator().manual_seed(7)
    return [torch.randn(shape, generator=generator) for shape in ((4, 3), (5,), (2, 2, 2))]


def test_its_steps_are_those_of_the_published_package(start):
    ours, theirs = ([value.clone().requires_grad_() for value in start] for _ in range(2))
    walk(AdaBelief([{"params": ours[:1]}, {"params": ours[1:], "lr": 0.05}], 0.01, BETAS), ours, 50)
    walk(published([{"params": theirs[:1]}, {"params": theirs[1:], "lr": 0.05}], 0.01), theirs, 50)
    for mine, their, first in zip(ours, theirs, start, strict=True):
        assert torch.allclose(mine, their, rtol=1e-5, atol=1e-6)
        assert (mine - first).abs().max() > 0.01


def test_a_checkpoint_of_the_published_package_goes_on(start):
    theirs = [value.clone().requires_grad_() for value in start]
    before = published(theirs, 0.01)
    walk(before, theirs, 20)
    ours = [value.detach().clone().requires_grad_() for value in theirs]
    after = AdaBelief([{"params": ours}], 0.01, BETAS)
    state = copy.deepcopy(before.state_dict())
    after.load_state_dict(state)
    walk(before, theirs, 10, seed=1)
    walk(after, ours, 10, seed=1)
    for mine, their in zip(ours, theirs, strict=True):
        assert torch.allclose(mine, their, rtol=1e-5, atol=1e-6)
