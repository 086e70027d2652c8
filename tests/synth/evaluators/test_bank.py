import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sirenade.errors import InstrumentError
from synth.evaluators.bank import SHARED_WAVES, BankKernel
from synth.evaluators.bank_formula import bank_samples
from synth.evaluators.bank_graph import recognise
from synth.machine import Machine
from tests.helpers.bank import bank_graph, bank_rows, onnx_samples
from tests.helpers.machines import machines

NULL = 1e-5
"""-100 dB"""


def off(found: np.ndarray, wanted: np.ndarray) -> float:
    """Largest error of the peak; but a few quiet samples are no measure."""
    assert found.shape == wanted.shape
    return float(np.abs(found - wanted).max() / max(np.abs(wanted).max(), 0.1))


@settings(max_examples=15, deadline=None)
@given(
    partials=st.sampled_from([1, 7, 16, 40, 192]),
    modes=st.sampled_from([0, 1, 5, 24]),
    bands=st.sampled_from([1, 3, 8, 24]),
    rows=st.integers(1, 5),
    frames=st.sampled_from([1, 16, 37, 64, 70]),
    seed=st.integers(0, 99),
)
def test_nulls_against_onnx_runtime_below_minus_100_db(
    partials: int, modes: int, bands: int, rows: int, frames: int, seed: int
) -> None:
    """Glides, notes of ten minutes, partials on the fade at the band limit, levels and series that move."""
    content = bank_graph(partials, modes, bands)
    inputs = bank_rows(rows, frames, partials, modes, bands, seed)
    assert off(BankKernel(recognise(content, bands)).samples(inputs), onnx_samples(content, inputs)) < NULL


@pytest.mark.parametrize("machine", machines(), ids=lambda machine: machine.name)
@pytest.mark.parametrize("modes", [0, 5])
def test_every_width_of_vectors_computes_the_formula(machine: Machine, modes: int) -> None:
    field = recognise(bank_graph(50, modes, 12), 12)
    kernel = BankKernel(field, machine=machine)
    assert kernel.name == f"{machine.name} x1"
    inputs = bank_rows(6, 70, 50, modes, 12)
    assert off(kernel.samples(inputs), bank_samples(field, inputs)) < NULL


@pytest.mark.parametrize("seconds", [0.0, 1.0, 36000.0])
def test_a_late_phase_is_as_exact_as_an_early_one(seconds: float) -> None:
    field = recognise(bank_graph(), 8)
    inputs = bank_rows(8, seconds=seconds)
    assert off(BankKernel(field).samples(inputs), bank_samples(field, inputs)) < 0.3 * NULL


def test_partials_end_at_the_band_limit() -> None:
    """Those below 92 % of it sound in full, those above not at all, one in between by its share."""
    field = recognise(bank_graph(40, 1), 8)
    kernel, inputs = BankKernel(field), bank_rows(1, 64, 40, 1)
    inputs |= {name: np.zeros_like(inputs[name]) for name in inputs if name.startswith(("partials", "hiss", "modes"))}
    inputs |= {f"series_{end}": np.eye(1, 13, dtype=np.float32) for end in ("start", "end")}
    peaks = []
    for limit in (10.0, 9.6, 9.0):
        inputs["bandlimit"] = np.array([limit], np.float32)
        for end in ("start", "end"):
            inputs[f"partials_{end}"] = np.eye(1, 40, 8, dtype=np.float32)  # the ninth
        peaks.append(np.abs(kernel.samples(inputs)).max())
    assert peaks == pytest.approx([1.0, (1.0 - 9.0 / 9.6) / 0.08, 0.0], abs=0.02)
    for end in ("start", "end"):
        inputs[f"modes_{end}"] = np.ones((1, 1), np.float32)
    inputs["bandlimit"] = np.array([1.3], np.float32)
    assert (kernel.samples(inputs) == 0.0).all()  # the mode's ratio is 1.37
    inputs["bandlimit"] = np.array([2.0], np.float32)
    assert np.abs(kernel.samples(inputs)).max() > 0.5


