"""Loading: every way in which an instrument can be wrong is one clear sentence."""

import hashlib
import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import onnx
import onnx.parser
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sirenade.errors import InstrumentError
from synth.instrument import Latents, library, load
from synth.instrument.card import CARD_FILE, FIELD_FILE, LATENTS_FILE, MAPPING_FILE, PITCH_FILE, VERSION, read_card
from synth.instrument.loader import open_pitch
from tests.helpers.tiny_instrument import DRIFT, VIBRATO, VIBRATO_HZ, make_phase_instrument, make_time_instrument


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_time_instrument(tmp_path / "tiny")


def edit_card(folder: Path, **changes: object) -> None:
    card = json.loads((folder / CARD_FILE).read_text())
    (folder / CARD_FILE).write_text(json.dumps(card | changes))


def replace(folder: Path, name: str, content: bytes) -> None:
    """Put another file there, its hash in the card."""
    (folder / name).write_bytes(content)
    files = json.loads((folder / CARD_FILE).read_text())["files"]
    edit_card(folder, files=files | {name: hashlib.sha256(content).hexdigest()})


def replace_latents(folder: Path, **changes: object) -> None:
    with np.load(folder / LATENTS_FILE, allow_pickle=False) as archive:
        arrays = dict(archive) | changes
    np.savez(folder / "new.npz", **{name: array for name, array in arrays.items() if array is not None})
    replace(folder, LATENTS_FILE, (folder / "new.npz").read_bytes())


def refusal(path: Path) -> str:
    with pytest.raises(InstrumentError) as caught:
        load(path)
    text = str(caught.value)
    assert "\n" not in text
    assert len(text) < 600
    return text


@pytest.mark.parametrize("make", [make_time_instrument, make_phase_instrument])
def test_a_folder_and_its_zip_load_alike(make, tmp_path: Path) -> None:
    folder = make(tmp_path / "tiny")
    with zipfile.ZipFile(tmp_path / "tiny.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, f"tiny/{path.name}")
    first, second = load(folder), load(tmp_path / "tiny.zip")
    assert first.card == second.card
    assert first.field == second.field
    assert np.array_equal(first.latents.latents, second.latents.latents)


def test_what_is_not_an_instrument_is_refused(tmp_path: Path) -> None:
    assert "there is no instrument at" in refusal(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    assert "has no instrument.json" in refusal(tmp_path / "empty")
    (tmp_path / "song.mid").write_bytes(b"MThd")
    assert "neither an instrument folder" in refusal(tmp_path / "song.mid")
    (tmp_path / "bad.zip").write_bytes(b"PK nonsense")
    assert "cannot be read as a .zip" in refusal(tmp_path / "bad.zip")


@pytest.mark.parametrize("name", [MAPPING_FILE, FIELD_FILE, LATENTS_FILE])
def test_missing_and_changed_files_are_refused(folder: Path, name: str) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[:-1] + b"!")
    assert "sha256 differs" in refusal(folder)
    (folder / name).unlink()
    assert f"has no {name}" in refusal(folder)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"version": 99}, "was written for version 99"),
        ({"format": "other"}, "format"),
        ({"surprise": 1}, "surprise"),
        ({"duration": float("nan")}, "duration"),
        ({"coordinates": ["phase"]}, "coordinates must be"),
        ({"conditions": ["latent", "time"]}, "exactly when"),
        ({"noise_bands": [[100, 50]]}, "noise bands must rise"),
        ({"latent_size": 3}, "mensions"),
        ({"modulations": [{"name": "gain", "shape": [1]}]}, "its card says gain"),
        ({"modulations": [{"name": "amplitude", "shape": [2]}]}, "amplitude"),
        ({"coordinates": ["phase", "time"]}, "its card says phase_start"),
        ({"release_seconds": 0.5}, "exactly when release_seconds"),
        ({"conditions": ["latent", "release"]}, "exactly when release_seconds"),
        ({"conditions": ["latent", "release"], "release_seconds": 0.5}, "its card says latent, release"),
        ({"oversampling": 2}, "for models with a phase"),
        ({"oversampling": 3}, "oversampling"),
    ],
)
def test_wrong_cards_are_refused(folder: Path, changes: dict, expected: str) -> None:
    edit_card(folder, **changes)
    assert expected in refusal(folder)


def version_1(folder: Path) -> dict:
    """The folder's card as version 1 wrote it."""
    card = json.loads((folder / CARD_FILE).read_text())
    return {name: value for name, value in card.items() if name not in ("release_seconds", "oversampling")} | {"version": 1}


def test_cards_of_version_1_are_read_as_what_they_say(folder: Path) -> None:
    new, old = load(folder).card, read_card(json.dumps(version_1(folder)), folder)
    assert old == new
    assert old.version == VERSION
    assert not old.moves_pitch


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"oversampling": 2}, "oversampling needs version 2"),
        ({"release_seconds": 0.0}, "release_seconds needs version 2"),
        ({"conditions": ["latent", "release"]}, "release in conditions needs version 2"),
        ({"files": {PITCH_FILE: "0" * 64}}, "pitch.onnx in files needs version 2"),
    ],
)
def test_cards_of_version_1_have_nothing_of_version_2(folder: Path, changes: dict, expected: str) -> None:
    (folder / CARD_FILE).write_text(json.dumps(version_1(folder) | changes))
    assert expected in refusal(folder)


