"""Bytes from outside: MIDI, OSC, records, rings, the shared block, cards and anchors. Nothing crashes, hangs or is trusted."""

import contextlib
import json
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

from sirenade.errors import InstrumentError
from synth import telemetry
from synth.commands import Command, LoadInstrument, MovePad, NoteOn
from synth.engine.limiter import CEILING
from synth.engine.synth import Synth
from synth.instrument.card import read_card
from synth.instrument.latents import Latents
from synth.mailbox import Mailbox
from synth.osc import packets
from synth.osc.addresses import OscError
from synth.protocol import folder as folders
from synth.protocol import present
from synth.protocol.ring import HEADER_BYTES, Ring
from synth.protocol.shared_block import SharedBlock
from synth.protocol.wire import Record, WireError, decode, encode
from synth.remembered import Remembered
from tests.fuzz.cases import damaged, engine_commands, fuzz
from tests.helpers.closed_form import closed_form
from tests.helpers.tiny_instrument import make_time_instrument

CONTROLLERS = [0, 1, 7, 16, 17, 20, 32, 33, 39, 48, 49, 64, 66, 74, 120, 121, 123]
status = st.integers(0x80, 0xEF)
data = st.integers(0, 127)
midi_messages = st.one_of(
    st.binary(max_size=8),
    st.tuples(status, data, data).map(bytes),
    st.tuples(st.just(0xB0), st.sampled_from(CONTROLLERS), data).map(bytes),
    st.tuples(st.sampled_from([0xB0, 0xBF]), st.sampled_from([100, 101, 6, 38]), st.sampled_from([0, 6, 7, 127])).map(bytes),
    st.sampled_from([b"\xf8", b"\xfa", b"\xfc"]),
    st.tuples(st.integers(0x90, 0x9F), data, data).map(bytes),
)


@pytest.fixture(scope="module")
def mailbox(tmp_path_factory):
    link = folders.Link(folders.create(tmp_path_factory.mktemp("fuzz")))
    box = Mailbox(link)
    box.has_instrument = True
    return box, link


def plays_on(commands: list[Command]) -> None:
    """An engine carries the commands out, and its output is in order."""
    synth, out = Synth(48000.0, polyphony=6), np.zeros((256, 2), np.float32)
    synth.set_instrument(closed_form([220.0], bandwidth=8000.0))
    for number, command in enumerate(commands):
        synth.schedule(command, 17.3 * number)
    for _ in range(2):
        synth.render(out)
        assert np.isfinite(out).all()
        assert np.abs(out).max() <= CEILING * 1.000001
    assert synth.failed_blocks == 0


@fuzz
@given(st.lists(st.tuples(midi_messages, st.sampled_from(["", "Keyboard", "Pads"])), max_size=40))
def test_midi_bytes(mailbox, messages):
    box, _ = mailbox
    box.midi.extend((message, time.monotonic(), source) for message, source in messages)
    drained = [command for command, _ in box.drain()]
    for command in drained:
        assert decode(encode(Record(command))).message == command  # nothing that the wire would refuse
    plays_on(drained)


@fuzz
@given(st.data(), st.lists(engine_commands, min_size=1, max_size=6))
def test_damaged_records_in_the_ring(mailbox, case, sent):
    box, link = mailbox
    for command in sent:
        link.commands.push(case.draw(damaged(encode(Record(command)))))
    asked = box._loads_asked
    plays_on([command for command, _ in box.drain()])
    assert link.commands.fill == 0
    while not box.requests.empty():
        box.requests.get()
    box.loads_done += box._loads_asked - asked


@fuzz
@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), st.binary(min_size=256, max_size=256))
def test_a_ring_of_anything_comes_to_its_end(written, read, content):
    buffer = bytearray(HEADER_BYTES) + bytearray(content)
    buffer[0:8], buffer[64:72] = written.to_bytes(8, "little"), read.to_bytes(8, "little")
    ring = Ring(memoryview(buffer))
    for _ in range(len(content)):
        if (payload := ring.pop()) is None and ring.fill == 0:
            break
        with contextlib.suppress(WireError):
            decode(payload or b"")
    else:
        raise AssertionError("the ring never ends")
    assert ring.push(b"may be lost with the damage")
    ring.pop()
    assert ring.push(b"again")
    assert ring.pop() == b"again"


