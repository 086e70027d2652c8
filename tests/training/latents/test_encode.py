import hashlib
import json
import shutil
import sys
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import soundfile
import torch

from sirenade.cli import main
from sirenade.errors import InstrumentError, TrainingError
from synth.instrument import load
from tests.helpers.bundled import CHAMBER
from tests.helpers.bundled import SMALL_OBJECTS as SMALL
from training import runs
from training.export.bandwidth import Sampler
from training.fit import fit
from training.latents import anchor
from training.latents.embed import Search
from training.latents.encode import Wish, encode_file, fitted
from training.latents.match import Match

from ..recordings import RATE, pluck, tiny_config, write_folder


@pytest.fixture(scope="module")
def small_objects():
    return load(SMALL)


@pytest.fixture(scope="module")
def without_vibraphone(small_objects, tmp_path_factory):
    """Small Objects without its first anchor, and that anchor's sound: one that the network holds, but nothing points at."""
    old = small_objects.latents
    rest = replace(
        old,
        **{name: getattr(old, name)[1:] for name in ("latents", "names", "pitches", "tags", "map", "loops", "durations")},
        descriptors=old.descriptors[1:],
    )
    folder = tmp_path_factory.mktemp("without") / "small"
    anchor.write(replace(small_objects, latents=rest), folder)
    sound = Sampler(small_objects).sample(0, small_objects.card.duration, small_objects.card.training_rate)
    soundfile.write(folder.parent / "vibes_C5.wav", sound, 16000, subtype="FLOAT")
    return folder, folder.parent / "vibes_C5.wav"


def test_a_sound_that_the_network_holds_is_found_and_kept(tmp_path, without_vibraphone):
    source, sound = without_vibraphone
    before = {path.name: path.read_bytes() for path in source.iterdir()}
    wish = Wish(name="Vibes", steps=250, out=tmp_path / "grown", wav=tmp_path / "match.wav")
    told = []
    found = encode_file(source, sound, wish, told.append)
    assert found.match.match["snr_db"] > 25.0
    assert found.match.nearest["snr_db"] < 6.0
    assert "as good as the instrument's own sounds" in found.match.verdict()
    assert {path.name: path.read_bytes() for path in source.iterdir()} == before
    grown = load(tmp_path / "grown")
    for name, digest in grown.card.files.items():
        assert hashlib.sha256((tmp_path / "grown" / name).read_bytes()).hexdigest() == digest
    assert grown.latents.names[-1] == "Vibes"
    assert grown.latents.pitches[-1] == 72.0
    assert grown.latents.tags[-1] == "encoded"
    assert grown.card.recipe["encoded"][0]["name"] == "Vibes"
    assert ((grown.latents.map >= 0.0) & (grown.latents.map <= 1.0)).all()
    kept, rate = soundfile.read(tmp_path / "match.wav", dtype="float32")
    again = Sampler(grown).sample(len(grown.latents.names) - 1, grown.card.duration, rate)
    assert np.abs(kept - again).max() < 1e-5
    assert 0.0 < grown.latents.durations[-1] <= 0.6


def test_old_anchors_stay_where_they_are_and_the_map_is_affine(small_objects):
    latents = small_objects.latents
    middle = 0.5 * (latents.latents[2] + latents.latents[7])
    grown = anchor.with_anchor(small_objects, middle, "between", 60.0)
    assert np.array_equal(grown.latents.map[:-1], latents.map)
    assert np.allclose(grown.latents.map[-1], 0.5 * (latents.map[2] + latents.map[7]), atol=1e-4)


def test_in_place_the_instrument_grows_or_stays_as_it_was(tmp_path, small_objects, monkeypatch):
    shutil.copytree(SMALL, tmp_path / "mine")
    mine = load(tmp_path / "mine")
    sound = Sampler(mine).sample(3, mine.card.duration, 16000)
    grown = anchor.with_anchor(mine, mine.latents.latents[3], "again", 60.0)
    described = anchor.described(grown, sound, sound, {"steps": 1})
    broken = replace(described, latents=replace(described.latents, latents=described.latents.latents * np.float32(1e38)))
    with pytest.raises(InstrumentError):
        anchor.write(broken, tmp_path / "mine")
    assert load(tmp_path / "mine").latents.names == small_objects.latents.names
    anchor.write(described, tmp_path / "mine")
    assert load(tmp_path / "mine").latents.names[-1] == "again"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine"]


