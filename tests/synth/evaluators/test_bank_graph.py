from collections.abc import Callable

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper, numpy_helper

from synth.evaluators.bank_graph import recognise
from synth.evaluators.choice import open_evaluator
from synth.evaluators.native import recognise as recognise_any
from synth.evaluators.onnx_nodes import UnknownGraphError
from synth.instrument import library, load
from tests.helpers.bank import bank_graph, mode_ratios
from training.harmonic.field import FADE_FROM, SILENT, starting_phases
from training.harmonic.stiffness import SLOTS, series_ratios


@pytest.mark.parametrize(("partials", "modes", "bands"), [(1, 0, 1), (40, 0, 8), (305, 12, 24)])
def test_every_export_is_recognised(partials: int, modes: int, bands: int) -> None:
    field = recognise(bank_graph(partials, modes, bands), bands)
    assert (field.ratios == series_ratios(partials)).all()
    assert (np.concatenate([field.thetas, field.mode_thetas]) == starting_phases(partials + modes)).all()
    assert field.mode_ratios.tolist() == mode_ratios(modes)
    shape = field.shape
    assert (shape.slots, shape.silent, shape.slope) == (SLOTS, np.float32(SILENT), np.float32(1.0 / (1.0 - FADE_FROM)))


def test_bundled_harmonic_fields_are_computed_natively(tmp_path) -> None:
    fields = [load(each.path) for each in library.find_all() if each.card and each.card.coordinates == ("phase", "time")]
    assert fields
    for instrument in fields:
        assert recognise_any(instrument).shape.partials == instrument.card.modulations[0].shape[0]
        assert open_evaluator(instrument, wanted="native", cache=tmp_path).name.startswith("native ")


def nodes(model: onnx.ModelProto, operator: str) -> list[onnx.NodeProto]:
    return [node for node in model.graph.node if node.op_type == operator]


def named(model: onnx.ModelProto, name: str) -> onnx.TensorProto:
    return next(tensor for tensor in model.graph.initializer if tensor.name == name)


def replace(model: onnx.ModelProto, name: str, change: Callable[[np.ndarray], np.ndarray]) -> None:
    tensor = named(model, name)
    tensor.CopyFrom(numpy_helper.from_array(np.asarray(change(numpy_helper.to_array(tensor))), tensor.name))


def cosines(model: onnx.ModelProto) -> None:
    nodes(model, "Sin")[0].op_type = "Cos"


def add_a_node(model: onnx.ModelProto) -> None:
    model.graph.node.append(helper.make_node("Neg", ["blend"], ["unused"]))


def put_a_node_between(model: onnx.ModelProto) -> None:
    model.graph.node.append(helper.make_node("Abs", ["noise"], ["between"]))
    next(node for node in nodes(model, "MatMul") if "noise" in node.input).input[0] = "between"


def swap_the_ends(model: onnx.ModelProto) -> None:
    node = nodes(model, "Sub")[-1]
    node.input[0], node.input[1] = node.input[1], node.input[0]


def same_end_twice(model: onnx.ModelProto) -> None:
    slices = nodes(model, "Slice")
    slices[1].input[1], slices[1].input[2] = slices[0].input[1], slices[0].input[2]


def other_level_of_one_end(model: onnx.ModelProto) -> None:
    for node in model.graph.node:
        node.input[:] = ["partials_start" if name == "partials_end" else name for name in node.input]


def modes_of_the_other_end(model: onnx.ModelProto) -> None:
    for node in model.graph.node:
        node.input[:] = ["modes_start" if name == "modes_end" else name for name in node.input]


def weakest_series(model: onnx.ModelProto) -> None:
    nodes(model, "TopK")[0].attribute.append(helper.make_attribute("largest", 0))


def first_output_of_top_k(model: onnx.ModelProto) -> None:
    node = nodes(model, "TopK")[0]
    node.output[0], node.output[1] = node.output[1], node.output[0]


def smaller_series(model: onnx.ModelProto) -> None:
    nodes(model, "Max")[0].op_type = "Min"


def quieter_end(model: onnx.ModelProto) -> None:
    nodes(model, "ReduceMax")[0].op_type = "ReduceMin"


def listed_is_another(model: onnx.ModelProto) -> None:
    replace(model, nodes(model, "Or")[0].input[1], lambda first: ~first)


