"""Takes of a real engine: what was recorded live is what its take gives, sample by sample."""

import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

import sirenade.cli
from synth.client import EngineClient
from synth.commands import ModWheel, MovePad, NoteOff, NoteOn, PitchBend, SetCorner, SetParameter, Sustain
from synth.instrument import library
from synth.notices import EngineRestarted, Problem, RecordingFinished, TakeFinished
from synth.offline.render import Render
from synth.offline.workshop import Workshop
from synth.settings import EngineSettings
from synth.takes.file import read_take
from synth.takes.score import offset
from synth.takes.take import Take
from tests.helpers.engine import load as load_into
from tests.helpers.engine import wait_for, wait_until

pytestmark = pytest.mark.e2e
SILENT = EngineSettings(driver="silent", virtual_midi=False, midi_inputs=(), block=512, ahead=8)
JACK = EngineSettings(driver="jack", block=512, ahead=8)
BUNDLED = ("Orchestra", "Small Objects")


def perform(client: EngineClient, begin: float) -> float:
    """Notes, pad, bend, wheel, pedal and knobs, some timed and some at once; returns how long it takes in s."""
    timed = [
        (0.00, NoteOn(60, 0.9)),
        (0.11, NoteOn(67, 0.6, 1)),
        (0.20, Sustain(True)),
        (0.25, NoteOff(60)),
        (0.30, PitchBend(0.6)),
        (0.42, PitchBend(-0.3, 1)),
        (0.50, NoteOn(72.37, 0.8)),
        (0.55, ModWheel(0.8)),
        (0.70, NoteOff(67, 1)),
        (0.80, Sustain(False)),
        (0.95, NoteOff(72.37)),
        (1.00, SetCorner(0, 1)),
        (1.05, NoteOn(55, 1.0)),
        (1.40, NoteOff(55)),
    ]
    for seconds, command in timed:
        client.send(command, begin + seconds)
    now = [
        (0.15, MovePad(0.8, 0.3)),
        (0.33, SetParameter("vibrato_rate", 7.0)),
        (0.37, SetParameter("latent_glide", 0.2)),
        (0.40, MovePad(0.1, 0.9)),
        (0.60, SetParameter("level", -9.0)),
        (0.75, MovePad(0.6, 0.6)),
        (0.90, SetParameter("release", 0.4)),
    ]
    for seconds, command in now:
        time.sleep(max(0.0, begin + seconds - time.monotonic()))
        client.send(command)
    return 2.0


def rendered(take: Take) -> np.ndarray:
    workshop = Workshop(round(take.head.rate), None, None, print)
    score = workshop.take_score(take, as_heard=True)
    passing = Render(score, round(take.head.rate), block=take.head.block, polyphony=take.head.polyphony)
    return np.concatenate(list(passing))


def null_db(take: Take, wav: Path) -> float:
    """Of a recording against the render of its take, up to the take's end, placed by the frames that the take names."""
    (recording,) = [each for each in take.recordings if each.path == str(wav)]
    live, rate = soundfile.read(wav, dtype="float32", always_2d=True)
    assert rate == take.head.rate
    again, place = rendered(take), offset(take, recording)
    live, place = live[max(0, -place) :], max(0, place)
    frames = min(len(live), take.frames - place)
    assert frames > rate
    heard = again[place : place + frames]
    assert np.abs(heard).max() > 0.02
    null = float(20.0 * np.log10(max(np.abs(live[:frames] - heard).max(), 1e-12) / np.abs(heard).max()))
    print(f"null {null:.1f} dB over {frames / rate:.1f} s of {wav.name}, {len(take.events)} events")
    return null


def finish(client: EngineClient) -> None:
    client.stop_take()
    wait_for(client, TakeFinished)
    client.stop_recording()
    wait_for(client, RecordingFinished)


def play_and_take(client: EngineClient, folder: Path, instrument: str) -> tuple[Take, Path]:
    wav, path = folder / "live.wav", folder / "live.take"
    load_into(client, library.find(instrument))
    client.send(NoteOn(50, 0.7))  # what was before must not matter
    time.sleep(0.2)
    client.send(NoteOff(50))
    wait_until(lambda: client.telemetry().voices == 0, "silence")
    client.start_take(path)
    client.start_recording(wav)
    begin = time.monotonic() + 0.2
    time.sleep(perform(client, begin))
    finish(client)
    return read_take(path), wav


