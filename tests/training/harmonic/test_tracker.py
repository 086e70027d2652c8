"""Sounds are told by whether they have a pitch, and which."""

import json

import numpy as np
import pytest

from sirenade.cli import main
from training.data import Sound, load_sounds
from training.data.files import to_wav
from training.harmonic.routing import route, write_sounds
from training.harmonic.tracker import find_pitch, share_of

RATE = 16000


def tone(pitch: float, seconds: float = 0.8, missing: int = 0) -> np.ndarray:
    """A note with 12 partials, without its first `missing`."""
    t = np.arange(int(RATE * seconds)) / RATE
    hz = 440 * 2 ** ((pitch - 69) / 12)
    count = min(12, int(0.45 * RATE / hz))
    return sum(0.2 / k * np.sin(2 * np.pi * k * hz * t + k) for k in range(1 + missing, count + 1)) * np.exp(-2 * t)


def snare(seed: int = 0) -> np.ndarray:
    t = np.arange(int(RATE * 0.8)) / RATE
    return 0.3 * np.random.default_rng(seed).standard_normal(len(t)) * np.exp(-8 * t)


def sound(name: str, samples: np.ndarray, pitch: float = 60.0) -> Sound:
    return Sound(name, samples.astype(np.float32), RATE, pitch, 1.0, name.split("_", maxsplit=1)[0])


@pytest.mark.parametrize(("pitch", "missing"), [(33.2, 0), (45.1, 1), (60.0, 0), (79.3, 0), (91.0, 0)])
def test_pitch_is_found_with_its_octave(pitch, missing):
    found = find_pitch(tone(pitch, missing=missing), RATE)
    assert found.note == pytest.approx(pitch, abs=0.15)
    assert found.pitched


def test_noise_silence_and_scraps_have_no_pitch():
    assert not find_pitch(snare(), RATE).pitched
    assert find_pitch(np.zeros(RATE), RATE).share == 0.0
    assert find_pitch(np.ones(20), RATE).share == 0.0
    assert share_of(snare(1), RATE, 220.0) < 0.2
    assert share_of(tone(57.0), RATE, 220.0) > 0.9


def test_routing_keeps_instruments_together_and_believes_names():
    sounds = [sound(f"flute_{pitch}", tone(pitch), pitch) for pitch in (60.0, 64.0)]
    sounds += [sound("drum_1", snare(1)), sound("drum_2", snare(2)), sound("unnamed", tone(67.0))]
    routing = route(sounds)
    assert [each.name for each in routing.unpitched] == ["drum_1", "drum_2"]
    assert {each.name: each.pitch for each in routing.pitched} == {"flute_60.0": 60.0, "flute_64.0": 64.0, "unnamed": 67.0}
    assert routing.found == 1
    assert "3 sounds" in routing.told()
    assert "2 sounds" in routing.told()


def test_sorted_sounds_come_back_as_they_were(tmp_path):
    sounds = [sound("horn_a", tone(55.0), 55.0), Sound("odd/name", snare().astype(np.float32), RATE, 60.0, 0.5, released=0.4)]
    write_sounds(sounds, tmp_path / "set")
    back = load_sounds(tmp_path / "set", RATE)
    assert [(each.pitch, each.instrument, each.released) for each in back] == [(55.0, "horn", None), (60.0, "odd/name", 0.4)]
    assert np.abs(back[0].samples - sounds[0].samples).max() < 1e-4


def sirenade(monkeypatch, capsys, *arguments: str) -> tuple[int, str]:
    monkeypatch.setattr("sys.argv", ["sirenade", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0), capsys.readouterr().err


def test_auto_trains_both_kinds(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "data"
    folder.mkdir()
    for pitch, name in ((57.0, "pluck_A3"), (60.0, "pluck_C4"), (64.0, "pluck_E4")):
        (folder / f"{name}.wav").write_bytes(to_wav(tone(pitch).astype(np.float32), RATE))
    (folder / "snare.wav").write_bytes(to_wav(snare().astype(np.float32), RATE))
    sets = ["steps=2", "data.rate=16000", "data.seconds=0.7", "pitched.network.width=16", "unpitched.network.latent=8"]
    arguments = [part for each in sets for part in ("--set", each)]
    places = ["--data", str(folder), "--out", str(tmp_path / "run")]
    code, errors = sirenade(monkeypatch, capsys, "train", "auto", *places, *arguments)
    assert code == 0, errors
    assert "3 sounds with most of their energy" in errors
    for kind, count in (("pitched", 3), ("unpitched", 1)):
        assert (tmp_path / "run" / kind / "checkpoint.pt").exists()
        assert len(json.loads((tmp_path / "run" / "sounds" / kind / "examples.json").read_text())) == count


@pytest.mark.parametrize(
    ("arguments", "reason"), [((), "add --data"), (("--data", "x", "--seeds", "2"), "leave --preset and --seeds out")]
)
def test_auto_says_what_it_cannot_do(monkeypatch, capsys, arguments, reason):
    code, errors = sirenade(monkeypatch, capsys, "train", "auto", *arguments)
    assert code == 2
    assert reason in errors
