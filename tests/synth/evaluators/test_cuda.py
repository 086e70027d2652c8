"""The GPU evaluator's padding, buckets and bindings, on ONNX Runtime's CPU provider; and what happens when a GPU is lost."""

import gc
from functools import partial

import numpy as np
import pytest

from benchmarks.field_calls import block_inputs
from sirenade.errors import EngineError
from synth import host as hosts
from synth.commands import MovePad, NoteOn
from synth.engine.playable import Playable
from synth.engine.synth import Synth
from synth.evaluators import OnnxEvaluator, choice, cuda, make_playable
from synth.evaluators.cuda import CudaEvaluator, bucket
from synth.evaluators.spare import WithSpare
from synth.instrument import library, load
from synth.protocol import folder as folders
from synth.protocol.wire import decode
from synth.settings import EngineSettings
from tests.helpers.tiny_instrument import make_phase_instrument, make_time_instrument

RATE = 48000


@pytest.fixture(params=["time", "phase", "bundled"])
def instrument(request, tmp_path):
    if request.param == "bundled":
        return load(library.find("Small Objects"))
    make = make_time_instrument if request.param == "time" else make_phase_instrument
    return load(make(tmp_path / "tiny"))


@pytest.fixture
def tiny(tmp_path):
    return load(make_time_instrument(tmp_path / "tiny"))


@pytest.mark.parametrize(("rows", "padded"), [(1, 8), (8, 8), (9, 16), (64, 64), (65, 128), (4000, 4096), (4096, 4096)])
def test_rows_are_padded_to_a_few_numbers(rows, padded):
    assert bucket(rows) == padded


