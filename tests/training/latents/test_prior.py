import math

import pytest
import torch

from training.latents import prior


def test_kl_of_the_prior_itself_is_nothing():
    mean, log_variance = torch.zeros(3, 7), torch.full((3, 7), 2.0 * math.log(0.4))
    assert torch.allclose(prior.kl(mean, log_variance, 0.4), torch.zeros(3), atol=1e-5)


@pytest.mark.parametrize("deviation", [0.3, 1.0, 2.5])
def test_kl_is_that_of_pytorchs_distributions(deviation):
    generator = torch.Generator().manual_seed(0)
    mean, log_variance = torch.randn(2, 4, 9, generator=generator)
    ours = torch.distributions.Normal(mean, (0.5 * log_variance).exp())
    theirs = torch.distributions.Normal(0.0, deviation)
    wanted = torch.distributions.kl_divergence(ours, theirs).sum(1)
    assert torch.allclose(prior.kl(mean, log_variance, deviation), wanted, rtol=1e-5)


@pytest.mark.parametrize("deviation", [0.3, 1.0])
def test_mmd_is_what_many_draws_of_the_prior_give(deviation):
    generator = torch.Generator().manual_seed(1)
    latents = 0.5 + 0.7 * torch.randn(12, 6, generator=generator, dtype=torch.float64)
    draws = deviation * torch.randn(2, 2500, 6, generator=generator, dtype=torch.float64)

    def kernel(first, second):
        squared = torch.cdist(first, second).square()
        widths = [share * 2 * 6 * deviation**2 for share in prior.BANDWIDTHS]
        return torch.stack([torch.exp(-squared / (2 * width)) for width in widths]).mean()

    wanted = kernel(latents, latents) - 2 * kernel(latents, draws[0]) + kernel(draws[0], draws[1])
    assert prior.mmd(latents, deviation).item() == pytest.approx(wanted.item(), abs=4e-3)
    assert wanted > 0.03


def test_mmd_of_one_latent_at_zero_in_one_dimension():
    wanted = 0.0
    for share in prior.BANDWIDTHS:
        width = 2.0 * share
        wanted += 1.0 - 2.0 * math.sqrt(width / (width + 1.0)) + math.sqrt(width / (width + 2.0))
    assert prior.mmd(torch.zeros(1, 1)).item() == pytest.approx(wanted / len(prior.BANDWIDTHS), rel=1e-5)


def test_mmd_falls_as_draws_of_the_prior_grow_many_and_rises_far_from_it():
    generator = torch.Generator().manual_seed(2)
    few, many = (prior.mmd(torch.randn(count, 8, generator=generator)).item() for count in (8, 1024))
    assert 0.0 <= many < 0.1 * few
    assert prior.mmd(torch.randn(64, 8, generator=generator) + 3.0).item() > 10 * few
