"""`sirenade bench voices`: like is compared with like, on the very rows that the engine makes, and the table is whole."""

import csv
import ctypes

import numpy as np
import pytest
from typer.testing import CliRunner

from benchmarks import engine_voices, field_calls, limit, networks, peak, runtimes, voices
from benchmarks.networks import Network, SineLayers
from benchmarks.torch_evaluator import TorchEvaluator
from sirenade.cli import build
from sirenade.errors import SirenadeError
from synth import evaluators
from synth.engine.playable import Playable
from synth.instrument import load
from synth.machine import Code, host
from tests.helpers.bundled import CHAMBER
from tests.helpers.tiny_instrument import make_phase_instrument, make_time_instrument
from training.export import torch_graph

COLUMNS = "evaluator network block threads voices gflops share_of_limit p50_ms p99_ms p999_ms max_ms"


@pytest.fixture
def tiny(tmp_path):
    instrument = load(make_time_instrument(tmp_path / "tiny"))
    return Network(instrument.card.name, instrument, SineLayers(2, 8))


@pytest.mark.parametrize("make", [make_time_instrument, make_phase_instrument])
def test_both_runtimes_give_the_same_samples(tmp_path, make):
    instrument = load(make(tmp_path / "tiny"))
    onnx = evaluators.make_playable(instrument, field_calls.RATE)
    torch = Playable(onnx.card, onnx.latents, TorchEvaluator(instrument), onnx.noise)
    heard = []
    for playable in (onnx, torch):
        synth = field_calls.sounding(playable, 3)
        out = np.zeros((2048, 2), np.float32)
        synth.render(out)
        heard.append(out)
        assert synth.failed_blocks == 0
    assert np.abs(heard[0]).max() > 0.05
    assert np.abs(heard[0] - heard[1]).max() < 1e-5


def test_what_is_compiled_is_the_whole_graph():
    """Traced in one piece, or torch.compile would raise; the slow machine code is left out here."""
    network = networks.random_network("4x64")
    playable = evaluators.make_playable(network.instrument, field_calls.RATE)
    inputs = field_calls.block_inputs(playable, 2, 64)
    eager = TorchEvaluator(network.instrument).samples(inputs)
    traced = TorchEvaluator(network.instrument, compiled=True, backend="eager").samples(inputs)
    assert np.array_equal(eager, traced)
    assert np.abs(eager - playable.evaluator.samples(inputs)).max() < 1e-4