def test_where_nothing_sounds_there_is_silence_and_where_noise_is_left_noise_alone() -> None:
    kernel, inputs = BankKernel(recognise(bank_graph(40, 5), 8)), bank_rows(3, 64, 40, 5)
    inputs |= {name: np.zeros_like(inputs[name]) for name in inputs if name.startswith(("partials", "modes"))}
    wanted = np.einsum("rnb,rb->rn", inputs["noise"], inputs["hiss_start"])
    moved = np.einsum("rnb,rb->rn", inputs["noise"], inputs["hiss_end"])
    assert off(kernel.samples(inputs), wanted + inputs["blend"] * (moved - wanted)) < NULL
    inputs |= {f"hiss_{end}": np.zeros_like(inputs["hiss_start"]) for end in ("start", "end")}
    assert (kernel.samples(inputs) == 0.0).all()


def test_held_levels_are_a_sum_of_sines() -> None:
    """Told independently of the formula: a tone of three partials."""
    field = recognise(bank_graph(), 8)
    inputs = bank_rows(1)
    levels = np.zeros((1, 40), np.float32)
    levels[0, [0, 1, 6]] = 0.5, 0.25, 0.125
    for end in ("start", "end"):
        inputs[f"partials_{end}"], inputs[f"hiss_{end}"] = levels, np.zeros((1, 8), np.float32)
        inputs[f"series_{end}"] = np.eye(1, 13, dtype=np.float32)
    inputs["bandlimit"] = np.array([100.0], np.float32)
    cycles = inputs["phase_start"][0] + inputs["phase_offset"][0].astype(np.float64)
    wanted = sum(levels[0, k] * np.sin(2 * np.pi * (k + 1) * cycles + field.thetas[k]) for k in (0, 1, 6))
    assert off(BankKernel(field).samples(inputs)[0], wanted) < NULL


def test_only_the_strongest_series_sound() -> None:
    field = recognise(bank_graph(), 8)
    inputs = bank_rows(4)
    for end in ("start", "end"):
        inputs[f"series_{end}"] = np.random.default_rng(3).random((4, 13)).astype(np.float32)
    content = bank_graph()
    assert off(BankKernel(field).samples(inputs), onnx_samples(content, inputs)) < NULL


def test_a_row_does_not_depend_on_its_neighbours_nor_on_threads() -> None:
    field = recognise(bank_graph(192, 8), 8)
    inputs = bank_rows(700, 64, 192, 8)
    alone, crew = BankKernel(field), BankKernel(field, threads=3)
    assert inputs["phase_offset"].size * 192 > SHARED_WAVES
    wanted = alone.samples(inputs)
    for _ in range(10):
        assert (crew.samples(inputs) == wanted).all()
    single = {name: value[7:8] for name, value in inputs.items()}
    assert (alone.samples(single) == wanted[7]).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
def test_wild_inputs_neither_hang_nor_reach_other_rows(value: float) -> None:
    kernel, inputs = BankKernel(recognise(bank_graph(40, 5), 8)), bank_rows(12, 64, 40, 5)
    wanted = kernel.samples(inputs)[0]
    names = [name for name in inputs if not name.startswith("time")]
    for row, name in enumerate(names[:11]):
        inputs[name] = inputs[name].copy()
        inputs[name][row + 1] = value
    assert (kernel.samples(inputs)[0] == wanted).all()


@pytest.mark.parametrize("name", ["partials_start", "series_end", "modes_end", "phase_start", "phase_offset", "noise"])
def test_inputs_of_another_shape_are_refused(name: str) -> None:
    kernel, inputs = BankKernel(recognise(bank_graph(40, 5), 8)), bank_rows(4, 64, 40, 5)
    with pytest.raises(InstrumentError, match="has shape"):
        kernel.samples({**inputs, name: inputs[name][:-1]})
    with pytest.raises(InstrumentError, match=f"lacks the input {name}"):
        kernel.samples({other: value for other, value in inputs.items() if other != name})


def test_no_rows_and_no_frames_give_nothing() -> None:
    kernel = BankKernel(recognise(bank_graph(), 8))
    assert kernel.samples(bank_rows(0)).shape == (0, 64)
    assert kernel.samples(bank_rows(3, 0)).shape == (3, 0)
