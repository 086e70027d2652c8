import numpy as np
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from sirenade.errors import InstrumentError
from sirenade.paths import bundled_instruments
from synth.instrument import load
from synth.instrument.loader import open_graphs
from training import registry
from training.export.families import make_export
from training.export.torch_graph import INTEGERS, OPERATORS, TorchGraph
from training.models.decoder import DecoderConfig

GENERATOR = np.random.default_rng(0)


def floats(*shape):
    return GENERATOR.uniform(0.2, 0.9, shape).astype(np.float32)


def whole(*numbers):
    return np.array(numbers, np.int64)


ONE = (
    "Abs",
    "Ceil",
    "Cos",
    "Exp",
    "Floor",
    "Log",
    "Neg",
    "Relu",
    "Sigmoid",
    "Sin",
    "Sqrt",
    "Tanh",
    "Erf",
    "Reciprocal",
    "Round",
)
ONE += ("Sign", "Softplus", "Softmax", "Identity", "Elu", "LeakyRelu", "Transpose", "Shape")
ONE += ("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin")
TWO = ("Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Equal")

CASES = [
    *((name, [floats(2, 3) - (0.0 if name in {"Log", "Sqrt"} else 0.5)], {}) for name in ONE),
    *((name, [floats(2, 3), floats(3)], {}) for name in TWO),
    *((name, [floats(4, 3) > 0.5, floats(3) > 0.5], {}) for name in ("And", "Or")),
    ("Not", [floats(4, 3) > 0.5], {}),
    ("NonZero", [(floats(4, 3) > 0.5).astype(np.float32)], {}),
    ("Max", [floats(2, 3), floats(3), floats(2, 1)], {}),
    ("Min", [floats(2, 3)], {}),
    ("Pow", [whole(2, 3), np.float32(1.5)], {}),
    ("Div", [whole(-7, 8), whole(2, 3)], {}),
    ("Mean", [floats(2, 3), floats(3), floats(1)], {}),
    ("LeakyRelu", [floats(2, 3) - 0.5], {"alpha": 0.2}),
    ("MatMul", [floats(4, 2, 3), floats(3, 5)], {}),
    ("Gemm", [floats(2, 3), floats(3, 4), floats(4)], {}),
    ("Gemm", [floats(3, 2), floats(4, 3), floats(4)], {"transA": 1, "transB": 1, "alpha": 0.5, "beta": 2.0}),
    ("Where", [floats(2, 3) > 0.5, floats(2, 3), floats(3)], {}),
    ("Clip", [floats(2, 3), np.float32(0.4), np.float32(0.6)], {}),
    ("Clip", [floats(2, 3)], {}),
    ("CumSum", [floats(2, 3), np.array(1, np.int64)], {"reverse": 0}),
    ("Einsum", [floats(2, 3, 4), floats(2, 4)], {"equation": "bij,bj->bi"}),
    ("Range", [np.array(1, np.int64), np.array(9, np.int64), np.array(3, np.int64)], {}),
    ("Softmax", [floats(2, 3, 4)], {"axis": 1}),
    ("TopK", [floats(2, 5), whole(2)], {}),
    ("TopK", [floats(5, 2), whole(3)], {"axis": 0, "largest": 0, "sorted": 1}),
    ("Cast", [floats(2, 3) * 5], {"to": TensorProto.INT64}),
    ("Cast", [floats(2, 3)], {"to": TensorProto.DOUBLE}),
    ("Concat", [floats(2, 3), floats(2, 1)], {"axis": 1}),
    ("Concat", [floats(2, 3), floats(2, 1)], {"axis": -1}),
    ("Gather", [floats(2, 3), np.array(1, np.int64)], {"axis": 1}),
    ("Gather", [floats(4, 3), np.array([[0, -1], [2, 2]], np.int64)], {}),
    ("GatherElements", [floats(2, 3), np.array([[0, -1], [2, 1]], np.int64)], {"axis": 1}),
    ("ScatterElements", [floats(2, 3), np.array([[0, -1]], np.int64), floats(1, 2)], {"axis": 1}),
    ("Slice", [floats(4, 6), whole(1), whole(-1), whole(1)], {}),
    ("Slice", [floats(4, 6), whole(-9, 1), whole(99, 6), whole(-2, -1), whole(1, 2)], {}),
    ("Slice", [floats(4, 6), whole(3, 5), whole(-9, 0), whole(0, 1), whole(-1, -2)], {}),
    ("Split", [floats(2, 6), whole(2, 4)], {"axis": 1}),
    ("Split", [floats(2, 5)], {"axis": 1, "num_outputs": 2}),
    ("Reshape", [floats(2, 3, 4), whole(0, -1)], {}),
    ("Squeeze", [floats(2, 1, 3), whole(1)], {}),
    ("Squeeze", [floats(2, 1, 3)], {}),
    ("Unsqueeze", [floats(2, 3), whole(0, -1)], {}),
    ("Transpose", [floats(2, 3, 4)], {"perm": [2, 0, 1]}),
    ("Expand", [floats(2, 1), whole(3, 1, 4)], {}),
    ("ReduceSum", [floats(2, 3, 4), whole(1)], {"keepdims": 0}),
    ("ReduceMean", [floats(2, 3, 4), whole(0, -1)], {}),
    ("Pad", [floats(1, 2, 3), whole(0, 0, 1, 0, 0, 2)], {}),
    ("Pad", [floats(1, 2, 3), whole(2, 1), np.float32(0.5), whole(2)], {}),
    ("Conv", [floats(2, 3, 20), floats(4, 3, 5), floats(4)], {"strides": [2], "pads": [1, 3], "dilations": [2]}),
    ("Conv", [floats(2, 4, 9), floats(4, 1, 3)], {"group": 4}),
    ("ConvTranspose", [floats(2, 3, 6), floats(3, 4, 5), floats(4)], {"strides": [3], "pads": [1, 2], "output_padding": [1]}),
]


