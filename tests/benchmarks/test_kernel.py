import pytest

from benchmarks import kernel
from benchmarks.limit import SINE_S
from synth.evaluators.machine import host


@pytest.mark.parametrize("radians", [10.0, 10_000.0])
def test_the_sine_errs_less_than_an_argument_in_radians_would_be_rounded(radians: float) -> None:
    assert 1e-9 < kernel.sine_error(radians) < kernel.rounding(radians)


def test_the_share_of_the_limit_counts_multiply_adds_and_sines() -> None:
    operations, share, _ = kernel.reached(2, 64, host(), 1e12)
    of_a_sample = 2.0 * (64**2 + 2 * 64)
    assert share == pytest.approx(operations / 1e12 + 2 * 64 * SINE_S * operations / of_a_sample)
