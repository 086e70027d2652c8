import threading

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sirenade.errors import InstrumentError
from synth.evaluators.film import SHARED_MACS, FilmKernel
from synth.evaluators.film_formula import film_samples
from synth.evaluators.film_graph import recognise
from synth.machine import Machine
from tests.helpers.film import film_export, film_rows, moving
from tests.helpers.machines import machines

NULL = 1e-5


def onnx_samples(content: bytes, inputs: dict[str, np.ndarray]) -> np.ndarray:
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return session.run(None, inputs)[0]


@settings(max_examples=12, deadline=None)
@given(
    layers=st.integers(2, 5),
    width=st.sampled_from([1, 3, 8, 16, 17, 24, 50, 64]),
    shared=st.booleans(),
    knots=st.sampled_from([0, 2, 9]),
    rows=st.integers(1, 5),
    frames=st.sampled_from([1, 16, 37, 64, 100, 256]),
)
def test_nulls_against_onnx_runtime_below_minus_100_db(
    layers: int, width: int, shared: bool, knots: int, rows: int, frames: int
) -> None:
    export = film_export(layers, width, shared, knots)
    content = export.field_graph()
    kernel = FilmKernel(recognise(content))
    inputs = film_rows(export, rows, frames)
    wanted = onnx_samples(content, inputs)
    found = kernel.samples(inputs)
    assert found.shape == wanted.shape
    level = np.abs(onnx_samples(content, film_rows(export, rows, 256))).max()  # a single sample may lie where a wave is 0
    assert np.abs(found - wanted).max() < NULL * level


@pytest.mark.parametrize("machine", machines(), ids=lambda machine: machine.name)
@pytest.mark.parametrize("knots", [0, 9])
def test_every_width_of_vectors_computes_the_same(machine: Machine, knots: int) -> None:
    export = film_export(3, 20, knots=knots)
    field = recognise(export.field_graph())
    kernel = FilmKernel(field, machine=machine)
    assert kernel.name == f"{machine.name} x1"
    inputs, others = film_rows(export, 4, 70), film_rows(export, 4, 70, seed=1)
    for each in (inputs, moving(inputs, others)):
        wanted = film_samples(field, each)
        assert np.abs(kernel.samples(each) - wanted).max() < 2 * NULL * np.abs(wanted).max()


@settings(max_examples=10, deadline=None)
@given(
    layers=st.integers(2, 4),
    shared=st.booleans(),
    knots=st.sampled_from([0, 5]),
    seed=st.integers(0, 9),
    rows=st.integers(1, 6),
)
def test_moving_modulations_follow_the_formula(layers: int, shared: bool, knots: int, seed: int, rows: int) -> None:
    export = film_export(layers, 24, shared, knots)
    field = recognise(export.field_graph())
    inputs = moving(film_rows(export, rows, 64, seed), film_rows(export, rows, 64, seed + 10))
    wanted, found = film_samples(field, inputs), FilmKernel(field).samples(inputs)
    assert np.abs(found - wanted).max() < 2 * NULL * np.abs(wanted).max()


def test_a_row_that_moves_begins_and_ends_where_held_rows_are() -> None:
    export = film_export(knots=5)
    kernel = FilmKernel(recognise(export.field_graph()))
    start, end = film_rows(export, 3, 64), film_rows(export, 3, 64, seed=1)
    end["time_start"] = start["time_start"]
    inputs = moving(start, end)
    for name in ("gamma", "beta", "envelope"):
        inputs[f"{name}_end"] = end[name]
    inputs["blend"] = np.repeat(np.array([[0.0] * 32 + [1.0] * 32], np.float32), 3, 0)
    found = kernel.samples(inputs)
    assert np.abs(found[:, :32] - kernel.samples(start)[:, :32]).max() < 1e-5
    assert np.abs(found[:, 32:] - kernel.samples(end)[:, 32:]).max() < 1e-5
    assert np.abs(kernel.samples(start) - kernel.samples(end)).max() > 0.01


@pytest.mark.parametrize("name", ["gamma", "beta", "envelope"])
def test_a_row_moves_where_any_of_its_modulations_does(name: str) -> None:
    export = film_export(knots=5)
    field = recognise(export.field_graph())
    start = film_rows(export, 3, 64)
    inputs = moving(start, start)
    inputs[f"{name}_end"] = film_rows(export, 3, 64, seed=1)[name]
    wanted, found = film_samples(field, inputs), FilmKernel(field).samples(inputs)
    assert np.abs(found - wanted).max() < 2 * NULL * np.abs(wanted).max()
    assert np.abs(found - FilmKernel(field).samples(start)).max() > 100 * NULL * np.abs(wanted).max()


def test_a_row_does_not_depend_on_its_neighbours_nor_on_threads() -> None:
    export = film_export(width=64)
    field = recognise(export.field_graph())
    inputs = film_rows(export, 96, 64)
    alone, pair = FilmKernel(field), FilmKernel(field, threads=3)
    assert inputs["time_offset"].size * pair.macs_per_sample > SHARED_MACS
    wanted = alone.samples(inputs)
    for _ in range(20):
        assert (pair.samples(inputs) == wanted).all()
    single = {name: value[7:8] for name, value in inputs.items()}
    assert (alone.samples(single) == wanted[7]).all()


def test_helpers_end_with_their_evaluator() -> None:
    before = set(threading.enumerate())
    kernel = FilmKernel(recognise(film_export().field_graph()), threads=3)
    helpers = set(threading.enumerate()) - before
    assert len(helpers) == 2
    del kernel
    for helper in helpers:
        helper.join(10.0)
    assert not any(helper.is_alive() for helper in helpers)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
def test_wild_weights_and_modulations_neither_hang_nor_read_beyond(value: float) -> None:
    export = film_export(knots=5)
    field = recognise(export.field_graph())
    field.weights[0][3] = value
    inputs = film_rows(export, 4, 64)
    assert FilmKernel(field).samples(inputs).shape == (4, 64)
    sound = recognise(export.field_graph())
    inputs["time_start"][0] = 5.0  # at the last knot, beside which the next row's lie
    wanted = film_samples(sound, {name: value[:1] for name, value in inputs.items()})
    inputs["time_start"][1], inputs["envelope"][1:3], inputs["gamma"][3] = value, value, value
    assert FilmKernel(sound).samples(inputs)[:1] == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize("name", ["gamma", "time_start", "time_offset", "envelope"])
def test_inputs_of_another_shape_are_refused(name: str) -> None:
    export = film_export(knots=5)
    kernel = FilmKernel(recognise(export.field_graph()))
    inputs = film_rows(export, 4, 64)
    with pytest.raises(InstrumentError, match="has shape"):
        kernel.samples({**inputs, name: inputs[name][:-1]})
    with pytest.raises(InstrumentError, match=f"lacks the input {name}"):
        kernel.samples({other: value for other, value in inputs.items() if other != name})


def test_no_rows_and_no_frames_give_nothing() -> None:
    export = film_export()
    kernel = FilmKernel(recognise(export.field_graph()))
    assert kernel.samples(film_rows(export, 0, 64)).shape == (0, 64)
    assert kernel.samples(film_rows(export, 3, 0)).shape == (3, 0)
