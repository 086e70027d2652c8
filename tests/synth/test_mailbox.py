"""What the render thread gets, and for when."""

import time

import pytest

from synth.audio.clock import DeviceFrame
from synth.client import EngineClient
from synth.commands import LoadInstrument, MovePad, NoteOff, NoteOn, SetParameter
from synth.mailbox import Mailbox
from synth.protocol.folder import Link, create


@pytest.fixture
def link(tmp_path):
    return Link(create(tmp_path))


@pytest.fixture
def mailbox(link):
    box = Mailbox(link)
    box.has_instrument = True
    return box


@pytest.fixture
def client(link):
    """A client at the other end of the link, its engine being this test."""
    client = EngineClient()
    client._link, client._ready = link, True
    return client


def test_newest_values_carry_the_time_at_which_the_hand_moved(mailbox, client):
    before = time.monotonic()
    client.send(MovePad(0.25, 0.75))
    between = time.monotonic()
    client.send(SetParameter("attack", 0.5))
    after = time.monotonic()
    (pad, pad_at), (attack, attack_at) = mailbox.drain()
    assert pad == MovePad(0.25, 0.75)
    assert attack == SetParameter("attack", 0.5)
    assert before <= pad_at <= between <= attack_at <= after
    assert mailbox.drain() == []


def test_of_a_movement_within_a_block_the_last_place_and_its_time_count(mailbox, client):
    for x in (0.1, 0.2, 0.3):
        before = time.monotonic()
        client.send(MovePad(x, 0.0))
    ((pad, at),) = mailbox.drain()
    assert pad == MovePad(0.3, 0.0)
    assert at >= before


def test_what_an_engine_inherits_is_done_at_once(mailbox, client):
    """The time at which a knob was turned says nothing to an engine that was started long after."""
    client.send(SetParameter("attack", 0.5))
    client._remembered.inherit()
    client._share()
    assert mailbox.drain() == [(SetParameter("attack", 0.5), None)]


def test_midi_keeps_its_moments_in_time_and_in_the_devices_frames(mailbox):
    mailbox.look_for_midi = lambda: [(bytes([0x90, 60, 127]), DeviceFrame(123_456), "")]
    mailbox.midi.append((bytes([0x80, 60, 0]), 7.25, "Keys"))
    assert mailbox.drain() == [(NoteOn(60.0, 1.0), DeviceFrame(123_456)), (NoteOff(60.0), 7.25)]
    assert mailbox.midi_events == 2


def test_what_is_posted_is_handed_on_with_its_time_and_loading_is_the_hosts(mailbox):
    mailbox.posted.extend([(LoadInstrument("Orchestra"), 1.0), (MovePad(0.5, 1.0), 2.5)])
    assert mailbox.drain() == [(MovePad(0.5, 1.0), 2.5)]
    assert mailbox.requests.get_nowait() == LoadInstrument("Orchestra")
    assert mailbox.router.pad == (0.5, 1.0)  # a controller of MIDI that moves one axis leaves the other here
