import json
import time
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from sirenade.errors import InstrumentError
from synth.evaluators import make_playable
from synth.evaluators.choice import RACE_FILE, open_evaluator, race
from synth.evaluators.film import FilmKernel
from synth.evaluators.film_graph import recognise
from synth.evaluators.native import NativeEvaluator
from synth.evaluators.onnx import OnnxEvaluator
from synth.evaluators.trust import difference
from synth.instrument import library, load
from tests.helpers.film import film_export, film_instrument
from tests.helpers.tiny_instrument import make_phase_instrument


class Slow(OnnxEvaluator):
    def samples(self, inputs: dict) -> np.ndarray:
        time.sleep(0.002)
        return super().samples(inputs)


def test_the_faster_one_is_chosen_and_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synth.evaluators.choice.OnnxEvaluator", Slow)
    instrument = film_instrument(film_export())
    assert open_evaluator(instrument, cache=tmp_path).name.startswith("native ")
    kept = json.loads((tmp_path / RACE_FILE).read_text())
    (times,) = kept.values()
    assert times["onnx"] > times["native"] > 0.0
    monkeypatch.setattr("synth.evaluators.choice.race", None)  # another race would fail
    assert open_evaluator(instrument, cache=tmp_path).name.startswith("native ")
    (tmp_path / RACE_FILE).write_text(json.dumps({key: {"native": 2.0, "onnx": 1.0} for key in kept}))
    chosen = open_evaluator(instrument, cache=tmp_path)
    assert chosen.name == "onnx cpu: faster than native"
    assert open_evaluator(instrument, wanted="native", cache=tmp_path).name.startswith("native ")
    assert open_evaluator(instrument, wanted="onnx", cache=tmp_path).name == "onnx cpu"


def test_races_are_kept_apart_by_network_and_threads(tmp_path: Path) -> None:
    open_evaluator(film_instrument(film_export()), cache=tmp_path)
    open_evaluator(film_instrument(film_export(seed=2)), cache=tmp_path)
    open_evaluator(film_instrument(film_export()), 2, cache=tmp_path)
    open_evaluator(film_instrument(film_export()), cache=tmp_path)
    assert len(json.loads((tmp_path / RACE_FILE).read_text())) == 3


@pytest.mark.parametrize("content", [b"", b"\xff", b"[1]", b'{"a": 1}', b'{"a": {"native": "x", "onnx": 1}}', b"[" * 10**5])
def test_a_damaged_cache_is_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / RACE_FILE).write_bytes(content)
    open_evaluator(film_instrument(film_export()), cache=tmp_path)
    assert len(json.loads((tmp_path / RACE_FILE).read_text())) == 1


def test_a_cache_that_cannot_be_written_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert open_evaluator(film_instrument(film_export()), cache=tmp_path / "file").name


def test_the_cache_is_in_the_users_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sirenade.paths.user_cache", lambda: tmp_path)
    make_playable(film_instrument(film_export()), 48000.0)
    assert (tmp_path / RACE_FILE).exists()


def test_other_families_are_played_by_onnx_runtime(tmp_path: Path) -> None:
    instrument = load(make_phase_instrument(tmp_path / "sine"))
    assert open_evaluator(instrument, cache=tmp_path).name == "onnx cpu"
    with pytest.raises(InstrumentError, match=r"the native evaluator cannot play .*; choose auto or onnx"):
        open_evaluator(instrument, wanted="native", cache=tmp_path)


def test_an_envelope_that_ignores_its_last_knot_is_left_to_onnx_runtime(tmp_path: Path) -> None:
    model = onnx.load_from_string(film_export(knots=9).field_graph())
    for tensor in model.graph.initializer:
        if not tensor.dims and (value := numpy_helper.to_array(tensor)) in (7.0, 8.0) and value.dtype == np.float32:
            tensor.CopyFrom(numpy_helper.from_array(value - np.float32(1.0), tensor.name))
    assert recognise(model.SerializeToString()).shape.knots == 8
    instrument = film_instrument(film_export(knots=9), model.SerializeToString())
    assert open_evaluator(instrument, cache=tmp_path).name == "onnx cpu"
    with pytest.raises(InstrumentError, match="other shapes than the card says"):
        open_evaluator(instrument, wanted="native", cache=tmp_path)


def test_bundled_functions_of_time_are_computed_natively(tmp_path: Path) -> None:
    """Among them one whose first row is so quiet that its rounding is above -100 dB of its own peak."""
    films = [load(listing.path) for listing in library.find_all() if listing.card and listing.card.coordinates == ("time",)]
    assert films
    for instrument in films:
        assert open_evaluator(instrument, wanted="native", cache=tmp_path).name.startswith("native ")


def test_what_computes_other_samples_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The graph that is recognised is not the one that ONNX Runtime runs: its output layer is a part in 10 000 louder."""
    model = onnx.load_from_string(film_export().field_graph())
    weight = next(tensor for tensor in model.graph.initializer if list(tensor.dims) == [16, 1])
    weight.raw_data = (np.frombuffer(weight.raw_data, np.float32) * np.float32(1.0001)).tobytes()
    louder = recognise(model.SerializeToString())
    monkeypatch.setattr("synth.evaluators.choice.recognise", lambda _: louder)
    instrument = film_instrument(film_export())
    chosen = open_evaluator(instrument, cache=tmp_path)
    assert chosen.name == "onnx cpu: native is -80 dB off"
    with pytest.raises(InstrumentError, match="native is -80 dB off"):
        open_evaluator(instrument, wanted="native", cache=tmp_path)
    assert not (tmp_path / RACE_FILE).exists()


@pytest.mark.parametrize("where", [(0, 0), (-1, 5), (0, slice(None))])
def test_one_wrong_sample_is_noticed(where: tuple) -> None:
    instrument = film_instrument(film_export(knots=5))
    field, reference = recognise(instrument.field), OnnxEvaluator(instrument)
    native = NativeEvaluator(reference, FilmKernel(field))
    assert difference(native, reference, instrument, field) == ""

    class Wrong(NativeEvaluator):
        moving = False

        def samples(self, inputs: dict) -> np.ndarray:
            found = super().samples(inputs)
            if self.moving == ("blend" in inputs):
                found[where] = np.nan if self.moving else found[where] + 1e-3
            return found

    wrong = Wrong(reference, native.kernel)
    assert "dB off" in difference(wrong, reference, instrument, field)
    wrong.moving = True
    assert difference(wrong, reference, instrument, field) == "native is far off where modulations move"


def test_a_race_takes_turns_and_gives_medians() -> None:
    instrument = film_instrument(film_export())
    fast, slow = OnnxEvaluator(instrument), Slow(instrument)
    native = NativeEvaluator(fast, FilmKernel(recognise(instrument.field)))
    assert race([native, slow], instrument)["onnx"] > race([native, fast], instrument)["native"]
