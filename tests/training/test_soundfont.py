import json
import shutil

import numpy as np
import pytest
import soundfile

from sirenade.errors import DatasetError
from training.data import fluidsynth, general_midi, load_sounds, nsynth, speech
from training.data.soundfont import Request, make

has_font = pytest.mark.skipif(
    shutil.which("fluidsynth") is None or not fluidsynth.DEFAULT_FONT.exists(), reason="needs fluidsynth and its SoundFont"
)
has_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs espeak-ng")


@has_font
def test_rendered_notes_are_an_nsynth_set_in_tune_and_aligned(tmp_path):
    request = Request(tmp_path, (73,), (69, 81), (127, 64), rate=16000, seconds=0.5)
    assert make(request) == 4
    examples = json.loads((tmp_path / "examples.json").read_text())
    example = examples["flute-069-127"]
    assert set(example) == nsynth.KEYS
    assert (example["pitch"], example["velocity"], example["instrument_family_str"]) == (69, 127, "flute")
    assert nsynth.FAMILIES[example["instrument_family"]] == "flute"
    assert "MIT" in (tmp_path / "LICENSE.md").read_text()
    for sound in load_sounds(tmp_path, 16000):
        assert len(sound.samples) == 8000
        assert sound.released is None
        spectrum = np.abs(np.fft.rfft(sound.samples * np.hanning(8000), 65536))
        assert spectrum.argmax() * 16000 / 65536 == pytest.approx(440.0 * 2 ** ((sound.pitch - 69) / 12), rel=0.01)
        loud = np.flatnonzero(np.abs(sound.samples) > np.abs(sound.samples).max() * 10 ** (-50 / 20))
        assert loud[0] <= 0.004 * 16000


@has_font
def test_velocities_keep_the_levels_of_the_font_whenever_they_are_rendered(tmp_path):
    """General MIDI's loudness is the square of velocity; what is added later fits what is there."""
    request = Request(tmp_path, (73,), (69,), (120, 60), seconds=0.3)
    make(request)
    soft, loud = (tmp_path / "audio" / f"flute-069-{velocity}.wav" for velocity in ("060", "120"))
    peaks = [np.abs(soundfile.read(path)[0]).max() for path in (soft, loud)]
    assert peaks[1] == pytest.approx(0.9, abs=0.001)
    assert 20 * np.log10(peaks[1] / peaks[0]) == pytest.approx(40 * np.log10(2), abs=0.5)
    soft.unlink()
    make(request)
    assert np.abs(soundfile.read(soft)[0]).max() == pytest.approx(peaks[0], rel=0.02)


@has_font
def test_a_note_that_is_let_go_dies_away_from_then_on(tmp_path):
    make(Request(tmp_path, (16,), (60,), rate=16000, seconds=1.0, hold=0.5))
    (sound,) = load_sounds(tmp_path, 16000)
    assert sound.released == pytest.approx(0.5, abs=0.01)
    level = [np.abs(sound.samples[round(at * 16000) :][:800]).max() for at in (0.4, sound.released - 0.05, 0.9)]
    assert level[1] > 0.9 * level[0]
    assert level[2] < 0.05 * level[0]
    (cut,) = load_sounds(tmp_path, 16000, seconds=0.4)
    assert cut.released is None


def test_an_unusable_time_of_release_is_one_sentence(tmp_path):
    example = dict.fromkeys(nsynth.KEYS, 1) | {"qualities": [], "qualities_str": [], "released": "soon"}
    (tmp_path / "examples.json").write_text(json.dumps({"a": example}))
    with pytest.raises(DatasetError, match="time of release"):
        nsynth.read_examples(tmp_path)


def test_only_notes_that_an_instrument_has_are_wanted(tmp_path):
    wanted = Request(tmp_path, (40, 58), range(27, 103, 3), (45, 120), in_range=True).wanted()
    keys = {program: [note.key for note in wanted if note.program == program] for program in (40, 58)}
    assert (keys[40][0], keys[40][-1], keys[58][0], keys[58][-1]) == (57, 99, 30, 57)
    with pytest.raises(DatasetError, match="Tuba has the notes 28 to 58"):
        Request(tmp_path, (58,), (60, 72), in_range=True).wanted()
    assert all(0 <= low < high <= 127 for low, high in map(general_midi.key_range, range(129)))


