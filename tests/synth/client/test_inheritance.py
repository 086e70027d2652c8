"""What the next engine is given when one dies: all that was set, held and sent ahead, by whomever."""

import dataclasses
import os
import signal
import socket
import time

import numpy as np
import pytest
from pythonosc.osc_message_builder import OscMessageBuilder

from synth.client import EngineClient
from synth.commands import (
    ChannelPressure,
    KeyPressure,
    ModWheel,
    MovePad,
    NoteOff,
    NoteOn,
    PitchBend,
    SetCorner,
    SetMpe,
    SetParameter,
    SetRoute,
    SetTuning,
    Slide,
    Sostenuto,
    Sustain,
)
from synth.notices import EngineRestarted, InstrumentLoaded
from synth.osc.server import HOST
from synth.protocol import present
from synth.units import note_to_hz
from tests.helpers.engine import SILENT, free_port, kill, load, wait_for, wait_until


def test_a_killed_engine_comes_back_as_it_was(client, sine):
    load(client, sine)
    for corner in range(4):
        client.send(SetCorner(corner, 3))
    client.send(MovePad(0.25, 0.75))
    client.send(SetParameter("level", -20.0))
    client.send(NoteOn(60.0, 1.0))
    wait_until(lambda: client.telemetry().voices == 1, "the note")
    time.sleep(0.3)
    before = client.telemetry().rms
    first = client.pid
    os.kill(first, signal.SIGKILL)
    seen = wait_for(client, EngineRestarted)
    assert "signal 9" in seen[-1].reason
    assert client.pid != first
    wait_until(lambda: client.poll() is not None and client.telemetry().instrument == "Tiny phase", "the instrument")
    assert client.telemetry().pad == (0.25, 0.75)
    client.send(NoteOn(60.0, 1.0))
    wait_until(lambda: client.telemetry().voices == 1, "the note again")
    # corners, pad, level: all of them decide how loud it is
    wait_until(lambda: client.telemetry().rms == pytest.approx(before, rel=0.05), "the same loudness")


def test_what_was_held_sounds_again_and_what_was_let_go_meanwhile_does_not(client, sine):
    load(client, sine)
    client.send(MovePad(1.0, 1.0))
    client.send(Sustain(True, 3))
    client.send(NoteOn(48.0, 0.5, 3))
    client.send(NoteOff(48.0, 3))
    for note in (60.0, 64.5, 67.0):
        client.send(NoteOn(note, 0.75, 1))
    client.send(NoteOn(72.0, 1.0))
    client.send(NoteOff(72.0))
    client.send(PitchBend(0.5, 1))
    client.send(ModWheel(0.25))
    kill(client)
    client.send(NoteOff(60.0, 1))  # nobody is there to hear it
    client.send(NoteOn(79.0, 1.0))
    wait_for(client, InstrumentLoaded)
    wait_until(lambda: client.poll() is not None and set(client.telemetry().notes) == {48.0, 64.5, 67.0, 79.0}, "the chord")
    kill(client)
    wait_for(client, InstrumentLoaded)
    wait_until(lambda: client.poll() is not None and set(client.telemetry().notes) == {48.0, 64.5, 67.0, 79.0}, "again")
    left = present.read(client._link.block.present).present
    assert left.bends[1] == 0.5
    assert left.wheel == 0.25
    assert left.pedals == (False, False, False, True, *[False] * 12)
    assert {held.note: held.velocity for held in left.notes} == {48.0: 0.5, 64.5: 0.75, 67.0: 0.75, 79.0: 1.0}
    client.send(Sustain(False, 3))
    for note in (64.5, 67.0):
        client.send(NoteOff(note, 1))
    client.send(NoteOff(79.0))
    wait_until(lambda: client.telemetry().voices == 0, "silence: nothing hangs")


def test_notes_sent_ahead_sound_on_the_engine_that_comes(client, sine):
    load(client, sine)
    client.send(MovePad(1.0, 1.0))
    later = time.monotonic() + 6.0
    client.send(NoteOn(60.0, 1.0), later)
    client.send(SetParameter("level", -60.0), later + 60.0)
    os.kill(client.pid, signal.SIGKILL)
    wait_for(client, InstrumentLoaded)
    wait_until(lambda: client.telemetry().voices == 1, "the note")
    assert time.monotonic() >= later
    wait_until(lambda: client.telemetry().rms > 0.05, "the note, at the level of the present")


