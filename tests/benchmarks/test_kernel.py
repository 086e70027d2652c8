import numpy as np
import pytest

from benchmarks import kernel
from benchmarks.limit import SINE_S
from synth.evaluators.bank_formula import BankField, sounding
from synth.evaluators.bank_layout import BankShape
from synth.machine import host


@pytest.mark.parametrize("radians", [10.0, 10_000.0])
def test_the_sine_errs_less_than_an_argument_in_radians_would_be_rounded(radians: float) -> None:
    assert 1e-9 < kernel.sine_error(radians) < kernel.rounding(radians)


def test_the_share_of_the_limit_counts_multiply_adds_and_sines() -> None:
    operations, share, _ = kernel.reached(2, 64, host(), 1e12)
    of_a_sample = 2.0 * (64**2 + 2 * 64)
    assert share == pytest.approx(operations / 1e12 + 2 * 64 * SINE_S * operations / of_a_sample)


def test_the_share_of_a_bank_counts_the_oscillators_that_sound() -> None:
    seconds, share, _ = kernel.bank_reached(16, host(), 1e12)
    assert share * seconds == pytest.approx(2.0 * (3 * 16 + 2 * kernel.BANDS) / 1e12 + 16 * SINE_S)


def test_every_oscillator_of_the_measured_bank_sounds() -> None:
    shape = BankShape(16, 2, 1, 0, 4, 1e-7, 12.5)
    field = BankField(shape, np.ones((2, 16)), np.zeros(16), np.zeros(0), np.zeros(0))
    assert sounding(field, kernel.bank_rows(shape, 5)).all()