def test_a_card_does_not_choose_where_files_are_written(tmp_path):
    shutil.copytree(SMALL, tmp_path / "bad")
    card = json.loads((tmp_path / "bad" / "instrument.json").read_text())
    card["files"]["../escaped"] = "0" * 64
    (tmp_path / "bad" / "instrument.json").write_text(json.dumps(card))
    with pytest.raises(InstrumentError, match="no file of its folder"):
        anchor.write(load(tmp_path / "bad"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_zip_is_copied_to_a_folder(tmp_path):
    with zipfile.ZipFile(tmp_path / "small.zip", "w") as archive:
        for path in SMALL.iterdir():
            archive.write(path, f"small/{path.name}")
    zipped = load(tmp_path / "small.zip")
    anchor.write(anchor.with_anchor(zipped, zipped.latents.latents[0], "one more", 60.0), tmp_path / "out")
    assert len(load(tmp_path / "out").latents.names) == len(zipped.latents.names) + 1


@pytest.mark.parametrize("method", ["autodecoder", "encoder"])
def test_a_run_takes_a_sound_and_becomes_an_instrument(tmp_path, method):
    data = write_folder(tmp_path / "data")
    config = tiny_config(data, inference={"method": method}, steps=30)
    run = runs.create(config, tmp_path / "run")
    fit(config, runs.build(config), run)
    soundfile.write(tmp_path / "new.wav", pluck(277.0), RATE)
    found = encode_file(run, tmp_path / "new.wav", Wish(steps=5, out=tmp_path / "grown"))
    assert load(tmp_path / "grown").latents.names == ("pluck220", "pluck330", "pluck440", "new")
    assert found.match.own is not None
    if method == "encoder":  # among the starts, with as many of the others as there is room for
        _, experiment, _ = runs.load(run)
        wanted = experiment.inference.encode(torch.from_numpy(pluck(277.0))[None])
        assert wanted.shape == (1, 4)
    with pytest.raises(TrainingError, match="is a run"):
        encode_file(run, tmp_path / "new.wav", Wish(in_place=True))


def test_the_encoders_latent_is_where_the_search_starts(small_objects):
    sound = Sampler(small_objects).sample(5, 0.6, 16000)
    search = Search(small_objects, sound, 60.0)
    found = search.run(1, [("the encoder's latent", small_objects.latents.latents[5])])
    assert found.start in {"the encoder's latent", small_objects.latents.names[5]}
    assert found.error < 1e-3


def test_a_search_is_repeated_exactly(small_objects):
    sound = (0.3 * np.sin(np.arange(9600) * 0.2)).astype(np.float32)
    first, second = (Search(small_objects, sound, 60.0).run(5) for _ in range(2))
    assert np.array_equal(first.latent, second.latent)
    assert first.error <= float(
        Search(small_objects, sound, 60.0).compare(torch.from_numpy(small_objects.latents.latents)).min()
    )


def test_sounds_are_cut_padded_and_told_of(small_objects):
    told = []
    time = np.arange(44100, dtype=np.float32) / 44100
    long = fitted(0.5 * np.sin(2 * np.pi * 440 * time), 44100, small_objects, "a.wav", told.append)
    short = fitted(0.5 * np.sin(2 * np.pi * 440 * time[:4410]), 44100, small_objects, "b.wav", told.append)
    exact = fitted(0.5 * np.sin(2 * np.pi * 440 * time[:26460]), 44100, small_objects, "c.wav", told.append)
    assert long.shape == short.shape == exact.shape == (9600,)
    assert np.abs(short[1601:]).max() == 0.0
    wanted = 0.5 * np.sin(2 * np.pi * 440 * np.arange(9600) / 16000)
    assert np.abs(long - wanted)[100:-100].max() < 1e-3
    assert [sentence.split()[0] for sentence in told] == ["a.wav", "b.wav"]
    assert "only so much" in told[0]
    assert "silence follows" in told[1]
    with pytest.raises(TrainingError, match="is silent"):
        fitted(np.concatenate([np.zeros(44100), np.ones(9)]), 44100, small_objects, "late.wav", told.append)


def scores(snr, distance):
    return {"snr_db": snr, "lsd_db": 5.0, "multi_stft": distance}


@pytest.mark.parametrize(
    ("found", "own", "words"),
    [
        (scores(20.0, 0.5), scores(20.0, 0.5), "as good as"),
        (scores(12.0, 1.0), scores(20.0, 0.5), "2.0 times as far"),
        (scores(12.0, 1.9), scores(20.0, 0.5), "hardly nearer than silence"),
        (scores(0.4, 1.0), scores(20.0, 0.5), "hardly nearer than silence"),
        (scores(12.0, 1.0), None, "50% of silence's distance"),
    ],
)
def test_the_verdict(found, own, words):
    match = Match(found, scores(3.0, 1.8), "a drum", scores(0.0, 2.0), own)
    assert words in match.verdict()
    assert "nearest anchor (a drum)" in match.table("bell")


def sirenade(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["sirenade", *map(str, arguments)])
    with pytest.raises(SystemExit) as caught:
        main()
    outcome = capsys.readouterr()
    return caught.value.code or 0, outcome.out, outcome.err


def test_the_command(tmp_path, without_vibraphone, monkeypatch, capsys):
    source, sound = without_vibraphone
    shutil.copytree(source, tmp_path / "mine")
    arguments = ("encode", tmp_path / "mine", sound, "--steps", 3, "--name", "vibes", "--replace", "--wav", tmp_path / "m.wav")
    code, said, errors = sirenade(monkeypatch, capsys, *arguments)
    assert code == 0, errors
    assert "| vibes |" in said
    assert "has the anchor 'vibes' now" in said
    code, _, errors = sirenade(monkeypatch, capsys, *arguments[:7], "--wav", tmp_path / "n.wav")
    assert code == 2
    assert "has an anchor 'vibes' already" in errors


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("{}/none.wav",), "there is no file"),
        (("{}/silent.wav",), "is silent"),
        (("{}/nan.wav",), "not finite"),
        (("{}/text.wav",), "cannot be read as a sound file"),
        (("{}/tone.wav", "--out", "{}/there"), "exists already"),
        (("{}/tone.wav", "--wav", "{}/tone.wav"), "exists already"),
        (("{}/tone.wav", "--replace", "--out", "{}/x"), "name one of them"),
        (("{}/tone.wav", "--name", "marimba-060-100"), "has an anchor 'marimba-060-100' already"),
        (("{}/tone.wav", "--name", " "), "printable characters"),
    ],
)
def test_what_a_user_gets_wrong_is_one_sentence(tmp_path, monkeypatch, capsys, arguments, reason):
    (tmp_path / "there").mkdir()
    (tmp_path / "text.wav").write_text("no sound")
    soundfile.write(tmp_path / "silent.wav", np.zeros(8000, np.float32), RATE)
    soundfile.write(tmp_path / "nan.wav", np.full(8000, np.nan, np.float32), RATE, subtype="FLOAT")
    soundfile.write(tmp_path / "tone.wav", pluck(220.0), RATE)
    words = [word.replace("{}", str(tmp_path)) for word in arguments]
    code, _, errors = sirenade(monkeypatch, capsys, "encode", SMALL, *words, "--steps", 1)
    assert code == 2
    assert reason in errors
    assert "Traceback" not in errors


def test_other_models_are_refused(tmp_path, monkeypatch, capsys):
    soundfile.write(tmp_path / "tone.wav", pluck(220.0), RATE)
    for model, reason in (
        (CHAMBER, "not a function of time alone"),
        (tmp_path, "is not an instrument"),
    ):
        code, _, errors = sirenade(monkeypatch, capsys, "encode", model, tmp_path / "tone.wav")
        assert code == 2
        assert reason in errors