@has_font
def test_rendering_goes_on_where_it_was_and_adds_to_what_is_there(tmp_path, monkeypatch):
    make(Request(tmp_path, (11, 12), (60,), seconds=0.2))
    (tmp_path / "audio" / "marimba-060-100.wav").unlink()
    kept = (tmp_path / "audio" / "vibraphone-060-100.wav").stat().st_mtime_ns
    rendered = []
    render = fluidsynth.render
    monkeypatch.setattr(fluidsynth, "render", lambda *request: rendered.extend(request[1]) or render(*request))
    seen = []
    assert make(Request(tmp_path, (11, 12), (60, 62), seconds=0.2), lambda *progress: seen.append(progress)) == 4
    assert len(rendered) == 3
    assert seen[-1] == (4, 4)
    assert (tmp_path / "audio" / "vibraphone-060-100.wav").stat().st_mtime_ns == kept
    assert len(load_sounds(tmp_path, 16000)) == 4
    with pytest.raises(DatasetError, match="another rate"):
        make(Request(tmp_path, (11,), (60,), rate=22050))


@has_font
def test_a_note_does_not_hold_the_end_of_the_note_before(tmp_path):
    """The tom still rings when the woodblock's turn comes; cutting it off clicks, which must not count as the onset."""
    make(Request(tmp_path, (general_midi.PERCUSSION,), (45, 76), seconds=0.3))
    for sound in load_sounds(tmp_path, 16000):
        assert np.abs(sound.samples).argmax() < 0.03 * 16000


@has_font
def test_each_key_of_the_percussion_set_is_an_unpitched_sound(tmp_path):
    make(Request(tmp_path, (general_midi.PERCUSSION,), (36, 38), seconds=0.2))
    assert [(sound.instrument, sound.pitch) for sound in load_sounds(tmp_path, 16000)] == [
        ("bass_drum", 60.0),
        ("acoustic_snare", 60.0),
    ]


def test_a_missing_tool_is_one_sentence_with_the_line_to_type(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DatasetError, match="sudo apt install fluidsynth"):
        make(Request(tmp_path, (0,), (60,)))
    with pytest.raises(DatasetError, match="sudo apt install espeak-ng"):
        speech.make(tmp_path)


@has_font
def test_a_missing_or_foreign_font_is_one_sentence(tmp_path):
    with pytest.raises(DatasetError, match="there is no SoundFont"):
        make(Request(tmp_path, (0,), (60,), font=tmp_path / "none.sf2"))
    (tmp_path / "bad.sf2").write_bytes(b"not a SoundFont")
    with pytest.raises(DatasetError, match="not a SoundFont 2 file"):
        make(Request(tmp_path / "out", (0,), (60,), font=tmp_path / "bad.sf2"))


@pytest.mark.parametrize(
    "change", [{"programs": (129,)}, {"notes": (128,)}, {"velocities": (0,)}, {"rate": 96000}, {"notes": ()}, {"hold": 1.0}]
)
def test_requests_out_of_range_are_refused(tmp_path, change):
    with pytest.raises(DatasetError):
        Request(**{"out": tmp_path, "programs": (0,), "notes": (60,), **change})


def test_general_midi_is_whole():
    assert len(general_midi.PROGRAMS) == 128
    assert general_midi.instrument_name(73, 60) == "Flute"
    assert general_midi.instrument_name(general_midi.PERCUSSION, 81) == "Open Triangle"
    assert {general_midi.family(program) for program in range(129)} == set(nsynth.FAMILIES)


@has_espeak
def test_words_are_spoken_without_silence_at_their_ends(tmp_path):
    assert speech.make(tmp_path, ["one", "two"], rate=16000) == 2
    samples, rate = soundfile.read(tmp_path / "one.wav")
    assert rate == 16000
    assert 0.1 < len(samples) / rate < 1.5
    assert np.abs(samples).max() == pytest.approx(0.9, abs=0.01)
    with pytest.raises(DatasetError, match="plain word"):
        speech.make(tmp_path, ["../one"])
