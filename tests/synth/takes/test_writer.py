"""The writer beside a synthesizer: what is on the disk while it plays, and in the end."""

import time

import numpy as np
import pytest

from sirenade.errors import TakeError
from synth import evaluators
from synth.commands import NoteOn
from synth.engine.synth import Synth
from synth.instrument import load
from synth.takes.take import read_take
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