def test_release_and_pitch_graph_load_and_run(tmp_path: Path) -> None:
    instrument = load(make_phase_instrument(tmp_path / "v2", release_seconds=0.5, moving=True))
    assert instrument.card.conditions[-1] == "release"
    pitch = open_pitch(instrument)
    assert pitch is not None
    ones = np.ones(3, np.float32)
    moved = pitch.run({"latent": np.zeros((3, 2), np.float32), "pitch": 60 * ones, "velocity": ones, "time": ones})
    assert {name: values.tolist() for name, values in moved.items()} == {
        "drift": [DRIFT] * 3,
        "vibrato": [VIBRATO] * 3,
        "vibrato_hz": [VIBRATO_HZ] * 3,
    }


def test_damaged_pitch_graphs_are_refused(tmp_path: Path) -> None:
    folder = make_phase_instrument(tmp_path / "v2", moving=True)
    content = (folder / PITCH_FILE).read_bytes()
    replace(folder, PITCH_FILE, content[:60])
    assert "pitch.onnx" in refusal(folder)
    model = onnx.load_from_string(content)
    del model.graph.output[2]
    replace(folder, PITCH_FILE, model.SerializeToString())
    assert "its card says drift, vibrato, vibrato_hz" in refusal(folder)
    (folder / PITCH_FILE).unlink()
    assert "has no pitch.onnx" in refusal(folder)


@pytest.mark.parametrize("keep", [0, 1, 40, 200])
def test_truncated_graphs_are_refused(folder: Path, keep: int) -> None:
    replace(folder, FIELD_FILE, (folder / FIELD_FILE).read_bytes()[:keep])
    assert "field.onnx" in refusal(folder)


def test_weights_that_are_not_finite_are_refused(folder: Path) -> None:
    text = (folder / FIELD_FILE).read_bytes()
    model = onnx.load_from_string(text)
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t") and attribute.t.data_type == onnx.TensorProto.FLOAT:
                attribute.t.CopyFrom(onnx.numpy_helper.from_array(np.array(np.nan, np.float32)))
    replace(folder, FIELD_FILE, model.SerializeToString())
    assert "not finite" in refusal(folder)


def test_foreign_operators_and_outside_weights_are_refused(folder: Path) -> None:
    model = onnx.load_from_string((folder / FIELD_FILE).read_bytes())
    model.opset_import.add(domain="com.microsoft", version=1)
    replace(folder, FIELD_FILE, model.SerializeToString())
    assert "only standard ONNX operators" in refusal(folder)
    model = onnx.load_from_string((folder / MAPPING_FILE).read_bytes())
    tensor = onnx.numpy_helper.from_array(np.ones(1, np.float32), "elsewhere")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")
    model.graph.initializer.append(tensor)
    replace(folder, MAPPING_FILE, model.SerializeToString())
    assert "another file" in refusal(folder)


def test_a_graph_of_the_wrong_type_is_refused(folder: Path) -> None:
    model = onnx.parser.parse_model(
        '<ir_version: 9, opset_import: ["" : 18]> m (float[V,2] latent) => (double[V,2] amplitude)'
        " { amplitude = Cast <to = 11> (latent) }"
    )
    replace(folder, MAPPING_FILE, model.SerializeToString())
    assert "tensor(double)" in refusal(folder)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"loops": None}, "lacks the array loops"),
        ({"names": np.array(["a"])}, "names"),
        ({"latents": np.full((4, 2), np.inf, np.float32)}, "not finite"),
        ({"latents": np.zeros((4, 5), np.float32)}, "5 dimensions"),
        ({"loops": np.tile([0.8, 0.3], (4, 1))}, "runs backwards"),
        ({"pitches": np.array(["x"] * 4)}, "numbers"),
    ],
)
def test_wrong_anchors_are_refused(folder: Path, changes: dict, expected: str) -> None:
    replace_latents(folder, **changes)
    assert expected in refusal(folder)


def test_pickled_anchors_are_refused(folder: Path) -> None:
    replace_latents(folder, names=np.array([{"a": 1}] * 4, dtype=object))
    assert "latents.npz cannot be read" in refusal(folder)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([CARD_FILE, MAPPING_FILE, FIELD_FILE, LATENTS_FILE]),
    st.integers(0, 1 << 16),
    st.integers(0, 255),
    st.booleans(),
)
def test_damaged_bytes_never_do_more_than_be_refused(folder: Path, name: str, place: int, byte: int, rehash: bool) -> None:
    target = folder.parent / "damaged"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(folder, target)
    content = bytearray((target / name).read_bytes())
    content[place % len(content)] = byte
    if rehash and name != CARD_FILE:
        replace(target, name, bytes(content))
    else:
        (target / name).write_bytes(bytes(content))
    try:
        load(target)
    except InstrumentError as error:
        assert str(error)


def test_anchors_survive_the_round_trip(folder: Path) -> None:
    anchors = load(folder).latents
    again = Latents.from_bytes(anchors.to_bytes())
    assert again.names == anchors.names
    assert np.array_equal(again.loops, anchors.loops)
    assert anchors.corner_anchors() == (0, 1, 2, 3)


def test_the_library_lists_the_good_and_the_damaged(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = tmp_path / "damaged"
    shutil.copytree(folder, damaged)
    (damaged / CARD_FILE).write_text("{")
    monkeypatch.setattr(library, "search_folders", lambda: [tmp_path])
    listings = {listing.path.name: listing for listing in library.find_all()}
    assert listings["tiny"].card is not None
    assert "not a valid instrument card" in listings["damaged"].problem
    assert library.find("TINY time") == folder
    with pytest.raises(InstrumentError, match="found here: damaged, tiny"):
        library.find("violin")
