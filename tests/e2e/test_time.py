"""When a command sounds: exactly, at any block size, and as late as declared.

The instrument is a sine whose phase is zero at its onset, so that a fit of the recorded phase tells the onset to a small
fraction of a sample. SIRENADE_LONG=1 measures every block size.
"""

import itertools
import os
import socket
import time

import numpy as np
import pytest
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

from synth.client import EngineClient
from synth.commands import MovePad, NoteOff, NoteOn, SetParameter
from synth.osc.server import HOST, wall_minus_monotonic
from synth.settings import EngineSettings
from synth.telemetry import Telemetry
from synth.units import note_to_hz
from tests.helpers.engine import free_port, load
from tests.helpers.jack_player import LEAD_FRAMES, Take, playing

pytestmark = pytest.mark.e2e
NOTE = 93
NOTES = 200
LENGTH = 900
"""Frames from note on to note off."""
EARLY_S = 0.2
"""Sent so long before they are due: it is the engine that is judged, not how late the machine lets this process run."""
LAPSE_S = 1e-4
DISTURBED = 4
"""Notes at most that a late block disturbs."""
WAKE_FRAMES = 10.0
"""Threads of a busy machine, by which both the clock and the recorder judge, wake that late."""
NEXT = 800
"""Further away than that it is another note's."""
LONG = os.environ.get("SIRENADE_LONG") == "1"
BLOCKS = [64, 128, 256, 512, 1024, 2048] if LONG else [64, 256, 2048]
SETTLE_S = 3.0
"""Until the clock knows the device well, at first and after a lapse."""
SYNC = {"sync": True}


def prepare(client: EngineClient, instrument) -> None:
    load(client, instrument)
    client.send(MovePad(1.0, 1.0))
    for name, value in (("attack", 0.0), ("release", 0.005), ("level", -6.0)):
        client.send(SetParameter(name, value))
    time.sleep(0.3)


