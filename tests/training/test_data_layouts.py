"""Folders as the speech sets have them, and folders with recordings that cannot be used."""

import os
import sys

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from sirenade.cli import build
from sirenade.errors import DatasetError
from training.data import files, layouts, load_folder, load_sounds

from .recordings import RATE, pluck, write_folder
from .test_data import example, write_nsynth
from .test_data_subsets import write_commands


def write(path, hz=220.0, seconds=0.25):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, pluck(hz, seconds), RATE)


def write_vctk(folder, kind):
    suffixes = ("_mic1.flac", "_mic2.flac") if kind == "wav48_silence_trimmed" else (".wav",)
    for speaker in ("p225", "p226", "s5"):
        for sentence in (1, 2):
            for suffix in suffixes:
                write(folder / kind / speaker / f"{speaker}_{sentence:03d}{suffix}")
    number = "" if kind == "wav48" else "p"
    (folder / "speaker-info.txt").write_text(
        "ID  AGE  GENDER  ACCENTS  REGION COMMENTS\n"
        f"{number}225  23  F    English    Southern  England\n{number}226  22  M    English    Surrey\n"
    )
    return folder


@pytest.mark.parametrize("kind", ["wav48", "wav48_silence_trimmed"])
def test_vctk_is_read_by_speaker_from_one_microphone(tmp_path, kind):
    sounds = load_sounds(write_vctk(tmp_path, kind), RATE)
    assert [sound.name for sound in sounds] == ["p225_001", "p226_001", "s5_001", "p225_002", "p226_002", "s5_002"]
    assert [sound.instrument for sound in sounds[:3]] == ["p225", "p226", "s5"]
    assert [sound.tags for sound in sounds[:3]] == [("female", "english"), ("male", "english"), ()]
    assert {sound.family for sound in sounds} == {"vocal"}


def test_vctk_without_recordings_is_refused(tmp_path):
    (tmp_path / "wav48").mkdir()
    with pytest.raises(DatasetError, match="unpack VCTK again"):
        load_sounds(tmp_path, RATE)


def test_ljspeech_is_one_speaker_in_the_order_of_its_list(tmp_path):
    names = ["LJ001-0002", "LJ001-0001"]
    (tmp_path / "metadata.csv").write_text("".join(f"{name}|“Text”, he said|Text\n" for name in names))
    for name in names:
        write(tmp_path / "wavs" / f"{name}.wav")
    sounds = load_sounds(tmp_path, RATE)
    assert [sound.name for sound in sounds] == names
    assert {sound.instrument for sound in sounds} == {"LJ"}
    (tmp_path / "wavs" / f"{names[1]}.wav").unlink()
    with pytest.raises(DatasetError, match="half there: 1 of 2 listed sounds are missing, its list names LJ001-0001"):
        load_sounds(tmp_path, RATE)
    (tmp_path / "metadata.csv").write_text("a,b\n")
    with pytest.raises(DatasetError, match="is not LJSpeech's list"):
        load_sounds(tmp_path, RATE)


@pytest.mark.parametrize("above", [False, True])
def test_librispeech_is_read_by_speaker(tmp_path, above):
    part = tmp_path / "dev-clean"
    for speaker, chapter in (("84", "121123"), ("174", "50561")):
        place = part / speaker / chapter
        for number in range(2):
            write(place / f"{speaker}-{chapter}-{number:04d}.flac")
        lines = [f"{speaker}-{chapter}-{number:04d} GO ON\n" for number in range(2)]
        (place / f"{speaker}-{chapter}.trans.txt").write_text("".join(lines))
    (tmp_path / "SPEAKERS.TXT").write_text(
        ";ID |SEX| SUBSET\n84   | F | dev-clean |  8.02 | Christie\n174 | M | dev-clean | 8 | P\n"
    )
    sounds = load_sounds(tmp_path if above else part, RATE)
    assert [(sound.instrument, sound.tags) for sound in sounds] == [("174", ("male",)), ("84", ("female",))] * 2
    next(part.rglob("*.flac")).unlink()
    with pytest.raises(DatasetError, match="1 of 4 listed sounds are missing"):
        load_sounds(part, RATE)


def test_speech_commands_come_word_by_word_without_the_noise(tmp_path):
    sounds = load_sounds(write_commands(tmp_path, words=("one", "two")), 16000, limit=3)
    assert [(sound.family, sound.instrument) for sound in sounds] == [
        ("bird", "00000000"),
        ("one", "00000000"),
        ("two", "00000000"),
    ]
    assert len(load_sounds(tmp_path, 16000)) == 18


def test_any_other_folder_is_an_ordinary_one(tmp_path):
    assert layouts.recognise(write_folder(tmp_path)) is None
    assert layouts.recognise(tmp_path / "pluck220.wav") is None


