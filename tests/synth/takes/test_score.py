"""A take rendered at its own rate, at others, and on other instruments; and the command that does it."""

import json
import shutil

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

import sirenade.cli
from sirenade.errors import TakeError
from synth import evaluators
from synth.commands import LoadInstrument, MovePad, NoteOff, NoteOn, SetParameter
from synth.engine.governor import Shed
from synth.engine.journal import Eased
from synth.instrument import load
from synth.offline.render import Render
from synth.offline.score import oversampled
from synth.offline.timeline import read_midi_file
from synth.takes.score import find_played, take_score, take_timeline
from synth.takes.take import Played, Recording
from tests.helpers.takes import make_take, to_bytes
from tests.helpers.tiny_instrument import make_phase_instrument, make_time_instrument

EVENTS = [
    (1000.4, NoteOn(60, 1.0)),
    (9001.7, NoteOn(67, 0.5)),
    (15000.0, NoteOff(60)),
    (22000.9, NoteOff(67)),
]


@pytest.fixture(scope="module")
def sine(tmp_path_factory):
    return make_phase_instrument(tmp_path_factory.mktemp("instrument") / "sine")


def played(folder) -> Played:
    card = load(folder).card
    return Played(path=str(folder), name=card.name, files=card.files, evaluator="onnx cpu")


def render(score, rate):
    return np.concatenate(list(Render(score, rate)))


