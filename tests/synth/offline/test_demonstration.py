"""The bundled demonstration is what its script composes, and fits what it is meant to show."""

import importlib.util
from pathlib import Path

import pytest

from sirenade import paths
from synth import evaluators
from synth.commands import MovePad, NoteOff, NoteOn
from synth.instrument import load
from synth.offline.render import Render
from synth.offline.score import timeline_score
from synth.offline.timeline import read_midi_file
from tests.helpers.tiny_instrument import make_phase_instrument

SCRIPT = Path(__file__).resolve().parents[3] / "scripts" / "make_demo.py"


@pytest.fixture(scope="module")
def timeline():
    return read_midi_file(paths.demonstration())


def test_the_script_composes_the_same_file_again(tmp_path, monkeypatch, capsys):
    spec = importlib.util.spec_from_file_location("make_demo", SCRIPT)
    script = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(__import__("sys").modules, "make_demo", script)
    spec.loader.exec_module(script)
    monkeypatch.setattr(script, "TARGET", tmp_path / "again.mid")
    script.main()
    assert (tmp_path / "again.mid").read_bytes() == paths.demonstration().read_bytes()


def test_it_is_short_moves_the_pad_everywhere_and_lets_go_of_every_key(timeline):
    assert 20.0 <= timeline.duration <= 30.0
    moves = [command for _, command in timeline.events if isinstance(command, MovePad)]
    for axis in ("x", "y"):
        places = [getattr(move, axis) for move in moves]
        assert min(places) < 0.1
        assert max(places) > 0.9
    held = set()
    for _, command in timeline.events:
        if isinstance(command, NoteOn):
            assert (command.note, command.channel) not in held  # a repeated note never cuts its own successor short
            held.add((command.note, command.channel))
            assert 36 <= command.note <= 84
        elif isinstance(command, NoteOff):
            held.remove((command.note, command.channel))
    assert not held


def test_eight_voices_are_enough(timeline, tmp_path):
    playable = evaluators.make_playable(load(make_phase_instrument(tmp_path / "tiny")), 16000)
    passing = Render(timeline_score(timeline, playable, 16000), 16000, block=512)
    for _ in passing:
        pass
    assert 6 <= passing.summary().peak_voices <= 8
