import json

import numpy as np
import pytest
import soundfile

from sirenade.errors import DatasetError
from training.data import fit_length, load_sounds
from training.data.folder import pitch_of
from training.data.nsynth import QUALITIES

from .recordings import RATE, pluck


def example(**changes):
    return {
        "note": 1,
        "note_str": "keyboard_acoustic_004-060-025",
        "instrument": 327,
        "instrument_str": "keyboard_acoustic_004",
        "pitch": 60,
        "velocity": 127,
        "sample_rate": 16000,
        "qualities": [0] * len(QUALITIES),
        "qualities_str": ["bright"],
        "instrument_family": 4,
        "instrument_family_str": "keyboard",
        "instrument_source": 0,
        "instrument_source_str": "acoustic",
        **changes,
    }


def write_nsynth(folder, examples, rate=16000):
    (folder / "audio").mkdir(parents=True, exist_ok=True)
    for key in examples:
        soundfile.write(folder / "audio" / f"{key}.wav", pluck(440.0, rate=rate), rate)
    (folder / "examples.json").write_text(json.dumps(examples))
    return folder


def test_nsynth_layout_gives_what_its_keys_say(tmp_path):
    folder = write_nsynth(tmp_path, {"b": example(), "a": example(pitch=62, velocity=64)})
    first, second = load_sounds(folder, 8000)
    assert (first.name, first.pitch, first.velocity) == ("b", 60.0, 1.0)
    assert (second.pitch, second.velocity) == (62.0, 64 / 127)
    assert (first.instrument, first.family, first.tags) == ("keyboard_acoustic_004", "keyboard", ("bright",))
    assert len(first.samples) == 2000
    assert load_sounds(folder, 8000, limit=1)[0].name == "b"


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda folder: (folder / "audio" / "a.wav").unlink(), "names a"),
        (lambda folder: (folder / "audio" / "a.wav").write_bytes(b"RIFF no"), "cannot be read as a sound file"),
        (lambda folder: (folder / "examples.json").write_text("{"), "cannot be read as JSON"),
        (lambda folder: (folder / "examples.json").write_text("{}"), "no examples"),
        (lambda folder: (folder / "examples.json").write_text('{"a": {"pitch": 60}}'), "lacks instrument"),
        (lambda folder: (folder / "examples.json").write_text('{"a": 3}'), "lacks everything"),
        (lambda folder: (folder / "examples.json").write_text(json.dumps({"../a": example()})), "cannot be used"),
        (lambda folder: (folder / "examples.json").write_text(json.dumps({"a": example(pitch="C")})), "cannot be used"),
    ],
)
def test_half_there_nsynth_sets_are_refused(tmp_path, damage, reason):
    folder = write_nsynth(tmp_path, {"a": example()})
    damage(folder)
    with pytest.raises(DatasetError, match=reason):
        load_sounds(folder, 8000)


def test_stereo_flac_at_44100_becomes_mono_at_the_wanted_rate(tmp_path):
    rate, wanted = 44100, 16000
    time = np.arange(rate) / rate
    left, right = 0.5 * np.sin(2 * np.pi * 440 * time), 0.3 * np.sin(2 * np.pi * 440 * time)
    soundfile.write(tmp_path / "tone_A4.flac", np.stack([left, right], 1), rate)
    (sound,) = load_sounds(tmp_path, wanted)
    assert sound.rate == wanted
    assert sound.pitch == 69.0
    assert len(sound.samples) == wanted
    expected = 0.4 * np.sin(2 * np.pi * 440 * np.arange(wanted) / wanted)
    assert np.abs(sound.samples - expected)[200:-200].max() < 1e-3


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "aiff", "AIF"])
def test_every_format_is_found_in_subfolders(tmp_path, suffix):
    (tmp_path / "drums").mkdir()
    kind = "aiff" if suffix == "AIF" else suffix
    soundfile.write(tmp_path / "drums" / f"kick.{suffix}", pluck(100.0), RATE, format=kind)
    (tmp_path / "notes.txt").write_text("not a sound")
    (sound,) = load_sounds(tmp_path, RATE)
    assert (sound.name, sound.family, sound.pitch) == ("drums/kick", "drums", 60.0)


def test_a_folder_may_hold_an_nsynth_set_beside_sound_files(tmp_path):
    write_nsynth(tmp_path / "notes", {"a": example()})
    soundfile.write(tmp_path / "word.wav", pluck(200.0), RATE)
    assert [sound.name for sound in load_sounds(tmp_path, RATE)] == ["a", "word"]


def test_folders_without_usable_sounds_are_refused(tmp_path):
    with pytest.raises(DatasetError, match="there is no folder"):
        load_sounds(tmp_path / "nowhere", RATE)
    with pytest.raises(DatasetError, match="holds no WAV"):
        load_sounds(tmp_path, RATE)
    (tmp_path / "empty.wav").write_bytes(b"")
    with pytest.raises(DatasetError, match="cannot be read as a sound file"):
        load_sounds(tmp_path, RATE)
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), RATE)
    with pytest.raises(DatasetError, match="holds no samples"):
        load_sounds(tmp_path, RATE)
    soundfile.write(tmp_path / "empty.wav", np.array([0.0, np.nan]), RATE, subtype="FLOAT")
    with pytest.raises(DatasetError, match="not finite"):
        load_sounds(tmp_path, RATE)


def test_sounds_are_cut_and_padded_to_one_length(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.full(100, 0.5), RATE)
    (sound,) = load_sounds(tmp_path, RATE, seconds=50 / RATE)
    assert len(sound.samples) == 50
    row = fit_length([sound], 60)[0]
    assert (row[:50] == sound.samples).all()
    assert (row[50:] == 0).all()


@pytest.mark.parametrize(("stem", "pitch"), [("a_C#4", 61), ("Bb3-x", 58), ("c-1", 0), ("cab", 60), ("take 2", 60)])
def test_note_names_in_file_names_are_pitches(stem, pitch):
    assert pitch_of(stem) == pitch