@pytest.mark.parametrize("rate", [96000, 192000])
def test_at_another_rate_everything_keeps_its_time_in_seconds(sine, rate):
    take = make_take(EVENTS, instrument=played(sine), end=24000)

    def at(rate):
        playable = evaluators.make_playable(load(sine), rate)
        return render(take_score(take, rate, lambda _: playable), rate)

    slow, fast = at(48000)[:30000], at(rate)[:: rate // 48000][:30000]
    assert np.abs(slow).max() > 0.1
    assert np.abs(slow - fast).max() < np.abs(slow).max() * 10 ** (-80 / 20)


def test_instruments_come_where_they_came(sine, tmp_path):
    other = make_time_instrument(tmp_path / "other")
    events = [*EVENTS[:2], (12800.0, played(other)), *EVENTS[2:]]
    take = make_take(events, instrument=played(sine))
    opened = {str(path): evaluators.make_playable(load(path), 48000) for path in (sine, other)}
    for rate, frame in ((48000, 12800), (96000, 24576)):  # 12160 frames later, at the next multiple of 512
        score = take_score(take, rate, lambda which: opened[which.path])
        assert score.between == ((frame, opened[str(other)]),)
        assert score.beginning.playable is opened[str(sine)]
    assert [command for _, command in take_timeline(take, lambda which: which.path).events if "path" in vars(command)] == [
        LoadInstrument(str(other))
    ]


def test_shed_load_is_left_out_again_only_where_it_is_asked_for(sine):
    events = [*EVENTS[:2], (12800.0, Eased(1, Shed.ANY)), *EVENTS[2:]]
    take = make_take(events, instrument=played(sine))
    playable = evaluators.make_playable(load(sine), 48000)
    whole = render(take_score(take, 48000, lambda _: playable), 48000)
    heard = render(take_score(take, 48000, lambda _: playable, as_heard=True), 48000)
    begin = 12800 - 640
    assert np.array_equal(whole[:begin], heard[:begin])
    assert np.abs(whole - heard)[begin + 240 :].max() > 0.01


def test_oversampling_that_is_asked_for_holds_throughout(sine):
    events = [(1000.0, SetParameter("oversampling", 1.0)), *EVENTS]
    score = oversampled(take_score(make_take(events, instrument=played(sine)), 48000, lambda _: None), "4")
    chosen = [(at, what) for at, what in score.commands if isinstance(what, SetParameter)]
    assert chosen == [(640.0, SetParameter("oversampling", 3.0))]


def test_an_instrument_is_found_where_it_was_or_by_its_name(sine, tmp_path):
    said = []
    assert find_played(played(sine), said.append) == sine
    moved = played(sine).model_copy(update={"path": str(tmp_path / "gone"), "name": "Small Objects"})
    assert find_played(moved, said.append).name == "small-objects"
    assert len(said) == 1
    assert "changed" in said[0]
    for path in ("\0", "x" * 5000, "/dev/zero", ""):
        with pytest.raises(TakeError, match="--instrument"):
            find_played(Played.model_construct(path=path, name="nowhere at all", files={}, evaluator=""), said.append)


@pytest.fixture
def song(sine, tmp_path):
    take = make_take([*EVENTS, (30000.0, MovePad(0.25, 0.75))], instrument=played(sine))
    path = tmp_path / "song.take"
    path.write_bytes(to_bytes(take))
    return path


def run(*arguments):
    return CliRunner().invoke(sirenade.cli.build(), ["render", *map(str, arguments)])


def test_the_command_renders_a_take_as_it_was_played(song, tmp_path, sine):
    out = tmp_path / "out.wav"
    result = run(song, out, "--depth", "float")
    assert result.exit_code == 0, result.output
    frames, rate = soundfile.read(out, dtype="float32")
    playable = evaluators.make_playable(load(sine), 48000)
    take = make_take([*EVENTS, (30000.0, MovePad(0.25, 0.75))], instrument=played(sine))
    assert rate == 48000
    assert np.array_equal(frames, render(take_score(take, 48000, lambda _: playable), 48000))


def test_the_command_takes_rate_oversampling_evaluator_and_instrument(song, tmp_path):
    out = tmp_path / "out.wav"
    options = ("--rate", "44100", "--oversampling", "2", "--evaluator", "onnx", "--instrument", "Small Objects")
    result = run(song, out, *options)
    assert result.exit_code == 0, result.output
    assert "Small Objects (onnx" in result.output
    assert soundfile.info(out).samplerate == 44100


def test_the_command_says_where_recordings_lie_and_what_was_left_out(sine, tmp_path):
    take = make_take([*EVENTS, (30000.0, Eased(1, Shed.NONE))], instrument=played(sine))
    lines = to_bytes(take).splitlines(keepends=True)
    line = json.dumps({"frame": 2000, "do": "Recording", "path": "live.wav"}).encode() + b"\n"
    (tmp_path / "x.take").write_bytes(b"".join([*lines[:-1], line, lines[-1]]))
    result = run(tmp_path / "x.take", tmp_path / "out.wav")
    assert "live.wav begins at sample 1260 of it" in result.output  # 2000 - 640, less the engine's delay of 100
    assert "--as-heard" in result.output
    assert "--as-heard" not in run(tmp_path / "x.take", tmp_path / "out.wav", "--as-heard").output
    assert Recording(frame=2000, path="live.wav").frame == 2000


def test_the_command_writes_a_midi_file(song, tmp_path):
    result = run(song, tmp_path / "out.mid")
    assert result.exit_code == 0, result.output
    assert sum(isinstance(what, NoteOn) for _, what in read_midi_file(tmp_path / "out.mid").events) == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("song.take", "out.wav", "--oversampling", "3"), "there is no oversampling '3'"),
        (("song.take", "out.wav", "--evaluator", "abacus"), "there is no evaluator 'abacus'"),
        (("song.mid", "out.mid"), "is no take"),
        (("none.take", "out.wav"), "cannot be read"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(song, tmp_path, monkeypatch, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code != 0
    assert sentence in str(result.exception)


def test_a_take_whose_instrument_is_gone_is_refused(tmp_path):
    folder = make_phase_instrument(tmp_path / "gone")
    take = make_take(EVENTS, instrument=played(folder).model_copy(update={"name": "nobody"}))
    shutil.rmtree(folder)
    (tmp_path / "x.take").write_bytes(to_bytes(take))
    assert "name one with --instrument" in str(run(tmp_path / "x.take", tmp_path / "out.wav").exception)
    (tmp_path / "y.take").write_bytes(to_bytes(make_take(EVENTS)))
    assert "no instrument plays" in str(run(tmp_path / "y.take", tmp_path / "out.wav").exception)
