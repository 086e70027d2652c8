"""OSC without an engine: addresses, packets and their times, the port, and whatever else may come in."""

import socket
import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.parsing import ntp

from synth import commands
from synth.osc import packets
from synth.osc.addresses import ADDRESSES, OscError, command_of
from synth.osc.server import HOST, OscServer, wall_minus_monotonic
from synth.protocol.wire import check
from tests.helpers.engine import free_port, wait_until

ARRIVED, AHEAD = 1000.0, 1_700_000_000.0


def message(address, *arguments):
    builder = OscMessageBuilder(address=address)
    for argument in arguments:
        builder.add_arg(argument)
    return builder.build()


def bundle(when, *contents):
    builder = OscBundleBuilder(when)
    for content in contents:
        builder.add_content(content)
    return builder.build()


@pytest.mark.parametrize(
    ("address", "arguments", "command"),
    [
        ("note/on", [60, 0.5], commands.NoteOn(60.0, 0.5)),
        ("note/on", [60.25, 1, 3], commands.NoteOn(60.25, 1.0, 3)),
        ("note/on", [60, 0.0, 3], commands.NoteOff(60.0, 3)),
        ("note/off", [60], commands.NoteOff(60.0)),
        ("bend", [-1.0, 15], commands.PitchBend(-1.0, 15)),
        ("sustain", [True], commands.Sustain(True)),
        ("sustain", [0], commands.Sustain(False)),
        ("wheel", [0.25], commands.ModWheel(0.25)),
        ("pad", [0.25, 1], commands.MovePad(0.25, 1.0)),
        ("corner", [3, 12], commands.SetCorner(3, 12)),
        ("corner", [3, 12, 2], commands.SetCorner(3, 12, 2)),
        ("sostenuto", [1, 4], commands.Sostenuto(True, 4)),
        ("pressure", [0.5, 4], commands.ChannelPressure(0.5, 4)),
        ("pressure/key", [60, 0.5], commands.KeyPressure(60.0, 0.5)),
        ("slide", [0.5, 4], commands.Slide(0.5, 4)),
        ("mpe", [15, 0], commands.SetMpe(15, 0)),
        ("mpe", [7, 7, 24], commands.SetMpe(7, 7, 24.0)),
        ("bend_range", [12, 3], commands.SetBendRange(12.0, 3)),
        ("surface", [1, "map"], commands.SetSurface(1, 2)),
        ("surface", [1, "corners", True], commands.SetSurface(1, 0, True)),
        ("surface", [0, "plane", "pc3", "flatness", 2, 0.5], commands.SetSurface(0, 1, False, "pc3", "flatness", 2.0, 0.5)),
        ("offset", ["pc1", -1.5], commands.SetOffset("pc1", -1.5)),
        ("route", [3, "lfo1", "latent:pc1", 0.5], commands.SetRoute(3, 0.5, "lfo1", "latent:pc1")),
        ("route", [3], commands.SetRoute(3, 0.0, "", "")),
        ("param", ["attack", 0.5], commands.SetParameter("attack", 0.5)),
        ("param/attack", [2], commands.SetParameter("attack", 2.0)),
        ("param/cursor", ["loop"], commands.SetParameter("cursor", 2.0)),
        ("load", ["Orchestra"], commands.LoadInstrument("Orchestra")),
        ("all_notes_off", [], commands.AllNotesOff()),
        ("panic", [], commands.Panic()),
    ],
)
def test_every_address_has_its_command(address, arguments, command):
    assert command_of("/sirenade/" + address, arguments) == command


def test_no_address_is_left_untested():
    marks = test_every_address_has_its_command.pytestmark[0].args[1]
    assert {address for address, _, _ in marks} >= set(ADDRESSES)


@pytest.mark.parametrize(
    ("address", "arguments"),
    [
        ("/other/note/on", [60, 0.5]),
        ("/sirenade/nothing", []),
        ("/sirenade/note/on", [60]),
        ("/sirenade/note/on", [60, 0.5, 0, 0]),
        ("/sirenade/note/on", ["sixty", 0.5]),
        ("/sirenade/note/on", [128, 0.5]),
        ("/sirenade/note/on", [60, 64]),
        ("/sirenade/note/on", [60, 0.5, 16]),
        ("/sirenade/note/on", [60, 0.5, 1.5]),
        ("/sirenade/pad", [0.5, float("nan")]),
        ("/sirenade/wheel", [10**400]),
        ("/sirenade/corner", [4, 0]),
        ("/sirenade/corner", [0, -1]),
        ("/sirenade/param/nonsense", [1.0]),
        ("/sirenade/param/cursor", ["sideways"]),
        ("/sirenade/load", [5]),
    ],
)
def test_what_is_out_of_range_or_unknown_is_refused(address, arguments):
    with pytest.raises(OscError):
        command_of(address, arguments)