def test_hidden_files_are_no_recordings(tmp_path):
    write_folder(tmp_path)
    (tmp_path / "._pluck220.wav").write_bytes(b"left by another system")
    (tmp_path / ".trash").mkdir()
    write(tmp_path / ".trash" / "old.wav")
    assert load_folder(tmp_path, RATE).problems == []
    assert len(load_sounds(tmp_path, RATE)) == 3
    write_commands(tmp_path / "words", words=("one",))
    (tmp_path / "words" / "one" / ".00000000_nohash_0-x.wav").write_bytes(b"left by a stop")
    assert len(load_folder(tmp_path / "words", 16000).sounds) == 12


def test_a_limit_reads_no_more_files_than_it_needs(tmp_path, monkeypatch):
    write_nsynth(tmp_path / "nsynth", {f"n{number}": example(note_str=f"n{number}") for number in range(30)})
    write_vctk(tmp_path / "vctk", "wav48")
    opened = []
    read = files.read_channels
    monkeypatch.setattr(files, "read_channels", lambda path, *seconds: opened.append(path) or read(path, *seconds))
    assert len(load_sounds(tmp_path / "nsynth", RATE, limit=3)) == 3
    assert len(load_sounds(tmp_path / "vctk", RATE, limit=2)) == 2
    assert len(opened) == 5


def test_of_a_long_file_only_the_beginning_is_decoded_and_cut_as_if_it_were_all(tmp_path):
    tone = 0.5 * np.sin(np.arange(44100 * 5) * 0.05)
    soundfile.write(tmp_path / "long.wav", tone, 44100)
    assert len(files.read_channels(tmp_path / "long.wav", 1.0)[0]) == 44100
    whole = load_sounds(tmp_path, 16000)[0].samples[:16000]
    assert np.abs(load_sounds(tmp_path, 16000, 1.0)[0].samples - whole).max() < 1e-5


def write_bad(folder):
    folder.mkdir(exist_ok=True)
    soundfile.write(folder / "silent.wav", np.zeros(2000), RATE)
    soundfile.write(folder / "nan.wav", np.full(2000, np.nan), RATE, subtype="FLOAT")
    soundfile.write(folder / "click.wav", np.ones(3), RATE)
    soundfile.write(folder / "slow.wav", np.ones(2000), 10)
    (folder / "text.wav").write_text("no sound")
    return folder


def test_bad_recordings_are_left_out_and_told(tmp_path):
    write_bad(write_folder(tmp_path))
    loaded = load_folder(tmp_path, RATE)
    assert len(loaded.sounds) == 3
    told = "\n".join(loaded.problems)
    for reason in (
        "silent.wav is silent;",
        "nan.wav holds samples that are not finite",
        "click.wav lasts less",
        "text.wav cannot",
    ):
        assert reason in told
    assert loaded.told()[-2:] == ["2 more cannot be used.", "5 of 8 files were left out; 3 are used."]


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has no such names")
def test_a_name_that_is_not_utf8_is_told(tmp_path):
    write_folder(tmp_path)
    (tmp_path / os.fsdecode(b"caf\xe9.wav")).write_bytes((tmp_path / "pluck220.wav").read_bytes())
    loaded = load_folder(tmp_path, RATE)
    assert len(loaded.sounds) == 3
    assert "caf?.wav has a name that is not UTF-8; rename it." in loaded.problems[0]


def test_a_limit_counts_the_recordings_that_can_be_used(tmp_path):
    write_bad(write_folder(tmp_path))
    assert [sound.name for sound in load_sounds(tmp_path, RATE, limit=2)] == ["pluck220", "pluck330"]


def test_a_set_of_only_bad_recordings_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="None of the 5 files can be used"):
        load_sounds(write_bad(tmp_path), RATE)


def test_short_clips_and_names_that_occur_twice_are_remarked_upon(tmp_path):
    write(tmp_path / "a.wav")
    write(tmp_path / "a.flac", 330.0)
    write(tmp_path / "b.wav", seconds=0.1)
    loaded = load_folder(tmp_path, RATE, 0.25)
    assert [(sound.name, sound.instrument) for sound in loaded.sounds] == [("a", "a"), ("a (2)", "a (2)"), ("b", "b")]
    assert loaded.remarks == [
        "names that occur twice were given a number: 1, a first.",
        "shorter than 0.25 s, so ending in silence: 1 of 3 sounds, b (0.1 s) first.",
    ]
    assert loaded.problems == []


def test_training_says_what_was_left_out(tmp_path):
    write_bad(write_folder(tmp_path / "data"))
    command = ["train", "film-3x64", "--data", str(tmp_path / "data"), "--out", str(tmp_path / "run"), "--set", "steps=1"]
    small = ["network.width=8", "network.mapping_width=8", "network.latent=4", "data.rate=8000", "data.seconds=0.25"]
    done = CliRunner().invoke(build(), command + [word for each in small for word in ("--set", each)])
    assert done.exit_code == 0, done.output
    assert "5 of 8 files were left out; 3 are used." in done.output