def graph_of(operator, inputs, attributes, constants=()):
    """A graph of one node that casts what it gives to float64, and the feeds: inputs, less those at places `constants`."""
    count = 2 if operator in {"Split", "TopK"} else 1
    names, outputs = [f"i{place}" for place in range(len(inputs))], [f"o{place}" for place in range(count)]
    values = {name: np.asarray(value) for name, value in zip(names, inputs, strict=True)}
    kept = [numpy_helper.from_array(values.pop(names[place]), names[place]) for place in constants if place < len(names)]
    kinds = {name: helper.np_dtype_to_tensor_dtype(value.dtype) for name, value in values.items()}
    given = [helper.make_tensor_value_info(name, kinds[name], value.shape) for name, value in values.items()]
    nodes = [helper.make_node(operator, names, outputs, **attributes)]
    nodes += [helper.make_node("Cast", [name], [f"{name}d"], to=TensorProto.DOUBLE) for name in outputs]
    found = [helper.make_tensor_value_info(f"{name}d", TensorProto.DOUBLE, None) for name in outputs]
    graph = helper.make_graph(nodes, "one", given, found, kept)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    return model.SerializeToString(), values


@pytest.mark.parametrize(("operator", "inputs", "attributes"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_every_operator_is_onnx_runtimes(operator, inputs, attributes):
    import onnxruntime

    for constants in {(), INTEGERS.get(operator, ())}:
        content, feeds = graph_of(operator, inputs, attributes, constants)
        wanted = onnxruntime.InferenceSession(content).run(None, feeds)
        found = TorchGraph(content, "one")({name: torch.from_numpy(value) for name, value in feeds.items()})
        for ours, theirs in zip(found.values(), wanted, strict=True):
            assert ours.shape == theirs.shape
            assert np.allclose(ours.numpy(), theirs, atol=1e-6)


def test_every_operator_is_tried():
    assert set(OPERATORS) == {operator for operator, *_ in CASES}


@pytest.mark.parametrize(
    ("attribute", "value"),
    [("value", numpy_helper.from_array(whole(3))), ("value_ints", [3]), ("value_int", 3), ("value_float", 3.0)],
)
def test_a_constant_in_a_node(attribute, value):
    node = helper.make_node("Constant", [], ["o"], **{attribute: value})
    graph = helper.make_graph([node], "one", [], [helper.make_tensor_value_info("o", TensorProto.FLOAT, None)])
    assert TorchGraph(helper.make_model(graph).SerializeToString(), "one")({})["o"].flatten().tolist() == [3]


@pytest.fixture(scope="module")
def small_objects():
    return load(bundled_instruments() / "small-objects")


def test_a_bundled_instrument_nulls_against_onnx_runtime(small_objects):
    mapping, field = open_graphs(small_objects)
    latents = small_objects.latents.latents[:3]
    modulations = mapping.run({"latent": latents})
    places = {
        "time_start": np.array([0.0, 0.3, 0.5]),
        "time_offset": np.tile(np.arange(500) / 16000, (3, 1)).astype(np.float32),
    }
    wanted = field.run({**places, **modulations})["samples"]
    ours = TorchGraph(small_objects.mapping, "mapping")({"latent": torch.from_numpy(latents)})
    tensors = {name: torch.from_numpy(value) for name, value in places.items()}
    found = TorchGraph(small_objects.field, "field")({**tensors, **ours})["samples"]
    assert np.abs(found.numpy() - wanted).max() < 2e-5


def test_its_gradient_is_the_slope_of_onnx_runtimes_values(small_objects):
    mapping, field = open_graphs(small_objects)
    latent = small_objects.latents.latents[4:5].astype(np.float64)
    places = {"time_start": np.array([0.1]), "time_offset": (np.arange(400)[None] / 16000).astype(np.float32)}

    def energy(values):
        modulations = mapping.run({"latent": values.astype(np.float32)})
        return float(np.square(field.run({**places, **modulations})["samples"].astype(np.float64)).mean())

    leaf = torch.from_numpy(latent.astype(np.float32)).requires_grad_()
    modulations = TorchGraph(small_objects.mapping, "mapping")({"latent": leaf})
    tensors = {name: torch.from_numpy(value) for name, value in places.items()}
    TorchGraph(small_objects.field, "field")({**tensors, **modulations})["samples"].double().square().mean().backward()
    direction = leaf.grad.numpy() / np.linalg.norm(leaf.grad.numpy())
    slope = (energy(latent + 2e-4 * direction) - energy(latent - 2e-4 * direction)) / 4e-4
    assert slope == pytest.approx(float(np.linalg.norm(leaf.grad.numpy())), rel=0.02)


@pytest.mark.parametrize(
    "name", [name for name, entry in registry.MODELS.items() if isinstance(entry.config.network, DecoderConfig)]
)
def test_every_decoder_of_the_registry_can_be_searched(name):
    network = registry.entry(name).config.network.scaled(1 / 16)
    decoder = network.build(0, 2000, torch.Generator().manual_seed(0))
    export = make_export(decoder, ("latent",), 0.25)
    mapping, field = TorchGraph(export.mapping_graph(), "mapping"), TorchGraph(export.field_graph(), "field")
    latents = torch.randn(2, network.latent, generator=torch.Generator().manual_seed(1)).requires_grad_()
    modulations = mapping({"latent": latents})
    places = {"time_start": torch.tensor([0.0, 0.1]).double(), "time_offset": (torch.arange(300) / 8000).expand(2, -1)}
    samples = field({**places, **modulations})["samples"]
    feeds = {**places, **export.mapping({"latent": latents.detach().numpy()})}
    wanted = export.field({key: np.asarray(value) for key, value in feeds.items()})
    assert np.abs(samples.detach().numpy() - wanted).max() < 1e-3 * np.abs(wanted).max()
    samples.square().sum().backward()
    assert torch.isfinite(latents.grad).all()
    assert latents.grad.abs().max() > 0.0


@pytest.mark.parametrize(
    ("operator", "inputs", "attributes", "sentence"),
    [
        ("Det", [floats(3, 3)], {}, "one has operators that PyTorch does not run here: Det."),
        ("Add", [floats(3), floats(3)], {"domain": "else.where"}, "one has operators that PyTorch does not run here: Add."),
        ("Pad", [floats(1, 3), whole(0, 0, 0, 2)], {"mode": "edge"}, "one has Pad with mode edge, which PyTorch does not"),
        (
            "Conv",
            [floats(1, 2, 9), floats(2, 2, 3)],
            {"auto_pad": "SAME_UPPER"},
            "one has Conv with auto_pad SAME_UPPER, which",
        ),
        ("Sin", [floats(3)], {"axis": 1}, "one has Sin with axis 1, which PyTorch does not run here."),
    ],
)
def test_what_pytorch_does_not_run_is_refused_before_it_runs(operator, inputs, attributes, sentence):
    content, _ = graph_of(operator, inputs, attributes)
    with pytest.raises(InstrumentError, match=sentence):
        TorchGraph(content, "one")


def test_a_file_that_is_no_graph_is_one_sentence():
    with pytest.raises(InstrumentError, match="one cannot be read as a graph: "):
        TorchGraph(b"no graph", "one")
    outside = numpy_helper.from_array(floats(3), "kept")
    outside.data_location = TensorProto.EXTERNAL
    outside.external_data.add(key="location", value="/etc/hostname")
    graph = helper.make_graph([helper.make_node("Sin", ["kept"], ["o"])], "one", [], [], [outside])
    with pytest.raises(InstrumentError, match=r"one cannot be read as a graph: it keeps numbers in other files\.$"):
        TorchGraph(helper.make_model(graph).SerializeToString(), "one")


@pytest.mark.parametrize(
    ("operator", "inputs", "attributes", "sentence"),
    [
        ("Cast", [floats(3)], {"to": TensorProto.FLOAT16}, "it casts to float16"),
        ("MatMul", [floats(2, 3), floats(2, 3)], {}, "mat1 and mat2 shapes cannot be multiplied"),
        ("Gather", [floats(3), whole(-4)], {}, "index out of range"),
    ],
)
def test_what_fails_is_one_sentence(operator, inputs, attributes, sentence):
    content, feeds = graph_of(operator, inputs, attributes)
    with pytest.raises(InstrumentError, match=f"one cannot be run by PyTorch: {sentence}"):
        TorchGraph(content, "one")({name: torch.from_numpy(value) for name, value in feeds.items()})


def test_an_input_that_is_missing_is_named(small_objects):
    field = TorchGraph(small_objects.field, "field.onnx")
    with pytest.raises(InstrumentError, match=r"field.onnx cannot be run by PyTorch: nothing in it is called '\w+'"):
        field({})