@pytest.mark.parametrize(("voices_held", "block"), [(1, 64), (5, 128), (3, 512)])
def test_field_calls_are_those_of_the_engine(tiny, monkeypatch, voices_held, block):
    playable = evaluators.make_playable(tiny.instrument, field_calls.RATE)
    inputs = field_calls.block_inputs(playable, voices_held, block)
    assert inputs["time_offset"].shape == (voices_held * block // 64, 64)
    starts = np.unique(inputs["time_start"])
    assert len(starts) == voices_held * block // 64  # other voices, other speeds: no two rows are alike
    assert 2 * block / field_calls.RATE / 8 < starts.min()


def test_a_failed_block_is_not_measured(tiny, monkeypatch):
    playable = evaluators.make_playable(tiny.instrument, field_calls.RATE)
    monkeypatch.setattr(playable.evaluator, "samples", lambda inputs: np.full_like(inputs["time_offset"], np.nan))
    with pytest.raises(AssertionError):
        field_calls.block_inputs(playable, 1, 64)


def test_calls_take_turns():
    order = []
    taken = field_calls.take_turns({name: lambda name=name: order.append(name) for name in "abc"}, 4)
    assert order == ["a", "b", "c"] * (4 + field_calls.WARM_UP)
    assert {name: seconds.shape for name, seconds in taken.items()} == dict.fromkeys("abc", (4,))


def test_the_limit_of_a_known_network():
    size = SineLayers(4, 64)
    assert (size.multiply_adds, size.sines) == (64 + 3 * 64 * 64 + 64, 256)
    # 12416 multiply-adds at 100 GFLOP/s are 248.32 ns, 256 sines 51.2 ns
    assert limit.limit_s(size, 1000, 1, 100e9) == pytest.approx(299.52e-6)
    assert limit.limit_s(size, 1000, 2, 100e9) == pytest.approx(149.76e-6)
    assert limit.gflops(size, 1000, 1e-3) == pytest.approx(24.832)


def test_the_limit_of_a_bank_counts_what_sounds():
    size = networks.Oscillators(50.0, 24)
    assert size.multiply_adds == 198.0
    # 198 multiply-adds at 100 GFLOP/s are 3.96 ns, 50 sines 10 ns
    assert limit.limit_s(size, 1000, 1, 100e9) == pytest.approx(13.96e-6)
    chamber = load(CHAMBER)
    playable = evaluators.make_playable(chamber, field_calls.RATE)
    inputs = field_calls.block_inputs(playable, 2, 64)
    found = networks.oscillators(chamber, inputs)
    assert found.bands == 24 and 1.0 < found.sines < 192.0
    silent = {name: np.zeros_like(values) if name.startswith("partials") else values for name, values in inputs.items()}
    assert networks.oscillators(chamber, silent).sines == 0.0


def test_only_banks_have_oscillators(tiny):
    playable = evaluators.make_playable(tiny.instrument, field_calls.RATE)
    assert networks.oscillators(tiny.instrument, field_calls.block_inputs(playable, 1, 64)) is None


def test_a_row_says_what_fits_and_how_near_the_limit_it_is():
    network = Network("4x64", None, SineLayers(4, 64))
    # 8 voices of 256 frames, at twice the limit's time, with one stall
    seconds = np.full(1000, 2.0 * limit.limit_s(network.size, 8 * 256, 1, 100e9))
    seconds[7] = 0.050
    row = voices.row("onnx", network, 256, 1, 8, seconds, 100e9)
    assert row.share_of_limit == pytest.approx(0.5)
    assert row.voices == pytest.approx(8 * 256 / 48000 / seconds[0])
    assert row.gflops == pytest.approx(2 * 12416 * 8 * 256 / seconds[0] / 1e9)
    assert row.p50_ms == row.p99_ms == pytest.approx(1000.0 * seconds[0])
    assert row.max_ms == pytest.approx(50.0)
    assert row.p99_ms < row.p999_ms <= row.max_ms
    unknown = voices.row("onnx", Network("other", None, None), 256, 1, 8, seconds, 100e9)
    assert (unknown.gflops, unknown.share_of_limit) == (None, None)


def test_the_peak_is_no_less_than_what_a_small_product_reaches_here():
    small = np.ones((64, 64), np.float32)
    seconds = field_calls.take_turns({"": lambda: np.matmul(small, small)}, 500)[""].min()
    found = limit.measured_peaks()
    assert min(found) > 0.5 * 2 * 64**3 / seconds
    assert found.best == max(found.sgemm, found.registers)


def test_every_multiply_add_of_the_loop_is_done():
    """In the narrowest code, without fused instructions, and in this processor's: the sums are those of so many rounds."""
    for machine in (host(), host().without("avx", "fma")):
        lanes = machine.tile.lanes
        numbers = np.concatenate([np.full(lanes, 1.0, np.float32), np.full(lanes, 2.0, np.float32)])
        code = Code(peak._module(machine), machine)
        code.function("spin", ctypes.c_void_p, ctypes.c_int64)(numbers.ctypes.data, 100)
        # each of the twelve sums begins with 1 and grows by 2 a round; the first operand is added once more
        assert numbers[:lanes].tolist() == [1.0 + peak.CHAINS * 201.0] * lanes


def test_an_evaluator_that_computes_something_else_is_found_out(tiny, monkeypatch):
    playable = evaluators.make_playable(tiny.instrument, field_calls.RATE)
    inputs = field_calls.block_inputs(playable, 1, 64)
    right = TorchEvaluator.samples
    monkeypatch.setattr(TorchEvaluator, "samples", lambda self, given: 1.05 * right(self, given))
    with pytest.raises(AssertionError):
        list(runtimes.evaluators(tiny, 1, inputs, compiled=False))


def test_what_pytorch_does_not_run_is_a_sentence_in_its_place(tiny, monkeypatch):
    inputs = field_calls.block_inputs(evaluators.make_playable(tiny.instrument, field_calls.RATE), 1, 64)
    monkeypatch.delitem(torch_graph.OPERATORS, "Sin")
    found = dict(runtimes.evaluators(tiny, 1, inputs, compiled=False))
    sentence = f"pytorch eager does not work for {tiny.name}: field.onnx has operators that PyTorch does not run here: Sin."
    assert found["pytorch eager"] == sentence
    assert found["onnx"].samples(inputs).shape == inputs["time_offset"].shape


def test_the_size_of_a_film_network_is_in_its_card(tiny):
    found = {network.name: network.size for network in networks.bundled()}
    assert found["Small Objects"] == SineLayers(3, 96)
    assert found["Orchestra"] is None


@pytest.mark.parametrize(
    ("ms", "fit"),
    [
        ({1: 1.0, 2: 2.0, 4: 4.0}, 5.0),
        ({1: 3.0, 2: 5.0, 8: 17.0}, 2.0),
        ({2: 20.0, 8: 80.0}, 0.5),
    ],
)
def test_the_voices_that_fit_are_read_off_the_measured_line(ms, fit):
    assert engine_voices.fitting(ms, 5.0) == pytest.approx(fit)


@pytest.fixture
def only_tiny(tiny, monkeypatch):
    monkeypatch.setattr(networks, "bundled", lambda: [tiny])
    monkeypatch.setattr(networks, "RANDOM_NETWORKS", {})
    monkeypatch.setattr(limit, "TRIES_S", 0.01)


def run(*arguments):
    return CliRunner().invoke(build(), ["bench", "voices", "--quick", *map(str, arguments)])


def test_the_quick_form_writes_a_row_for_each_evaluator_and_number_of_threads(only_tiny, tmp_path, tiny):
    result = run("--csv", tmp_path / "new" / "table.csv")
    assert result.exception is None
    rows = list(csv.DictReader((tmp_path / "new" / "table.csv").read_text().splitlines()))
    assert list(rows[0]) == COLUMNS.split()
    assert {("onnx", "1"), ("onnx", "2"), ("pytorch eager", "1"), ("pytorch eager", "2")} <= {
        (row["evaluator"], row["threads"]) for row in rows
    }
    for row in rows:
        assert (row["network"], row["block"]) == (tiny.name, "256")
        assert 0 < float(row["p50_ms"]) <= float(row["p99_ms"]) <= float(row["p999_ms"]) <= float(row["max_ms"])
        assert float(row["voices"]) > 0
    assert "| " + " | ".join(COLUMNS.split()) + " |" in result.output
    assert result.output.count(f"| {tiny.name} |") == len(rows)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["table.csv"]


def test_the_whole_engine_has_a_table_of_its_own(only_tiny, tmp_path):
    result = run("--engine", "--threads", 1, "--threads", 2, "--csv", tmp_path / "table.csv")
    assert result.exception is None
    rows = list(csv.DictReader((tmp_path / "table.csv").read_text().splitlines()))
    assert {("onnx", "1"), ("pytorch eager", "1"), ("onnx", "2")} <= {(row["evaluator"], row["threads"]) for row in rows}
    assert all(float(row["held_voices"]) > 0 and float(row["moving_voices"]) > 0 for row in rows)


def test_without_pytorch_the_bundled_instruments_are_measured_and_it_is_said(only_tiny, monkeypatch):
    monkeypatch.setattr(networks, "has_pytorch", lambda: False)
    monkeypatch.setattr(runtimes, "has_pytorch", lambda: False)
    result = run()
    assert result.exception is None
    assert networks.WITHOUT_PYTORCH in result.output
    assert "| onnx |" in result.output
    assert "| pytorch" not in result.output


def test_a_network_that_is_not_there_is_a_sentence(only_tiny):
    result = run("--network", "9x9")
    assert isinstance(result.exception, SirenadeError)
    assert "no network called '9x9' here; there are" in str(result.exception)


def test_a_file_that_cannot_be_written_is_told_before_anything_is_measured(only_tiny, tmp_path):
    result = run("--csv", tmp_path)
    assert isinstance(result.exception, IsADirectoryError)
    assert result.exception.filename == str(tmp_path)
    assert "|" not in result.output
