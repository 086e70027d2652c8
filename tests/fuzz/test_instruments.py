"""Instruments whose graphs are damaged, with the sums in their cards mended so that the damage gets as far as the graphs.

They are loaded and played in a process of its own, which may neither crash nor hang, and must refuse or play in order.
"""

import hashlib
import json
import select
import subprocess
import sys
from pathlib import Path

import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.cases import COUNT, damaged, fuzz
from tests.helpers.tiny_instrument import make_phase_instrument, make_time_instrument

ANSWER_S = 60.0
BUNDLED = Path(__file__).parents[2] / "exported_models"
pytestmark = pytest.mark.timeout(0 if COUNT > 1000 else 600)


class Player:
    """The process that plays; another one after a crash."""

    def __init__(self) -> None:
        self._process: subprocess.Popen | None = None

    def play(self, folder: Path, evaluator: str) -> str:
        process = self._process
        if process is None or process.poll() is not None:
            self.close()
            command = [sys.executable, "-m", "tests.fuzz.player"]
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            self._process = process
        process.stdin.write(f"{folder}\t{evaluator}\n")
        process.stdin.flush()
        if not select.select([process.stdout], [], [], ANSWER_S)[0]:
            process.kill()
            return f"hung for {ANSWER_S:.0f} s"
        return process.stdout.readline().strip() or f"crashed with {process.wait()}"

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


@pytest.fixture(scope="module")
def player():
    player = Player()
    yield player
    player.close()


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    folder = tmp_path_factory.mktemp("originals")
    return [make_time_instrument(folder / "time"), make_phase_instrument(folder / "phase"), BUNDLED / "small-objects"]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


def write_damaged(original: Path, copy: Path, name: str, content: bytes) -> None:
    """A copy of the instrument with other content of one file, and its sum in the card."""
    card = json.loads((original / "instrument.json").read_text())
    for file in card["files"]:
        (copy / file).write_bytes(content if file == name else (original / file).read_bytes())
    card["files"][name] = hashlib.sha256(content).hexdigest()
    (copy / "instrument.json").write_text(json.dumps(card))


def check(player: Player, copy: Path, evaluator: str) -> None:
    assert player.play(copy, evaluator) in ("played", "refused")


files = st.sampled_from(["field.onnx", "mapping.onnx"])
evaluators = st.sampled_from(["auto", "onnx", "native"])


def test_the_player_plays_what_is_whole(player, originals, copy):
    for original in originals:
        write_damaged(original, copy, "field.onnx", (original / "field.onnx").read_bytes())
        assert player.play(copy, "auto") == "played"


@fuzz
@given(st.data(), st.integers(0, 2), files, evaluators)
def test_damaged_bytes(player, originals, copy, case, which, name, evaluator):
    content = (originals[which] / name).read_bytes()
    write_damaged(originals[which], copy, name, case.draw(damaged(content)))
    check(player, copy, evaluator)


OPERATORS = ["Sin", "Exp", "Log", "Reciprocal", "Neg", "Sqrt", "Add", "Mul", "Sub", "Div", "Pow", "MatMul", "Gather", "Reshape"]
OPERATORS += ["Expand", "Tile", "Concat", "Slice", "Squeeze", "Unsqueeze", "Cast", "Identity", "Shape", "ReduceSum", "Resize"]


@st.composite
def altered(draw: st.DrawFn, content: bytes) -> bytes:
    """A graph that is well-formed, but whose operators, wires, shapes, weights or attributes are others."""
    model = onnx.load_from_string(content)
    graph = model.graph
    for _ in range(draw(st.integers(1, 3))):
        node = graph.node[draw(st.integers(0, len(graph.node) - 1))]
        names = [name for other in graph.node for name in other.output] + [value.name for value in graph.input]
        match draw(st.sampled_from(["operator", "wire", "drop", "order", "weights", "attribute", "type"])):
            case "operator":
                node.op_type = draw(st.sampled_from(OPERATORS))
            case "wire" if node.input:
                node.input[draw(st.integers(0, len(node.input) - 1))] = draw(st.sampled_from(names))
            case "drop":
                graph.node.remove(node)
                if not graph.node:
                    break
            case "order":
                graph.node.append(node)
            case "weights" if graph.initializer:
                tensor = graph.initializer[draw(st.integers(0, len(graph.initializer) - 1))]
                if tensor.raw_data:
                    tensor.raw_data = draw(damaged(tensor.raw_data[:4096])) + tensor.raw_data[4096:]
                if draw(st.booleans()) and tensor.dims:
                    tensor.dims[0] = draw(st.sampled_from([0, 1, -1, 7, 2**31, 2**62]))
            case "attribute" if node.attribute:
                attribute = node.attribute[0]
                attribute.i = draw(st.sampled_from([-1, 0, 1, 2, 7, 2**31, -(2**63)]))
                if attribute.HasField("t"):
                    attribute.t.raw_data = draw(st.binary(max_size=16))
            case "type":
                value = graph.input[draw(st.integers(0, len(graph.input) - 1))]
                value.type.tensor_type.elem_type = draw(st.integers(0, 20))
    return model.SerializeToString()


@fuzz
@given(st.data(), st.integers(0, 2), files, evaluators)
def test_altered_graphs(player, originals, copy, case, which, name, evaluator):
    content = (originals[which] / name).read_bytes()
    write_damaged(originals[which], copy, name, case.draw(altered(content)))
    check(player, copy, evaluator)


@fuzz
@given(st.data(), st.integers(0, 2))
def test_damaged_anchors(player, originals, copy, case, which):
    content = (originals[which] / "latents.npz").read_bytes()
    write_damaged(originals[which], copy, "latents.npz", case.draw(damaged(content)))
    check(player, copy, "onnx")
