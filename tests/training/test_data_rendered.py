"""The stand-ins for the study's sets, made by the real synthesizers."""

import shutil
from collections import Counter

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from sirenade.cli import build
from sirenade.errors import DatasetError
from training.data import card, fluidsynth, load_sounds, nsynth, nsynth_subset, rendered, spoken
from training.data.speech import DIGITS

has_font = pytest.mark.skipif(
    shutil.which("fluidsynth") is None or not fluidsynth.DEFAULT_FONT.exists(), reason="needs fluidsynth and its SoundFont"
)
has_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs espeak-ng")


def pitch_of(samples, rate):
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 1 << 17))
    return spectrum.argmax() * rate / (1 << 17)


@has_font
@pytest.mark.parametrize(("shape", "items", "cells"), [("keyboard", 12, 5), ("diverse", 9, 9)])
def test_rendered_sets_keep_the_rule_of_the_study(tmp_path, shape, items, cells):
    done = CliRunner().invoke(
        build(), ["dataset", shape, "--out", str(tmp_path), "--items", str(items), "--seconds", "0.3", "--rate", "8000"]
    )
    assert done.exit_code == 0, done.output
    examples = nsynth.read_examples(tmp_path)
    assert all(nsynth_subset.RULES[shape].fits(example) for example in examples.values())
    counts = Counter((example["pitch"], example["instrument_family_str"]) for example in examples.values())
    assert len(counts) == cells
    assert max(counts.values()) - min(counts.values()) <= 1
    sounds = load_sounds(tmp_path, 8000)
    assert [sound.name for sound in sounds] == list(examples)
    assert all(len(sound.samples) == 2400 for sound in sounds)
    own = card.read(tmp_path)
    assert own.rendered
    assert "rendered by FluidSynth" in own.name
    assert "MIT" in own.license
    assert "Not NSynth" in (tmp_path / "README.md").read_text()


@has_font
def test_the_same_order_gives_the_same_samples_and_goes_on_where_it_was(tmp_path):
    first = rendered.Order(tmp_path / "a", "keyboard", 6, 8000, 0.2)
    assert rendered.make(first) == 6
    assert rendered.make(rendered.Order(tmp_path / "b", "keyboard", 6, 8000, 0.2)) == 6
    for path in sorted((tmp_path / "a" / "audio").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / "audio" / path.name).read_bytes()
    gone = next((tmp_path / "a" / "audio").iterdir())
    gone.unlink()
    with pytest.raises(DatasetError, match="half there"):
        load_sounds(tmp_path / "a", 8000)
    rendered.make(first)
    assert gone.read_bytes() == (tmp_path / "b" / "audio" / gone.name).read_bytes()
    with pytest.raises(DatasetError, match="holds another set"):
        rendered.make(rendered.Order(tmp_path / "a", "keyboard", 7, 8000, 0.2))


@has_font
def test_a_keyboard_note_sounds_at_its_pitch(tmp_path):
    rendered.make(rendered.Order(tmp_path, "keyboard", 5, 16000, 0.5))
    for sound in load_sounds(tmp_path, 16000):
        if "clavinet" not in sound.name and "harpsichord" not in sound.name:  # loudest at an overtone
            ratio = pitch_of(sound.samples, 16000) / (440.0 * 2 ** ((sound.pitch - 69) / 12))
            assert ratio == pytest.approx(round(ratio), abs=0.02 * round(ratio))


def test_a_thousand_notes_can_be_chosen_and_more_than_there_are_cannot(tmp_path):
    for shape in rendered.SHAPES.values():
        order = rendered.Order(tmp_path, "keyboard", 1024)
        chosen = rendered.choose(rendered.pool(shape, 1024), order)
        assert len(set(chosen)) == 1024
    with pytest.raises(DatasetError, match="more than these instruments have"):
        rendered.pool(rendered.SHAPES["keyboard"], 5000)
    with pytest.raises(DatasetError, match="is not empty"):
        (tmp_path / "letter.txt").write_text("dear")
        card.claim(tmp_path, card.Card(name="x", rendered=True, description="", license="", items=1, rate=1, seconds=1, seed=0,
                                       made_with=""))  # fmt: skip


@has_espeak
def test_digits_are_balanced_in_many_voices_at_places_of_their_own(tmp_path):
    done = CliRunner().invoke(build(), ["dataset", "digits", "--out", str(tmp_path / "a"), "--items", "30"])
    assert done.exit_code == 0, done.output
    sounds = load_sounds(tmp_path / "a", 16000)
    assert set(Counter(sound.family for sound in sounds).values()) == {3}
    assert {sound.family for sound in sounds[:10]} == set(DIGITS)
    assert len({sound.instrument for sound in sounds}) == 30
    onsets = [int(np.argmax(np.abs(sound.samples) > 0.01)) for sound in sounds]
    assert np.std(onsets) > 500
    peaks = [float(np.abs(sound.samples).max()) for sound in sounds]
    assert 0.29 < min(peaks) < max(peaks) < 0.91
    assert all(len(sound.samples) == 16000 for sound in sounds)
    spoken.make(tmp_path / "b", 30)
    for path in (tmp_path / "a").glob("*/*.wav"):
        assert path.read_bytes() == (tmp_path / "b" / path.parent.name / path.name).read_bytes()
    assert "Not Speech Commands" in card.read(tmp_path / "a").description


@has_espeak
def test_words_that_are_longer_than_the_clip_are_faded_out(tmp_path):
    spoken.make(tmp_path, 10, seconds=0.2)
    for path in tmp_path.glob("*/*.wav"):
        samples, _ = soundfile.read(path)
        assert len(samples) == 3200
        assert abs(samples[-1]) < 0.01
    with pytest.raises(DatasetError, match="between 8000 and 48000"):
        spoken.make(tmp_path / "other", 10, rate=4000)


def test_a_missing_synthesizer_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DatasetError, match="sudo apt install fluidsynth"):
        rendered.make(rendered.Order(tmp_path / "out", "keyboard"))
    with pytest.raises(DatasetError, match="sudo apt install espeak-ng"):
        spoken.make(tmp_path / "out")
    assert not (tmp_path / "out").exists()