def test_a_message_and_an_immediate_bundle_are_meant_for_when_they_came():
    play = message("/sirenade/note/on", 60, 0.5)
    for packet in (play.dgram, bundle(IMMEDIATELY, play).dgram):
        assert packets.read(packet, ARRIVED, AHEAD) == [(commands.NoteOn(60.0, 0.5), ARRIVED)]


@pytest.mark.parametrize("ahead_of_now", [0.25, -0.002])
def test_a_time_tag_is_kept_to_a_microsecond_even_a_little_late(ahead_of_now):
    packet = bundle(AHEAD + ARRIVED + ahead_of_now, message("/sirenade/panic"), message("/sirenade/all_notes_off"))
    found = packets.read(packet.dgram, ARRIVED, AHEAD)
    assert [command for command, _ in found] == [commands.Panic(), commands.AllNotesOff()]
    for _, meant in found:
        assert meant == pytest.approx(ARRIVED + ahead_of_now, abs=1e-6)


def test_bundles_within_a_bundle_have_times_of_their_own():
    inner = bundle(AHEAD + ARRIVED + 2.0, message("/sirenade/panic"))
    packet = bundle(AHEAD + ARRIVED + 1.0, message("/sirenade/all_notes_off"), inner)
    found = packets.read(packet.dgram, ARRIVED, AHEAD)
    assert [(type(command), round(meant - ARRIVED, 6)) for command, meant in found] == [
        (commands.AllNotesOff, 1.0),
        (commands.Panic, 2.0),
    ]


@pytest.mark.parametrize("when", [AHEAD + ARRIVED + 3600.0, AHEAD + ARRIVED - 3600.0])
def test_the_tag_of_a_clock_that_is_wrong_is_refused(when):
    with pytest.raises(OscError):
        packets.read(bundle(when, message("/sirenade/panic")).dgram, ARRIVED, AHEAD)


def test_bundles_are_not_followed_without_end():
    packet = message("/sirenade/panic").dgram
    for _ in range(100):
        packet = b"#bundle\0" + ntp.IMMEDIATELY + struct.pack(">i", len(packet)) + packet
    with pytest.raises(OscError):
        packets.read(packet, ARRIVED, AHEAD)


PACKETS = [
    message("/sirenade/note/on", 60, 0.5).dgram,
    message("/sirenade/param/level", -6.0).dgram,
    bundle(AHEAD + ARRIVED, message("/sirenade/pad", 0.5, 0.5), bundle(IMMEDIATELY, message("/sirenade/panic"))).dgram,
]


def judge(packet):
    """Whatever comes in: OscError, or commands that the wire would carry, at times near now."""
    try:
        found = packets.read(packet, ARRIVED, AHEAD)
    except OscError:
        return
    for command, meant in found:
        check(command)
        assert abs(meant - ARRIVED) <= packets.HORIZON_S


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_understood(packet):
    judge(packet)


@given(st.sampled_from(PACKETS), st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), min_size=1, max_size=6))
def test_damaged_packets_are_refused_or_understood(packet, damage):
    content = bytearray(packet)
    for place, value in damage:
        content[place % len(content)] = value
    judge(bytes(content))
    judge(bytes(content[: damage[0][0] % len(content)]))


def test_the_port_hands_commands_on_with_the_time_they_came_and_counts_what_it_refuses():
    came = []
    server = OscServer(free_port(), lambda command, meant: came.append((command, meant)))
    server.start()
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            before = time.monotonic()
            sender.sendto(b"nonsense", (HOST, server.port))
            sender.sendto(message("/sirenade/note/on", 60, 7.0).dgram, (HOST, server.port))
            sender.sendto(message("/sirenade/note/on", 60, 0.7).dgram, (HOST, server.port))
            wait_until(lambda: came, "the note")
    finally:
        server.close()
    (command, meant), *more = came
    assert command.note == 60.0 and more == []
    assert before - 1e-4 <= meant <= time.monotonic()
    assert (server.events, server.malformed) == (1, 2)


def test_only_this_machine_is_listened_to():
    server = OscServer(free_port(), lambda *_: None)
    try:
        assert server._socket.getsockname()[0] == "127.0.0.1"
    finally:
        server.close()


def test_a_port_that_is_taken_is_left_alone():
    first = OscServer(free_port(), lambda *_: None)
    second = OscServer(first.port, lambda *_: None)
    second.start()
    try:
        assert first.port != 0
        assert second.port == 0
    finally:
        first.close()
        second.close()


def test_the_wall_clock_is_compared_to_within_microseconds():
    differences = [wall_minus_monotonic() for _ in range(20)]
    assert sorted(differences)[10] == pytest.approx(time.time() - time.monotonic(), abs=1e-3)
