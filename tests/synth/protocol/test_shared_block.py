import threading

import numpy as np

from synth.protocol.shared_block import GROUPS, MAX_NOTES, SCOPE_FRAMES, Group, Scope, SharedBlock


def test_fields_come_back_as_they_were_written():
    buffer = bytearray(SharedBlock.SIZE)
    writer, reader = SharedBlock(memoryview(buffer)), SharedBlock(memoryview(buffer))
    identity = {
        "ready": 1,
        "realtime": "fifo",
        "block": 256,
        "rate": 44100.0,
        "latency_s": 0.0125,
        "osc_port": 9000,
        "driver": "silent",
        "device": "D" * 500,
        "evaluator": "onnx",
        "instrument": "Glöckchen",
    }
    meters = {name: (0.5,) * MAX_NOTES if code.endswith("f") else 3 for name, code in GROUPS["meters"]}
    writer.identity.write(identity)
    writer.meters.write(meters)
    assert reader.identity.read() == identity | {"device": "D" * 128}
    assert reader.meters.read() == meters
    assert not any(reader.controls.read()["moves"])


def test_a_reader_never_sees_half_a_write():
    fields = (("values", "400Q"),)
    buffer = bytearray(Group.size_of(fields))
    writer, reader = Group(memoryview(buffer), fields), Group(memoryview(buffer), fields)
    done = threading.Event()

    def write() -> None:
        for number in range(1, 3000):
            writer.write({"values": (number,) * 400})
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    last = 0
    while not done.is_set():
        values = reader.read()["values"]
        assert len(set(values)) == 1
        assert values[0] >= last
        last = values[0]
    thread.join()
    assert reader.read()["values"][0] == 2999


def test_a_writer_that_died_in_the_middle_leaves_the_last_whole_values():
    fields = (("a", "d"), ("b", "d"))
    buffer = bytearray(Group.size_of(fields))
    writer, reader = Group(memoryview(buffer), fields), Group(memoryview(buffer), fields)
    writer.write({"a": 1.0, "b": 2.0})
    assert reader.read() == {"a": 1.0, "b": 2.0}
    buffer[0] = 3  # odd: being written
    buffer[8:16] = bytes(8)
    assert reader.read() == {"a": 1.0, "b": 2.0}


def test_scope_is_the_tail_of_all_that_was_written():
    buffer = bytearray(Scope.SIZE)
    writer, reader = Scope(memoryview(buffer)), Scope(memoryview(buffer))
    assert not reader.read(100).any()
    sound = np.random.default_rng(1).standard_normal((3 * SCOPE_FRAMES + 77, 2)).astype(np.float32)
    at = 0
    for size in (1, 64, 333, 4096, 20000, 100000):
        writer.write(sound[at : at + size])
        at = min(len(sound), at + size)
        tail = min(at, 1000)
        np.testing.assert_array_equal(reader.read(1000)[1000 - tail :], sound[at - tail : at])
    assert reader.read(10**6).shape == (SCOPE_FRAMES, 2)