def other_turn(model: onnx.ModelProto) -> None:
    turn = next(t.name for t in model.graph.initializer if not t.dims and numpy_helper.to_array(t) == 2.0 * np.pi)
    replace(model, turn, lambda _: np.array(6.0))


def phases_of_one_slot_differ(model: onnx.ModelProto) -> None:
    theta = next(node.input[0] for node in nodes(model, "Gather") if dict_of(node)["axis"] == 0 and is_vector(model, node))
    replace(model, theta, lambda thetas: np.concatenate([thetas[:1] + 0.1, thetas[1:]]))


def dict_of(node: onnx.NodeProto) -> dict:
    return {attribute.name: attribute.i for attribute in node.attribute}


def is_vector(model: onnx.ModelProto, node: onnx.NodeProto) -> bool:
    return any(t.name == node.input[0] and len(t.dims) == 1 for t in model.graph.initializer)


def phase_that_stands_still(model: onnx.ModelProto) -> None:
    node = next(node for node in nodes(model, "Unsqueeze") if node.input[0] == "phase_offset")
    node.input[0] = "time_offset"


def late_start(model: onnx.ModelProto) -> None:
    node = next(node for node in nodes(model, "Unsqueeze") if node.input[0] == "phase_start")
    node.input[0] = "time_start"


def round_up(model: onnx.ModelProto) -> None:
    nodes(model, "Floor")[0].op_type = "Ceil"


def other_fade(model: onnx.ModelProto) -> None:
    replace(model, nodes(model, "Clip")[0].input[1], lambda _: np.array(0.1, np.float32))


def fade_of_the_modes_left_out(model: onnx.ModelProto) -> None:
    last = [node for node in nodes(model, "Mul") if "Concat" in {made.op_type for made in makers(model, node)}][-1]
    clip = nodes(model, "Clip")[0]
    model.graph.node.append(helper.make_node("Abs", [clip.output[0]], ["loud"]))
    last.input[1] = "loud"


def makers(model: onnx.ModelProto, node: onnx.NodeProto) -> list[onnx.NodeProto]:
    return [made for made in model.graph.node if set(made.output) & set(node.input)]


def other_column(model: onnx.ModelProto) -> None:
    ones = next(node.input[0] for node in nodes(model, "Expand") if len(named(model, node.input[0]).dims) == 3)
    replace(model, ones, lambda one: one * 2)


def another_precision(model: onnx.ModelProto) -> None:
    nodes(model, "Cast")[0].attribute[0].i = 10


def another_row_size(model: onnx.ModelProto) -> None:
    replace(model, nodes(model, "Reshape")[0].input[1], lambda _: np.array([-1, 60], np.int64))


def input_that_overrides_a_constant(model: onnx.ModelProto) -> None:
    tensor = model.graph.initializer[0]
    model.graph.input.append(helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims))


def circle(model: onnx.ModelProto) -> None:
    nodes(model, "Sin")[0].input[0] = "samples"


ALTERATIONS = [
    value for value in list(globals().values()) if getattr(value, "__annotations__", {}).keys() == {"model", "return"}
]


@pytest.mark.parametrize("alter", ALTERATIONS, ids=lambda alter: alter.__name__)
def test_a_graph_that_differs_is_refused(alter: Callable[[onnx.ModelProto], None]) -> None:
    assert len(ALTERATIONS) == 24
    content = bank_graph(40, 5)
    model = onnx.load_from_string(content)
    recognise(model.SerializeToString(), 8)
    alter(model)
    assert model.SerializeToString() != content
    with pytest.raises(UnknownGraphError):
        recognise(model.SerializeToString(), 8)


@pytest.mark.parametrize(("partials", "bands"), [(3000, 8), (8, 300), (8, 0)])
def test_banks_that_no_code_is_made_for_are_refused(partials: int, bands: int) -> None:
    with pytest.raises(UnknownGraphError, match="are not what code is made for"):
        recognise(bank_graph(partials), bands)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_bytes_that_are_damaged_are_refused_or_understood_never_worse(data: st.DataObject) -> None:
    content = bytearray(bank_graph(5, 2))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(content)))
    for damaged in (content, content[:end]):
        try:
            field = recognise(bytes(damaged), 8)
        except UnknownGraphError:
            continue
        assert field.ratios.shape == (field.shape.series, field.shape.partials)
        assert field.mode_ratios.shape == field.mode_thetas.shape == (field.shape.modes,)
