from collections.abc import Callable

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper, numpy_helper

from synth.evaluators.film_formula import film_samples
from synth.evaluators.film_graph import recognise
from synth.evaluators.onnx_nodes import UnknownGraphError
from synth.instrument import library, load
from tests.helpers.film import film_export, film_rows

VARIANTS = [
    {"layers": layers, "shared": shared, "knots": knots, "folded": folded}
    for layers, shared, knots, folded in [(2, False, 0, True), (3, True, 9, True), (4, False, 2, False), (5, True, 0, False)]
]


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_export_is_recognised_and_is_the_network(variant: dict) -> None:
    export = film_export(**variant)
    field = recognise(export.field_graph())
    assert (field.shape.layers, field.shape.width, field.shape.knots) == (variant["layers"], 16, variant["knots"])
    assert field.shape.films == (1 if variant["shared"] else variant["layers"])
    inputs = film_rows(export, 5, 40)
    wanted = export.field(inputs)
    assert np.abs(film_samples(field, inputs) - wanted).max() < 1e-5 * np.abs(wanted).max()


def test_bundled_film_instruments_are_recognised() -> None:
    films = [instrument for instrument in map(load, (each.path for each in library.find_all())) if _is_film(instrument.card)]
    assert films
    for instrument in films:
        shape = recognise(instrument.field).shape
        assert instrument.card.modulations[0].shape == (shape.films, shape.width)


def _is_film(card: object) -> bool:
    return [modulation.name for modulation in card.modulations][:2] == ["gamma", "beta"]


def nodes(model: onnx.ModelProto, operator: str) -> list[onnx.NodeProto]:
    return [node for node in model.graph.node if node.op_type == operator]


def constant_of(model: onnx.ModelProto, node: onnx.NodeProto) -> onnx.TensorProto:
    return next(tensor for tensor in model.graph.initializer if tensor.name in node.input)


def swap_operator(model: onnx.ModelProto) -> None:
    nodes(model, "Sin")[1].op_type = "Cos"


def swap_factors(model: onnx.ModelProto) -> None:
    node = nodes(model, "Sub")[0]
    node.input[0], node.input[1] = node.input[1], node.input[0]


def add_a_node(model: onnx.ModelProto) -> None:
    model.graph.node.append(helper.make_node("Neg", ["gamma"], ["unused"]))


def put_a_node_between(model: onnx.ModelProto) -> None:
    node = nodes(model, "MatMul")[-1]
    model.graph.node.append(helper.make_node("Abs", [node.input[0]], ["between"]))
    node.input[0] = "between"


def skip_a_layer(model: onnx.ModelProto) -> None:
    products = nodes(model, "MatMul")
    products[1].input[0] = products[0].input[0]


def change_rank(model: onnx.ModelProto) -> None:
    tensor = constant_of(model, nodes(model, "MatMul")[0])
    tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor)[None], tensor.name))


def narrow_a_layer(model: onnx.ModelProto) -> None:
    tensor = constant_of(model, nodes(model, "MatMul")[0])
    tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor)[:, :1].copy(), tensor.name))


def other_precision(model: onnx.ModelProto) -> None:
    tensor = constant_of(model, nodes(model, "MatMul")[0])
    tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float64), tensor.name))


def other_turn(model: onnx.ModelProto) -> None:
    tensor = constant_of(model, nodes(model, "Div")[0])
    tensor.CopyFrom(numpy_helper.from_array(np.array(6.0), tensor.name))


def other_axis(model: onnx.ModelProto) -> None:
    nodes(model, "Gather")[0].attribute[0].i = 0


def other_row(model: onnx.ModelProto) -> None:
    tensor = constant_of(model, nodes(model, "Gather")[0])
    tensor.CopyFrom(numpy_helper.from_array(np.array(1, np.int64), tensor.name))


def more_attributes(model: onnx.ModelProto) -> None:
    nodes(model, "Cast")[0].attribute.append(helper.make_attribute("saturate", 0))


def beta_for_gamma(model: onnx.ModelProto) -> None:
    nodes(model, "Gather")[0].input[0] = "beta"


def other_time(model: onnx.ModelProto) -> None:
    next(node for node in nodes(model, "Unsqueeze") if "time_offset" in node.input).input[0] = "blend"


