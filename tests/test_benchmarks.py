"""The benchmark compares like with like: PyTorch runs the very graphs that ONNX Runtime runs."""

import csv

import numpy as np
import pytest

from benchmarks import voices
from benchmarks.torch_graph import TorchEvaluator
from synth import evaluators
from synth.engine.playable import Playable
from synth.instrument import load
from tests.helpers.tiny_instrument import make_phase_instrument, make_time_instrument


@pytest.mark.parametrize("make", [make_time_instrument, make_phase_instrument])
def test_both_runtimes_give_the_same_samples(tmp_path, make):
    instrument = load(make(tmp_path / "tiny"))
    onnx = evaluators.make_playable(instrument, voices.RATE)
    torch = Playable(onnx.card, onnx.latents, TorchEvaluator(instrument), onnx.noise)
    heard = []
    for playable in (onnx, torch):
        synth = voices.sounding(playable, 3)
        out = np.zeros((2048, 2), np.float32)
        synth.render(out)
        heard.append(out)
        assert synth.failed_blocks == 0
    assert np.abs(heard[0]).max() > 0.05
    assert np.abs(heard[0] - heard[1]).max() < 1e-5


def test_a_random_network_keeps_the_contract():
    instrument = voices.random_network("film-3x64")
    onnx = evaluators.make_playable(instrument, voices.RATE)
    voices.check_equal([onnx, Playable(onnx.card, onnx.latents, TorchEvaluator(instrument), onnx.noise)], 64)


@pytest.mark.parametrize(
    ("ms", "fit"),
    [
        ({1: 1.0, 2: 2.0, 4: 4.0}, 5.0),
        ({1: 3.0, 2: 5.0, 8: 17.0}, 2.0),
        ({2: 20.0, 8: 80.0}, 0.5),
    ],
)
def test_the_voices_that_fit_are_read_off_the_measured_line(ms, fit):
    assert voices.fitting(ms, 5.0) == pytest.approx(fit)


def test_the_table_is_written_as_csv(tmp_path, monkeypatch, capsys):
    instrument = load(make_phase_instrument(tmp_path / "tiny"))
    monkeypatch.setattr(voices, "bundled", lambda: [instrument])
    monkeypatch.setattr(voices, "NETWORKS", ())
    monkeypatch.setattr("sys.argv", ["voices", "--quick", "--csv", str(tmp_path / "table.csv")])
    voices.main()
    rows = list(csv.DictReader((tmp_path / "table.csv").read_text().splitlines()))
    assert [row["runtime"] for row in rows] == ["ONNX Runtime", "PyTorch"]
    assert all(float(row["held_voices"]) > 0 for row in rows)
    assert capsys.readouterr().out.count("| Tiny phase |") == 2