def test_whatever_the_number_of_rows_it_computes_what_onnx_runtime_does(instrument):
    playable = make_playable(instrument, RATE)
    evaluator, reference = CudaEvaluator(instrument, "cpu", most_rows=32), OnnxEvaluator(instrument)
    for voices, block in ((1, 64), (5, 64), (8, 256), (9, 512), (1, 128)):  # 72 rows: more than the largest bucket
        inputs = block_inputs(playable, voices, block)
        found, wanted = evaluator.samples(inputs), reference.samples(inputs)
        assert found.shape == wanted.shape == (voices * block // 64, 64)
        assert np.abs(found - wanted).max() < 1e-5 * np.abs(wanted).max()


def test_rows_beyond_those_asked_for_do_not_matter(tiny):
    """What an earlier, longer call left in the buffers, damaged as it may be, is not heard."""
    playable = make_playable(tiny, RATE)
    evaluator = CudaEvaluator(tiny, "cpu", most_rows=16)
    inputs = block_inputs(playable, 3, 64)
    clean = evaluator.samples(inputs).copy()
    evaluator.samples({name: np.full((8, *values.shape[1:]), np.nan, values.dtype) for name, values in inputs.items()})
    assert np.array_equal(evaluator.samples(inputs), clean)


def test_another_number_of_frames_gets_buffers_of_its_own(tiny):
    evaluator, reference = CudaEvaluator(tiny, "cpu", most_rows=8), OnnxEvaluator(tiny)
    inputs = {
        "time_start": np.array([0.0, 0.3]),
        "time_offset": np.linspace(0.0, 0.01, 34, dtype=np.float32).reshape(2, 17),
        "amplitude": np.ones((2, 1), np.float32),
    }
    assert np.abs(evaluator.samples(inputs) - reference.samples(inputs)).max() < 1e-6
    assert evaluator.samples({name: values[:0] for name, values in inputs.items()}).shape == (0, 17)


def test_a_block_allocates_no_buffers(tiny):
    playable = make_playable(tiny, RATE)
    evaluator = CudaEvaluator(tiny, "cpu", most_rows=64)
    inputs = [block_inputs(playable, voices, 256) for voices in (2, 4, 7)]
    gc.collect()
    before = {id(thing) for thing in gc.get_objects() if type(thing).__name__ in ("OrtValue", "IOBinding", "_Bucket")}
    addresses = [evaluator.samples(one).ctypes.data for one in inputs]
    assert [evaluator.samples(one).ctypes.data for one in inputs] == addresses
    after = {id(thing) for thing in gc.get_objects() if type(thing).__name__ in ("OrtValue", "IOBinding", "_Bucket")}
    assert after == before


def test_inputs_that_do_not_fit_are_a_failure_of_the_block_not_of_the_program(tiny):
    evaluator = CudaEvaluator(tiny, "cpu", most_rows=8)
    inputs = block_inputs(make_playable(tiny, RATE), 1, 64)
    with pytest.raises(EngineError, match="the GPU failed"):
        evaluator.samples(inputs | {"amplitude": np.zeros((1, 9), np.float32)})


def test_without_a_gpu_it_says_so_and_how_to_go_on(tiny, monkeypatch):
    monkeypatch.setattr(cuda, "cuda_devices", lambda: 0)
    with pytest.raises(EngineError, match="no GPU with CUDA answers on this machine; play with --evaluator auto"):
        CudaEvaluator(tiny)


@pytest.mark.skipif(cuda.cuda_devices() > 0, reason="for machines without a GPU")
def test_a_driver_that_lies_leads_to_the_same_sentence(tiny, monkeypatch):
    """A GPU is announced, and ONNX Runtime cannot use it."""
    monkeypatch.setattr(cuda, "cuda_devices", lambda: 1)
    with pytest.raises(EngineError, match=r"ONNX Runtime cannot use the GPU \(.+\); play with --evaluator auto"):
        CudaEvaluator(tiny)


class Losing:
    """A device that computes as it should for some calls, and then no more."""

    name = "losing"
    interpolates = False

    def __init__(self, inner, calls, answer):
        self.inner, self.left, self.answer = inner, calls, answer

    def modulations(self, conditions):
        return self.inner.modulations(conditions)

    def samples(self, inputs):
        self.left -= 1
        if self.left < 0:
            if isinstance(self.answer, Exception):
                raise self.answer
            return np.full_like(inputs["time_offset"], self.answer)
        return self.inner.samples(inputs)


def play(playable, blocks=24):
    synth = Synth(RATE)
    synth.set_instrument(playable)
    synth.schedule(MovePad(1.0, 1.0), 0)
    for note in (45.0, 52.0, 57.0):
        synth.schedule(NoteOn(note, 0.8), 100)
    out = np.zeros((blocks * 256, 2), np.float32)
    for block in np.split(out, blocks):
        synth.render(block)
    assert synth.failed_blocks == 0
    return out


@pytest.mark.parametrize("answer", [RuntimeError("CUDA failure 2: out of memory\nmore lines"), MemoryError(), np.nan])
def test_a_lost_gpu_is_not_heard(tiny, answer):
    onnx = make_playable(tiny, RATE)
    wanted = play(onnx)
    evaluator = WithSpare(Losing(OnnxEvaluator(tiny), 9, answer), OnnxEvaluator(tiny))
    assert evaluator.failure == ""
    found = play(Playable(onnx.card, onnx.latents, evaluator, onnx.noise))
    assert np.abs(wanted).max() > 0.05
    assert np.array_equal(found, wanted)
    assert evaluator.name == "onnx cpu"
    assert "losing was given up, onnx cpu plays on with as many voices as it can: " in evaluator.failure
    assert "\n" not in evaluator.failure


def test_a_mapping_that_fails_is_taken_over_too(tiny):
    evaluator = WithSpare(Losing(None, 0, np.nan), OnnxEvaluator(tiny))
    assert "amplitude" in evaluator.modulations({"latent": np.zeros((1, 2), np.float32)})
    assert "AttributeError" in evaluator.failure or "NoneType" in evaluator.failure


def test_the_player_is_told_once(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(hosts, "freeze_garbage", lambda: None)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    evaluator = WithSpare(Losing(OnnxEvaluator(tiny), 2, RuntimeError("the device fell off the bus")), OnnxEvaluator(tiny))
    onnx = make_playable(tiny, RATE)
    link = folders.Link(folders.create())
    host = hosts.Host(link, EngineSettings(driver="silent", midi_inputs=(), virtual_midi=False))
    try:
        host.start()
        host._synth.set_instrument(Playable(onnx.card, onnx.latents, evaluator, onnx.noise))
        host._synth.schedule(NoteOn(60.0, 1.0), 0)
        turns = 0
        while not evaluator.failure:
            host.turn()
            turns += 1
            assert turns < 400
        for _ in range(3):
            host.turn()
        told = []
        while (content := link.replies.pop()) is not None:
            told.append(decode(content).message)
        assert [getattr(notice, "text", "") for notice in told].count(evaluator.failure) == 1
        assert link.block.identity.read()["evaluator"] == "onnx cpu"
    finally:
        host.close()
        folders.remove(link.folder)


@pytest.fixture
def stand_in(monkeypatch):
    """A machine on which a GPU answers: ONNX Runtime's CPU provider, through the same code."""
    monkeypatch.setattr(choice, "cuda_devices", lambda: 1)
    monkeypatch.setattr(choice, "CudaEvaluator", partial(CudaEvaluator, device="cpu", most_rows=64))


def test_a_gpu_that_is_asked_for_has_the_cpu_as_its_spare(tiny, stand_in, tmp_path):
    evaluator = choice.open_evaluator(tiny, wanted="cuda", cache=tmp_path)
    assert isinstance(evaluator, WithSpare)
    assert evaluator.name == "cuda (cpu)"
    assert choice.open_evaluator(tiny, wanted="onnx", cache=tmp_path).name == "onnx cpu"


@pytest.mark.parametrize(("gpu", "cpu", "chosen"), [(0.1, 0.5, "cuda (cpu)"), (0.5, 0.1, "onnx cpu")])
def test_auto_takes_a_gpu_that_is_faster_on_a_full_load(tiny, stand_in, tmp_path, monkeypatch, gpu, cpu, chosen):
    raced = []

    def race(evaluators, instrument, rows):
        raced.append(rows)
        return dict(zip((one.name.split()[0] for one in evaluators), (gpu, cpu), strict=True))

    monkeypatch.setattr(choice, "race", race)
    assert choice.open_evaluator(tiny, cache=tmp_path).name == chosen
    assert raced == [choice.GPU_ROWS]


def test_auto_goes_on_without_a_gpu_that_cannot_be_used(tiny, monkeypatch, tmp_path):
    def refuse(instrument):
        raise EngineError("no")

    monkeypatch.setattr(choice, "cuda_devices", lambda: 1)
    monkeypatch.setattr(choice, "CudaEvaluator", refuse)
    assert choice.open_evaluator(tiny, cache=tmp_path).name == "onnx cpu"


def test_make_playable_without_a_gpu_says_so(tiny, monkeypatch):
    monkeypatch.setattr(cuda, "cuda_devices", lambda: 0)
    with pytest.raises(EngineError, match="no GPU with CUDA"):
        make_playable(tiny, RATE, evaluator="cuda")
