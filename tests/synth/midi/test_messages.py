import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.midi.messages import DATA_BYTES, Kind, Message, is_system, parse


def test_channel_messages_are_read_by_status_and_length():
    assert parse(bytes([0x93, 60, 100])) == Message(Kind.NOTE_ON, 3, 60, 100)
    assert parse(bytes([0xC5, 12])) == Message(Kind.PROGRAM, 5, 12)


@pytest.mark.parametrize(
    "damaged",
    [b"", b"\x90", b"\x90\x3c", b"\x90\x3c\x40\x40", b"\x90\x3c\x80", b"\x3c\x40", b"\xc0\x01\x02", b"\xf0\x01\xf7", b"\xf8"],
)
def test_what_is_no_channel_message_is_none(damaged):
    assert parse(damaged) is None


@pytest.mark.parametrize(("data", "bend"), [((0, 64), 0.0), ((127, 127), 1.0), ((0, 0), -1.0), ((0, 96), 4096 / 8191)])
def test_bend_reaches_both_ends_and_rests_at_zero(data, bend):
    message = parse(bytes([0xE0, *data]))
    assert message is not None
    assert message.bend == bend


@given(st.binary(max_size=6))
def test_any_bytes_are_a_message_of_the_right_length_or_none(content):
    message = parse(content)
    if message is None:
        return
    assert not is_system(content)
    assert len(content) == 1 + DATA_BYTES[message.kind]
    assert content == bytes([message.kind << 4 | message.channel, message.first, message.second][: len(content)])