def ahead(block: int) -> int:
    """Blocks kept ready: enough for a ring that outlasts a short stall of the machine."""
    return max(3, 2048 // block) if block > 128 else 16


def random_starts() -> np.ndarray:
    """Frames [NOTES] at random distances, far enough apart for one to end before the next."""
    return np.cumsum(np.random.default_rng(5).integers(1700, 2900, NOTES))


def onset_frames(take: Take, rate: float) -> np.ndarray:
    """Fractional JACK frames of the sine's onsets."""
    sound = take.sound.astype(np.float64)
    loud = np.flatnonzero(np.abs(sound) > 0.01)
    first = loud[np.concatenate([[True], np.diff(loud) > 300])]
    turn = 2 * np.pi * note_to_hz(float(NOTE)) / rate
    places = np.arange(60, 660)
    waves = np.stack([np.sin(turn * places), np.cos(turn * places)], 1)
    found = []
    for start in first:
        if start + places[-1] >= len(sound) or not take.covered[start : start + places[-1]].all():
            continue
        (sine, cosine), residual, *_ = np.linalg.lstsq(waves, sound[start + places], rcond=None)
        if residual[0] < 1e-3:  # else the ring ran dry in it
            found.append(take.start + start - np.arctan2(cosine, sine) / turn)
    return np.array(found)


def errors_of(take: Take, meant: np.ndarray, first: Telemetry, last: Telemetry, what: str) -> np.ndarray:
    """How many frames later than declared each note sounded that was meant for the frames `meant`."""
    expected = meant[~np.isnan(meant)] + last.latency_s * last.rate - take.playback_latency
    errors = np.array([at - expected[np.abs(expected - at).argmin()] for at in onset_frames(take, last.rate)])
    # where the ring ran dry, what was on its way comes later than it should; so does what its sender sent too late
    disturbed = DISTURBED * (last.late_blocks - first.late_blocks) + last.late_commands - first.late_commands
    errors = np.array(sorted(errors[np.abs(errors) < NEXT], key=abs))
    errors = errors[: max(0, len(errors) - disturbed)]
    print(f"{what}: {len(errors)} notes, mean error {errors.mean():.4f} frames, sd {errors.std():.1e}, {disturbed} left out")
    assert len(errors) >= NOTES / 3, "the sound server lost time again and again"
    return errors


def spread(errors: np.ndarray) -> float:
    """What the standard deviation would be without the few notes near a moment at which the server lost time."""
    low, high = np.percentile(errors, [16, 84])
    return float(high - low) / 2.0


def most_spread(errors: np.ndarray) -> float:
    """One frame; two where the server lost time so often that a third of the notes cannot be judged."""
    return 1.0 if len(errors) > NOTES * 2 / 3 else 2.0


def frames_at(times: np.ndarray, take: Take, rate: float) -> np.ndarray:
    """JACK's frames at monotonic times; NaN where the server lost time within the last seconds.

    The dummy driver is a wall clock: between such moments its frames lie on a line, which no wake-up is earlier than.
    """
    woken, frame = take.cycles.T
    late = woken - frame / rate
    starts = np.arange(woken[0], woken[-1] - 0.2, 0.2)
    least = np.array([late[(woken >= start) & (woken < start + 0.2)].min() for start in starts])
    borders = [0, *(np.flatnonzero(np.abs(np.diff(least)) > LAPSE_S) + 1), len(starts)]
    frames = np.full(len(times), np.nan)
    for first, last in itertools.pairwise(borders):
        inside = (times > starts[first] + SETTLE_S * (first > 0)) & (times < starts[last - 1] - 0.1)
        frames[inside] = (times[inside] - least[first:last].min()) * rate
    return frames


@pytest.mark.parametrize("jack", [SYNC], indirect=True)
@pytest.mark.parametrize("block", BLOCKS)
def test_midi_sounds_at_its_frame_plus_the_declared_latency(jack, runtime, sine, tmp_path, block):
    starts = random_starts()
    events = [event for at in starts.tolist() for event in ((at, [0x90, NOTE, 127]), (at + LENGTH, [0x80, NOTE, 0]))]
    with EngineClient(EngineSettings(driver="jack", block=block, ahead=ahead(block))) as client:
        prepare(client, sine)
        first = client.telemetry()
        with playing(tmp_path, events, int(LEAD_FRAMES + starts[-1] + 24_000)) as finish:
            take = finish()
        last = client.telemetry()
    errors = errors_of(take, take.sent[0::2], first, last, f"MIDI, block {block}")
    assert errors.std() < 0.01
    assert errors.mean() == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize("jack", [SYNC, {"sync": False}], indirect=True, ids=["sync", "async"])
def test_portaudio_through_jack_is_as_late_as_declared(jack, runtime, sine, tmp_path):
    """There frames are seen only when the ring is looked at, which is a little late; PortAudio's own figure lacks a period."""
    events = [event for at in random_starts().tolist() for event in ((at, [0x90, NOTE, 127]), (at + LENGTH, [0x80, NOTE, 0]))]
    with EngineClient(EngineSettings(driver="portaudio", block=1024, ahead=ahead(1024))) as client:
        prepare(client, sine)
        time.sleep(SETTLE_S)
        first = client.telemetry()
        with playing(tmp_path, events, LEAD_FRAMES + events[-1][0] + 24_000, "PortAudio:out_0") as finish:
            take = finish()
        last = client.telemetry()
    errors = errors_of(take, take.sent[0::2], first, last, "MIDI, sound through PortAudio")
    assert abs(np.median(errors)) < 0.001 * jack.rate


@pytest.mark.parametrize("jack", [SYNC], indirect=True)
@pytest.mark.parametrize("block", BLOCKS)
def test_a_command_sounds_at_its_time_plus_the_declared_latency(jack, runtime, sine, tmp_path, block):
    """Between the sender's clock and JACK's frames stands an estimate; it comes at odd distances before it is due."""
    starts = random_starts() / jack.rate
    with EngineClient(EngineSettings(driver="jack", block=block, ahead=ahead(block), midi_inputs=())) as client:
        prepare(client, sine)
        time.sleep(SETTLE_S)
        first = client.telemetry()
        with playing(tmp_path, [], int(LEAD_FRAMES + starts[-1] * jack.rate + 48_000)) as finish:
            due = time.monotonic() + 0.6 + starts
            for number, at in enumerate(due):
                time.sleep(max(0.0, at - EARLY_S - 0.02 * (number % 3) - time.monotonic()))
                client.send(NoteOn(float(NOTE), 1.0), at)
                client.send(NoteOff(float(NOTE)), at + LENGTH / jack.rate)
            take = finish()
        last = client.telemetry()
    errors = errors_of(take, frames_at(due, take, jack.rate), first, last, f"send(at=), block {block}")
    assert spread(errors) < most_spread(errors)
    assert abs(errors.mean()) < WAKE_FRAMES


@pytest.mark.parametrize("jack", [SYNC], indirect=True)
@pytest.mark.parametrize("block", BLOCKS)
def test_an_osc_bundle_sounds_at_its_time_tag_plus_the_declared_latency(jack, runtime, sine, tmp_path, block):
    starts = random_starts() / jack.rate
    port = free_port()
    with EngineClient(EngineSettings(driver="jack", block=block, ahead=ahead(block), midi_inputs=(), osc_port=port)) as client:
        prepare(client, sine)
        assert client.telemetry().osc_port == port
        time.sleep(SETTLE_S)
        first = client.telemetry()
        with (
            playing(tmp_path, [], int(LEAD_FRAMES + starts[-1] * jack.rate + 48_000)) as finish,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
        ):
            due = time.monotonic() + 0.6 + starts
            offset = wall_minus_monotonic()
            for number, at in enumerate(due):
                time.sleep(max(0.0, at - EARLY_S - 0.02 * (number % 3) - time.monotonic()))
                for address, when, arguments in (("on", at, [NOTE, 1.0]), ("off", at + LENGTH / jack.rate, [NOTE])):
                    sender.sendto(osc_bundle(offset + when, f"/sirenade/note/{address}", arguments), (HOST, port))
            take = finish()
        last = client.telemetry()
    assert (last.osc_events, last.osc_malformed) == (2 * NOTES, 0)
    errors = errors_of(take, frames_at(due, take, jack.rate), first, last, f"OSC bundles, block {block}")
    assert spread(errors) < most_spread(errors)
    assert abs(errors.mean()) < WAKE_FRAMES


def osc_bundle(when: float, address: str, arguments: list[float]) -> bytes:
    message = OscMessageBuilder(address=address)
    for argument in arguments:
        message.add_arg(argument)
    bundle = OscBundleBuilder(when)
    bundle.add_content(message.build())
    return bundle.build().dgram