@pytest.mark.parametrize("instrument", BUNDLED)
def test_a_recording_nulls_against_the_render_of_its_take(runtime, tmp_path, instrument):
    with EngineClient(SILENT) as client:
        take, wav = play_and_take(client, tmp_path, instrument)
    assert (take.end.failed, take.head.left_out) == (0, 0)
    assert null_db(take, wav) < -90.0


@pytest.mark.parametrize("jack", [{"sync": True}], indirect=True)
@pytest.mark.parametrize("instrument", BUNDLED)
def test_a_recording_on_jack_nulls_too(jack, runtime, tmp_path, instrument):
    with EngineClient(JACK) as client:
        take, wav = play_and_take(client, tmp_path, instrument)
        assert client.telemetry().driver == "jack"
    assert null_db(take, wav) < -90.0


def test_a_take_reaches_back_to_the_silence_before_a_chord_and_goes_on_with_another_instrument(runtime, tmp_path):
    wav, path = tmp_path / "live.wav", tmp_path / "live.take"
    with EngineClient(SILENT) as client:
        load_into(client, library.find("Orchestra"))
        for note in (48, 55, 64):
            client.send(NoteOn(note, 0.7))
        time.sleep(0.7)
        client.start_take(path)
        client.start_recording(wav)
        time.sleep(0.5)
        load_into(client, library.find("Small Objects"))
        client.send(NoteOn(62, 1.0))
        time.sleep(1.0)
        finish(client)
    take = read_take(path)
    assert take.head.state.frame < take.head.begun - 0.3 * take.head.rate
    assert [played.name for played in take.instruments()] == ["Orchestra", "Small Objects"]
    assert take.head.left_out == 0
    assert null_db(take, wav) < -90.0


def test_a_take_that_is_replayed_gives_the_same_take(runtime, tmp_path):
    """Commands keep their places within what a thread needs to hand over what is meant for now."""
    first, again = tmp_path / "first.take", tmp_path / "again.take"
    with EngineClient(SILENT) as client:
        load_into(client, library.find("Small Objects"))
        client.start_take(first)
        time.sleep(perform(client, time.monotonic() + 0.2))
        client.stop_take()
        wait_for(client, TakeFinished)
    result = CliRunner().invoke(
        sirenade.cli.build(), ["play", "--driver", "silent", "--replay", str(first), "--take", str(again), "--ahead", "8"]
    )
    assert result.exit_code == 0, result.output
    one, two = read_take(first), read_take(again)
    assert two.head.state.instrument == one.head.state.instrument
    played, replayed = list(one.events), list(two.events)[len(one.head.state.commands()) :]
    assert [what for _, what in replayed[: len(played)]] == [what for _, what in played]
    places = np.array([frame for frame, _ in played]) - played[0][0]
    places_again = np.array([frame for frame, _ in replayed[: len(played)]]) - replayed[0][0]
    assert np.abs(places - places_again).max() < 1.0


def test_a_killed_engine_leaves_what_was_taken_so_far(runtime, tmp_path):
    path = tmp_path / "live.take"
    with EngineClient(SILENT) as client:
        load_into(client, library.find("Small Objects"))
        client.start_take(path)
        client.send(NoteOn(60, 1.0))
        wait_until(lambda: client.telemetry().voices > 0, "a voice")
        time.sleep(0.5)
        assert not path.exists()
        assert client.pid
        os.kill(client.pid, signal.SIGKILL)
        notices = wait_for(client, EngineRestarted)
    assert any(isinstance(notice, Problem) and "ends where the engine did" in notice.text for notice in notices)
    assert [path.name for path in tmp_path.iterdir() if "take" in path.name] == ["live.take"]
    assert NoteOn(60, 1.0) in [what for _, what in read_take(path).events]


def test_a_take_that_cannot_be_written_is_a_problem(runtime, tmp_path):
    (tmp_path / "old.take.part").write_bytes(b"precious")
    with EngineClient(SILENT) as client:
        for path, word in ((tmp_path / "old.take", "render it or remove it"), (Path("/proc/no/x.take"), "cannot write")):
            client.start_take(path)
            problem = wait_for(client, Problem)[-1]
            assert isinstance(problem, Problem)
            assert word in problem.text
    assert (tmp_path / "old.take.part").read_bytes() == b"precious"
