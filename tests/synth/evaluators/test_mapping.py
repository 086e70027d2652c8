"""The mapping in two halves, on the bundled harmonic field and on small graphs of every awkward kind."""

import threading

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from synth.evaluators.graph_split import split
from synth.evaluators.mapping import MOVING, SHARED_ROWS, WORTH_ROWS, SplitMapping, open_mapping
from synth.instrument import Instrument, load
from synth.instrument.loader import open_graphs
from tests.helpers.bundled import fields
from tests.helpers.film import film_export, film_instrument


@pytest.fixture(scope="module")
def instrument() -> Instrument:
    return load(fields()[0])


def conditions(instrument: Instrument, notes: int, borders: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Rows as the engine hands them over: all notes at the first border, at the second, and so on."""
    random = np.random.default_rng(seed)
    latents = instrument.latents.latents
    still = {
        "latent": latents[random.integers(0, len(latents), notes)],
        "pitch": random.uniform(40.0, 80.0, notes).astype(np.float32),
        "velocity": random.random(notes, np.float32),
    }
    rows = {name: np.concatenate([values] * borders) for name, values in still.items()}
    for name in MOVING:
        rows[name] = random.random(notes * borders, np.float32)
    return {name: rows[name] for name in instrument.card.conditions}


def same(found: dict[str, np.ndarray], wanted: dict[str, np.ndarray]) -> bool:
    """A sum of products may be taken in another order where there are other rows beside it."""
    return found.keys() == wanted.keys() and all(
        values.shape == found[name].shape and np.allclose(found[name], values, 1e-6, 1e-7) for name, values in wanted.items()
    )


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize(("notes", "borders"), [(1, 4), (16, 4), (40, 8), (3, 17)])
def test_the_halves_give_what_the_whole_gives(instrument: Instrument, threads: int, notes: int, borders: int) -> None:
    whole, _ = open_graphs(instrument)
    mapping = open_mapping(instrument, whole, threads)
    assert isinstance(mapping, SplitMapping)
    for seed in (0, 0, 1):  # the same notes again, then others
        rows = conditions(instrument, notes, borders, seed)
        assert same(mapping.run(rows), whole.run(rows))


def test_a_note_that_another_one_resembles_is_told_apart(instrument: Instrument) -> None:
    whole, _ = open_graphs(instrument)
    mapping = open_mapping(instrument, whole)
    rows = conditions(instrument, 12, 4)
    for name in ("latent", "pitch", "velocity"):
        for copy in (3, 4, 6):
            rows[name][copy::12] = rows[name][0]
    assert same(mapping.run(rows), whole.run(rows))
    rows["velocity"][-1] += 0.1  # no longer what it was at the borders before
    assert same(mapping.run(rows), whole.run(rows))


def test_what_hands_move_is_computed_whole_and_what_is_held_but_once(
    instrument: Instrument, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, _ = open_graphs(instrument)
    mapping = open_mapping(instrument, whole)
    assert isinstance(mapping, SplitMapping)
    runs = []
    monkeypatch.setattr(mapping, "_whole", Counting(whole, runs, "whole"))
    monkeypatch.setattr(mapping, "_still", Counting(mapping._still, runs, "still"))
    monkeypatch.setattr(mapping, "_moving", Counting(mapping._moving, runs, "moving"))
    held = conditions(instrument, 16, 4)
    for _ in range(2):
        held["time"] = held["time"] + np.float32(0.01)
        mapping.run(held)
    assert runs == ["still", "moving", "moving"]
    mapping.run(conditions(instrument, 64, 1))
    mapping.run({name: values[: WORTH_ROWS - 1] for name, values in held.items()})
    assert runs[3:] == ["whole", "whole"]


def test_a_note_that_begins_or_bends_leaves_the_others_alone(instrument: Instrument, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then rows do not repeat border by border."""
    whole, _ = open_graphs(instrument)
    mapping = open_mapping(instrument, whole)
    rows = conditions(instrument, 13, 4)
    rows["pitch"][5::13] += np.float32([0.0, 0.1, 0.2, 0.3])
    fewer = {name: values[2:] for name, values in rows.items()}
    wanted = [whole.run(rows), whole.run(fewer)]
    monkeypatch.setattr(mapping, "_whole", None)
    assert same(mapping.run(rows), wanted[0])
    assert same(mapping.run(fewer), wanted[1])


class Counting:
    """A graph that notes when it is run."""

    def __init__(self, inner: object, runs: list[str], name: str) -> None:
        self.inner, self.runs, self.name = inner, runs, name

    def run(self, *arguments: object) -> object:
        self.runs.append(self.name)
        return self.inner.run(*arguments)


def test_a_thread_that_fails_is_made_up_for(instrument: Instrument, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, _ = open_graphs(instrument)
    mapping = open_mapping(instrument, whole, 2)
    assert isinstance(mapping, SplitMapping)
    rows = conditions(instrument, SHARED_ROWS, 2)
    wanted = whole.run(rows)
    inner = mapping._moving

    class Failing:
        def run(self, names: object, feeds: dict) -> list:
            if threading.current_thread() is not threading.main_thread():
                raise ValueError("no")
            return inner.run(names, feeds)

    monkeypatch.setattr(mapping, "_moving", Failing())
    assert same(mapping.run(rows), wanted)


def test_threads_end_with_the_mapping(instrument: Instrument) -> None:
    whole, _ = open_graphs(instrument)
    before = set(threading.enumerate())
    mapping = open_mapping(instrument, whole, 3)
    rows = conditions(instrument, SHARED_ROWS, 1)
    mapping.run(rows)
    started = set(threading.enumerate()) - before
    assert len(started) == 2
    del mapping
    for thread in started:
        thread.join(10.0)
    assert not any(thread.is_alive() for thread in started)


def test_a_mapping_without_time_is_left_whole() -> None:
    instrument = film_instrument(film_export())
    whole, _ = open_graphs(instrument)
    assert open_mapping(instrument, whole) is whole


def graph(nodes: list[onnx.NodeProto], constants: dict[str, np.ndarray], outputs: list[str]) -> bytes:
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["V"]) for name in ("pitch", "time")]
    made = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
    kept = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    model = helper.make_model(
        helper.make_graph(nodes, "mapping", values, made, kept), opset_imports=[helper.make_opsetid("", 18)], ir_version=9
    )
    return model.SerializeToString()


