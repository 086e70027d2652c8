import threading

from hypothesis import given, settings
from hypothesis import strategies as st

from synth.protocol.ring import HEADER_BYTES, Ring


def make(size: int = 256) -> tuple[Ring, Ring, bytearray]:
    buffer = bytearray(HEADER_BYTES + size)
    return Ring(memoryview(buffer)), Ring(memoryview(buffer)), buffer


@given(st.lists(st.one_of(st.binary(max_size=90), st.none()), max_size=80))
def test_what_is_pushed_is_popped_in_order_and_what_does_not_fit_is_counted(steps):
    writer, reader, _ = make()
    waiting, dropped = [], 0
    for step in steps:
        if step is None:
            assert reader.pop() == (waiting.pop(0) if waiting else None)
        elif writer.push(step):
            waiting.append(step)
        else:
            dropped += 1
            assert sum(4 + (len(record) + 3) // 4 * 4 for record in [*waiting, step]) > writer.capacity
    assert writer.dropped == dropped
    assert [reader.pop() for _ in waiting] == waiting
    assert reader.pop() is None
    assert reader.refused == 0


@settings(max_examples=300)
@given(st.binary(min_size=HEADER_BYTES + 16, max_size=HEADER_BYTES + 200), st.integers(1, 8))
def test_arbitrary_bytes_are_refused_and_the_ring_works_again(content, tries):
    buffer = bytearray(content)
    writer, reader = Ring(memoryview(buffer)), Ring(memoryview(buffer))
    for _ in range(tries):
        reader.pop()
    while reader.pop() is not None or reader.fill:
        pass
    buffer[:128] = bytes(128)
    assert writer.push(b"again")
    assert reader.pop() == b"again"


def test_a_damaged_length_empties_the_ring_and_is_counted():
    writer, reader, buffer = make()
    writer.push(b"first")
    writer.push(b"second")
    buffer[HEADER_BYTES] = 0xFF
    assert reader.pop() is None
    assert reader.refused == 1
    writer.push(b"third")
    assert reader.pop() == b"third"


def test_two_threads_lose_nothing():
    writer, reader, _ = make(512)
    records = [str(number).encode() * (number % 9) for number in range(5000)]
    received = []

    def read() -> None:
        while len(received) < len(records):
            if (record := reader.pop()) is not None:
                received.append(record)

    thread = threading.Thread(target=read)
    thread.start()
    for record in records:
        while not writer.push(record):
            pass
    thread.join()
    assert received == records
