"""The writer beside a synthesizer: what is on the disk while it plays, and in the end."""

import time

import numpy as np
import pytest

from sirenade.errors import TakeError
from synth import evaluators
from synth.commands import (
    AllNotesOff,
    ChannelPressure,
    KeyPressure,
    NoteOff,
    NoteOn,
    PitchBend,
    SetBendRange,
    SetMpe,
    SetParameter,
    SetRoute,
    SetTuning,
    Slide,
    Sostenuto,
    StartBeat,
)
from synth.engine.synth import LATENCY, Synth
from synth.instrument import load
from synth.offline.render import Render
from synth.takes.file import read_take
from synth.takes.score import take_score
from synth.takes.writer import Setting, TakeWriter, identity
from tests.helpers.engine import wait_until
from tests.helpers.tiny_instrument import make_phase_instrument

SETTING = Setting(48000.0, 256, 16)


@pytest.fixture
def playing(tmp_path):
    folder = make_phase_instrument(tmp_path / "sine")
    playable = evaluators.make_playable(load(folder), 48000)
    synth = Synth(48000)
    synth.set_instrument(playable)
    advance(synth, 1024)
    return synth, lambda asked: identity(playable, folder) if asked is playable.card else None


def advance(synth, frames):
    synth.render(np.zeros((frames, 2), np.float32))


def test_events_reach_the_disk_while_it_plays(playing, tmp_path):
    synth, identify = playing
    path, part = tmp_path / "x.take", tmp_path / "x.take.part"
    take = TakeWriter(path, SETTING, identify)
    take.begin(synth)
    synth.schedule(NoteOn(60, 1.0), 1100.5)
    advance(synth, 1024)
    wait_until(lambda: part.read_bytes().count(b"\n") == 2, "the note on the disk")
    assert read_take(part).events == ((1100.5, NoteOn(60, 1.0)),)
    assert not path.exists()
    take.note_recording(tmp_path / "x.wav", 1234)
    take.finish(synth)
    take.close()
    assert not take.error
    assert not part.exists()
    whole = read_take(path)
    assert whole.events == ((1100.5, NoteOn(60, 1.0)),)
    assert [(each.frame, each.path) for each in whole.recordings] == [(1234, str(tmp_path / "x.wav"))]
    assert (whole.head.state.frame, whole.end.frame, whole.head.state.instrument.name) == (1024, 2048, "Tiny phase")
    assert take.seconds == whole.seconds == 1024 / 48000


def test_a_take_that_never_began_leaves_nothing(playing, tmp_path):
    take = TakeWriter(tmp_path / "x.take", SETTING, playing[1])
    time.sleep(0.01)
    take.close()
    assert not list(tmp_path.glob("x.take*"))


def test_what_a_killed_engine_left_is_not_overwritten(playing, tmp_path):
    (tmp_path / "x.take.part").write_bytes(b"precious")
    with pytest.raises(TakeError, match="render it or remove it"):
        TakeWriter(tmp_path / "x.take", SETTING, playing[1])
    assert (tmp_path / "x.take.part").read_bytes() == b"precious"


def test_a_full_disk_is_said(playing, tmp_path, monkeypatch):
    synth, identify = playing
    take = TakeWriter(tmp_path / "x.take", SETTING, identify)

    def fail(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(take, "_line", fail)
    take.begin(synth)
    synth.schedule(NoteOn(60, 1.0), 1100.5)
    advance(synth, 1024)
    take.finish(synth)
    take.close()
    assert take.error == "No space left on device"


def expressive(seed):
    """A performance with fingers, tunings, modes of voices and modulation: (seconds, command)."""
    random = np.random.default_rng(seed)
    stretched = tuple((60 + (np.arange(128) - 60) * 1.02).clip(0).tolist())
    modes = [SetParameter("voice_mode", float(mode)) for mode in (0, 1, 2, 3, 0)]
    kinds = (ChannelPressure, PitchBend, Slide)
    yield 0.0, SetMpe(15, 0)
    yield 0.0, SetBendRange(24.0, 1)
    yield 0.0, SetTuning(stretched)
    yield 0.0, SetRoute(0, 0.7, "lfo1", "pad1_x")
    yield 0.0, SetRoute(1, 0.5, "pressure", "pad1_y")
    yield 0.0, SetParameter("lfo1_rate", 5.0)
    for name, value in (
        ("chorus_mix", 0.5),
        ("reverb_mix", 0.3),
        ("reverb_time", 0.2),
        ("filter", 1.0),
        ("filter_cutoff", 900.0),
    ):
        yield 0.0, SetParameter(name, value)
    yield 0.0, SetParameter("glide", 0.03)
    yield 0.0, Slide(0.3, 2)
    for part, mode in enumerate(modes):
        yield 0.3 * part, mode
        for number in range(10):
            at = 0.3 * part + 0.02 * number + 0.001
            note, channel = float(random.integers(40, 80)), int(random.integers(1, 4))
            yield at, NoteOn(note, 0.7, channel)
            yield at + 0.003, kinds[random.integers(3)](float(random.random()), channel)
            yield at + 0.004, KeyPressure(note, 0.5, channel)
            yield at + 0.005, Sostenuto(bool(number % 2), 0)
            if number % 3:
                yield at + 0.012, NoteOff(note, channel)
        yield 0.3 * part + 0.1, SetParameter("loop_end", 0.9 - 0.1 * part)
        yield 0.3 * part + 0.15, SetParameter("loop_start", 0.1 * part)
        yield 0.3 * part + 0.17, SetTuning(stretched if part % 2 else ())
        yield 0.3 * part + 0.19, SetParameter("lfo1_division", 6.0)
        yield 0.3 * part + 0.2, StartBeat()
        yield 0.3 * part + 0.25, AllNotesOff()


@pytest.mark.parametrize("begin", [2.0, 2.1])
def test_a_take_of_everything_is_rendered_bit_for_bit(tmp_path, begin):
    """Begun in the silence before it, and in the middle of it; something was played before."""
    folder = make_phase_instrument(tmp_path / "phase")
    playable = evaluators.make_playable(load(folder), 48000)
    synth = Synth(48000)
    synth.set_instrument(playable)
    for seconds, command in sorted([*expressive(1), *((2.03 + at, each) for at, each in expressive(2))], key=lambda e: e[0]):
        synth.schedule(command, 48000 * seconds + 0.25)
    heard, take = [], TakeWriter(tmp_path / "x.take", SETTING, lambda _: identity(playable, folder))
    for block in range(round(3.9 * 48000 / 256)):
        if block == round(begin * 48000 / 256):
            take.begin(synth)
        heard.append(np.zeros((256, 2), np.float32))
        synth.render(heard[-1])
    take.finish(synth)
    take.close()
    written = read_take(take.path)
    first = written.head.state.frame
    score = take_score(written, 48000, lambda _: playable)
    rendered = np.concatenate(list(Render(score, 48000)))
    sound = np.concatenate(heard)[first + LATENCY :]
    assert 1.4 * 48000 < first < 2.1 * 48000
    assert np.abs(sound).max() > 0.05
    length = min(len(sound), len(rendered))
    assert np.array_equal(rendered[:length], sound[:length])