def other_knots(model: onnx.ModelProto) -> None:
    tensor = next(tensor for tensor in model.graph.initializer if tensor.name == nodes(model, "Clip")[0].input[2])
    tensor.CopyFrom(numpy_helper.from_array(np.array(3.0, np.float32), tensor.name))


def other_envelope(model: onnx.ModelProto) -> None:
    nodes(model, "Exp")[0].op_type = "Sigmoid"


def input_that_overrides_a_weight(model: onnx.ModelProto) -> None:
    tensor = constant_of(model, nodes(model, "MatMul")[0])
    model.graph.input.append(helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims))


def beta_of_another_layer(model: onnx.ModelProto) -> None:
    tensor = constant_of(model, nodes(model, "Gather")[1])
    tensor.CopyFrom(numpy_helper.from_array(np.array(1, np.int64), tensor.name))


def turns_of_another_angle(model: onnx.ModelProto) -> None:
    divisions = nodes(model, "Div")
    divisions[1].input[0] = divisions[0].input[0]


def phase_at_zero_of_another_scale(model: onnx.ModelProto) -> None:
    names = {tensor.name for tensor in model.graph.initializer}
    stretched = [node for node in nodes(model, "Mul") if node.input[1] in names and node.input[0].startswith("v")]
    first = next(node for node in stretched if len(numpy_helper.to_array(tensor_of(model, node.input[1])).shape) == 1)
    same = [node for node in stretched if node.input[0] == first.input[0]]
    assert len(same) == 3  # times bias, phase at 0 s and frequency
    other = next(node for node in stretched if node.input[0] != first.input[0] and node.output[0] != first.input[0])
    same[1].input[0] = other.input[0]


def tensor_of(model: onnx.ModelProto, name: str) -> onnx.TensorProto:
    return next(tensor for tensor in model.graph.initializer if tensor.name == name)


def envelope_between_the_same_knot(model: onnx.ModelProto) -> None:
    low, high = nodes(model, "GatherElements")
    difference = next(node for node in nodes(model, "Sub") if node.input[1] == low.output[0])
    difference.input[1] = high.output[0]


def circle(model: onnx.ModelProto) -> None:
    products = nodes(model, "MatMul")
    products[0].input[0] = products[1].input[0]


ALTERATIONS = [
    value for value in list(globals().values()) if getattr(value, "__annotations__", {}).keys() == {"model", "return"}
]


@pytest.mark.parametrize("alter", ALTERATIONS, ids=lambda alter: alter.__name__)
def test_a_graph_that_differs_is_refused(alter: Callable[[onnx.ModelProto], None]) -> None:
    assert len(ALTERATIONS) == 22
    content = film_export(layers=4, knots=9).field_graph()
    model = onnx.load_from_string(content)
    recognise(model.SerializeToString())
    alter(model)
    assert model.SerializeToString() != content
    with pytest.raises(UnknownGraphError):
        recognise(model.SerializeToString())


@pytest.mark.parametrize(("layers", "width"), [(1, 8), (65, 1), (2, 4097)])
def test_networks_that_no_code_is_made_for_are_refused(layers: int, width: int) -> None:
    with pytest.raises(UnknownGraphError, match="are not what code is made for"):
        recognise(film_export(layers, width, shared=True).field_graph())


def test_commuted_constants_are_the_same_network() -> None:
    model = onnx.load_from_string(film_export().field_graph())
    names = {tensor.name for tensor in model.graph.initializer}
    swapped = 0
    for node in model.graph.node:
        if node.op_type in ("Add", "Mul") and names & set(node.input):
            node.input[0], node.input[1] = node.input[1], node.input[0]
            swapped += 1
    assert swapped > 5
    assert (recognise(model.SerializeToString()).biases == recognise(film_export().field_graph()).biases).all()


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_bytes_that_are_damaged_are_refused_or_understood_never_worse(data: st.DataObject) -> None:
    content = bytearray(film_export(layers=2, width=3, knots=2).field_graph())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(content)))
    for damaged in (content, content[:end]):
        try:
            field = recognise(bytes(damaged))
        except UnknownGraphError:
            continue
        assert field.weights.shape == (field.shape.layers - 1, field.shape.width, field.shape.width)
        assert field.biases.shape == (field.shape.layers, field.shape.width)