@fuzz
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.001, 0.1, 1.0]))
def test_a_shared_block_of_anything_can_be_read_and_inherited(seed, share):
    random = np.random.default_rng(seed)
    buffer = np.zeros(SharedBlock.SIZE, np.uint8)
    chosen = random.random(SharedBlock.SIZE) < share
    buffer[chosen] = random.integers(0, 256, int(chosen.sum()))
    block = SharedBlock(memoryview(bytearray(buffer)))
    for group in (block.meters, block.identity, block.present, block.controls):
        group._buffer[0] &= 0xFE  # not in the middle of a write
    reading = telemetry.read(block)
    assert len(reading.notes) <= 64
    assert block.scope.read(512).shape == (512, 2)
    remembered = Remembered()
    remembered.take(MovePad(0.25, 0.5))
    remembered.take_record(Record(LoadInstrument("x"), 1))
    remembered.take_record(Record(NoteOn(60.0, 1.0), 2, 5.0))
    remembered.learn(present.read(block.present))
    inherited = [command for command, _ in remembered.inherit()]
    for command in inherited:
        encode(Record(command))
    plays_on([command for command in inherited if not isinstance(command, LoadInstrument)])


def osc_packet(address: str, *arguments: float | int | str | bool) -> bytes:
    builder = OscMessageBuilder(address)
    for argument in arguments:
        builder.add_arg(argument)
    bundle = OscBundleBuilder(IMMEDIATELY)
    bundle.add_content(builder.build())
    return builder.build().dgram if address.endswith("x") else bundle.build().dgram


OSC = [
    osc_packet("/sirenade/note/on", 60.0, 0.5, 3),
    osc_packet("/sirenade/note/off", 60),
    osc_packet("/sirenade/pad", 0.5, 1.0),
    osc_packet("/sirenade/param", "level", -3.0),
    osc_packet("/sirenade/param/level", -3.0),
    osc_packet("/sirenade/sustain", True),
    osc_packet("/sirenade/corner", 1, 2),
    osc_packet("/sirenade/x", 1.0),
]


@pytest.mark.filterwarnings("ignore")
@fuzz
@given(st.one_of(st.binary(max_size=80), st.sampled_from(OSC).flatmap(damaged), st.sampled_from(OSC)))
def test_osc_packets(packet):
    try:
        timed = packets.read(packet, 100.0, 1.7e9)
    except OscError:
        return
    for command, meant in timed:
        encode(Record(command, meant=meant))
    plays_on([command for command, _ in timed if not isinstance(command, LoadInstrument)])


@pytest.fixture(scope="module")
def instrument(tmp_path_factory):
    return make_time_instrument(tmp_path_factory.mktemp("instrument") / "time")


@fuzz
@given(st.data())
def test_damaged_cards(instrument, case):
    content = (instrument / "instrument.json").read_bytes()
    with contextlib.suppress(InstrumentError):
        read_card(case.draw(damaged(content)), instrument)
    values = json.loads(content)
    values[case.draw(st.sampled_from(list(values)))] = case.draw(
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
            lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
            max_leaves=8,
        )
    )
    with contextlib.suppress(InstrumentError):
        read_card(json.dumps(values).encode(errors="surrogatepass"), instrument)


@fuzz
@given(st.data())
def test_damaged_anchors(instrument, case):
    content = (instrument / "latents.npz").read_bytes()
    try:
        found = Latents.from_bytes(case.draw(damaged(content)))
    except InstrumentError:
        return
    assert np.isfinite(found.latents).all()
    assert len(found.names) == len(found.latents) == len(found.durations)