def run(content: bytes, **feeds: np.ndarray) -> list[np.ndarray]:
    return onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"]).run(None, feeds)


def test_what_crosses_and_what_stays_is_found() -> None:
    """Constants of constants that both halves need, an input used on both sides, an output of the still half."""
    nodes = [
        helper.make_node("Add", ["c", "c"], ["twice"]),
        helper.make_node("Sin", ["pitch"], ["s"]),
        helper.make_node("Mul", ["s", "twice"], ["held"]),
        helper.make_node("Mul", ["time", "twice"], ["t"]),
        helper.make_node("Sub", ["t", "s"], ["d"]),
        helper.make_node("Add", ["d", "pitch"], ["moved"]),
        helper.make_node("Neg", ["pitch"], ["unused"]),
    ]
    halves = split(graph(nodes, {"c": np.array(3.0, np.float32)}, ["moved", "held"]), MOVING)
    assert (halves.crossing, halves.still_outputs, halves.moving_outputs) == (("s",), ("held",), ("moved",))
    assert (halves.still_inputs, halves.moving_inputs) == (("pitch",), ("pitch", "time"))
    pitch, time = np.float32([1.0, 2.0]), np.float32([0.5, 0.25])
    s, held = run(halves.still, pitch=pitch)
    (moved,) = run(halves.moving, pitch=pitch, time=time, s=s)
    assert held == pytest.approx(6.0 * np.sin(pitch))
    assert moved == pytest.approx(6.0 * time - np.sin(pitch) + pitch)
    assert {node.op_type for node in onnx.load_from_string(halves.moving).graph.node} == {"Add", "Mul", "Sub"}


@pytest.mark.parametrize("outputs", [["s"], ["t"]])
def test_a_graph_of_one_kind_is_not_split(outputs: list[str]) -> None:
    nodes = [helper.make_node("Sin", ["pitch"], ["s"]), helper.make_node("Sin", ["time"], ["t"])]
    with pytest.raises(ValueError, match="not two halves"):
        split(graph(nodes, {}, outputs), MOVING)


def test_a_graph_within_a_graph_is_not_split() -> None:
    inner = helper.make_graph(
        [helper.make_node("Neg", ["time"], ["n"])], "inner", [], [helper.make_empty_tensor_value_info("n")]
    )
    nodes = [
        helper.make_node("Sin", ["pitch"], ["s"]),
        helper.make_node("If", ["c"], ["i"], then_branch=inner, else_branch=inner),
        helper.make_node("Add", ["s", "i"], ["moved"]),
    ]
    with pytest.raises(ValueError, match="graph of its own"):
        split(graph(nodes, {"c": np.array(True)}, ["moved"]), MOVING)


def test_halves_that_are_not_the_whole_are_not_used(instrument: Instrument) -> None:
    """As where a value depends on how many rows there are: here the whole is another graph."""

    class Louder:
        def run(self, feeds: dict) -> dict:
            return {name: 1.001 * values for name, values in open_graphs(instrument)[0].run(feeds).items()}

    louder = Louder()
    assert open_mapping(instrument, louder) is louder