def test_what_others_changed_is_inherited(client, sine):
    """The engine's own present is what counts, not only what this client sent: MIDI and OSC change it, too."""
    load(client, sine)
    block = client._link.block.present
    client.send(SetParameter("level", -20.0))
    wait_until(lambda: present.read(block) is not None and present.read(block).present.parameters["level"] == -20.0, "it")
    left = present.read(block)
    changed = dataclasses.replace(
        left.present, parameters=left.present.parameters | {"level": -33.0, "width": 0.75}, pad=(0.1, 0.2)
    )
    os.kill(client.pid, signal.SIGSTOP)
    present.write(block, changed, left.seen)
    client.send(SetParameter("width", 0.25))  # newer than what stands in the present
    client.poll()
    os.kill(client.pid, signal.SIGKILL)
    wait_for(client, InstrumentLoaded)
    block = client._link.block.present
    wait_until(lambda: (new := present.read(block)) is not None and new.present.pad == (0.1, 0.2), "the pad")
    new = present.read(block).present
    assert new.parameters["level"] == -33.0
    assert new.parameters["width"] == 0.25


def test_a_killed_engine_gives_each_note_its_expression_back(client, sine):
    load(client, sine)
    client.send(MovePad(1.0, 1.0))
    client.send(SetParameter("level", -20.0))
    client.send(SetMpe(15, 0, 24.0))
    client.send(SetRoute(0, -0.5, "pressure", "pad1_x"))
    for channel, note, bend in ((1, 60.0, 0.25), (2, 70.0, -0.125)):
        client.send(PitchBend(bend, channel))
        client.send(Slide(0.25 * channel, channel))
        client.send(NoteOn(note, 1.0, channel))
        client.send(ChannelPressure(0.5 * channel, channel))
    client.send(KeyPressure(60.0, 0.75, 1))
    client.send(Sostenuto(True, 2))
    client.send(NoteOff(70.0, 2))
    kill(client)
    wait_for(client, InstrumentLoaded)
    wait_until(lambda: client.poll() is not None and set(client.telemetry().notes) == {60.0, 70.0}, "the chord")
    wait_until(
        lambda: (
            dict(zip((seen := client.telemetry()).notes, seen.note_x, strict=True))
            == pytest.approx({60.0: 0.625, 70.0: 0.5}, abs=1e-3)
        ),
        "each where it was",
    )
    left = present.read(client._link.block.present).present
    assert left.bends[1:3] == (0.25, -0.125)
    assert left.pressures[1:3] == (0.5, 1.0)
    assert left.slides[1:3] == (0.25, 0.5)
    assert [(held.note, held.pressure, held.sostenuto, held.pedalled) for held in left.notes] == [
        (70.0, 0.0, True, True),
        (60.0, 0.75, False, False),
    ]
    time.sleep(0.2)
    sound = client.scope(8192)[:, 0] * np.hanning(8192)
    peaks = np.abs(np.fft.rfft(sound))
    for note in (66.0, 67.0):
        place = round(note_to_hz(note) * 8192 / 48000)
        assert peaks[place - 1 : place + 2].max() > 0.05 * peaks.max()
    client.send(NoteOff(60.0, 1))
    client.send(Sostenuto(False, 2))
    wait_until(lambda: client.telemetry().voices == 0, "silence: nothing hangs")


def test_what_osc_set_up_outlives_the_engine(sine):
    port = free_port()
    with EngineClient(SILENT.model_copy(update={"osc_port": port})) as client:
        load(client, sine)
        client.send(SetRoute(3, 0.5, "wheel", "level"))
        client.send(SetTuning(tuple(float(note) / 2 for note in range(128))))
        message = OscMessageBuilder(address="/sirenade/route")
        for argument in (4, "lfo1", "pitch", 0.25):
            message.add_arg(argument)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(message.build().dgram, (HOST, port))
        wait_until(lambda: client.poll() is not None and SetRoute(4, 0.25, "lfo1", "pitch") in client.setup, "the route")
        kill(client)
        wait_for(client, InstrumentLoaded)
        client.send(MovePad(1.0, 1.0))
        client.send(NoteOn(120.0, 1.0))
        wait_until(lambda: client.telemetry().rms > 0.01, "the note")
        assert {SetRoute(3, 0.5, "wheel", "level"), SetRoute(4, 0.25, "lfo1", "pitch")} <= set(client.setup)
        left = present.read(client._link.block.present).present
        assert left.notes[0].note == 120.0
        time.sleep(0.2)
        peaks = np.abs(np.fft.rfft(client.scope(4096)[:, 0] * np.hanning(4096)))
        assert 0.8 * note_to_hz(60.0) < peaks.argmax() * 48000 / 4096 < 1.3 * note_to_hz(60.0), "tuned, and the route moves it"
