"""The render thread against a device of the wall clock; nothing here depends on how fast this machine is."""

import threading
import time

import numpy as np
import pytest
import soundfile

from synth.audio.recorder import Recorder
from synth.audio.render_thread import Load, RenderThread
from synth.audio.silent import SilentDriver
from synth.block_times import late, percentile
from synth.commands import Panic
from synth.engine.governor import Shed
from tests.helpers.engine import wait_until

RATE, BLOCK = 48000.0, 256


class Ramp:
    """An engine whose samples are their own frame numbers; told to, it fails."""

    def __init__(self) -> None:
        self.frame = 0
        self.scheduled: list[tuple[object, float]] = []
        self.fail = False
        self.factor = 1
        self.eased: list[tuple[int, Shed]] = []

    def ease(self, factor_cap, shed):
        self.eased.append((factor_cap, shed))

    def schedule(self, command, frame):
        self.scheduled.append((command, frame))

    def render(self, out):
        if self.fail:
            self.fail = False
            raise FloatingPointError("no")
        out[:] = (self.frame + np.arange(len(out), dtype=np.float32))[:, None]
        self.frame += len(out)


class Source:
    def __init__(self) -> None:
        self.waiting: list = []

    def drain(self):
        commands, self.waiting = self.waiting, []
        return commands


@pytest.fixture
def running():
    engine, source, blocks = Ramp(), Source(), []
    driver = SilentDriver(RATE, BLOCK)
    thread = RenderThread(engine, driver, BLOCK, 0, source, lambda _, out: blocks.append(out.copy()))
    thread.start()
    yield thread, engine, source, blocks
    thread.stop()
    assert thread.ended


def test_blocks_follow_one_another_and_the_end_is_faded(running):
    thread, _, _, blocks = running
    wait_until(lambda: len(blocks) > 40, "blocks")
    thread.stop()
    sound = np.concatenate(blocks)[:, 0]
    np.testing.assert_array_equal(sound[: 40 * BLOCK], np.arange(40 * BLOCK))
    assert sound[-1] == 0.0
    assert "render" not in {other.name for other in threading.enumerate() if other.is_alive()}


def test_a_block_that_fails_is_silent_and_the_next_one_is_right(running):
    thread, engine, _, blocks = running
    wait_until(lambda: len(blocks) > 10, "blocks")
    engine.fail = True
    wait_until(lambda: thread.failed_blocks == 1, "the failure")
    count = len(blocks)
    wait_until(lambda: len(blocks) > count + 10, "more blocks")
    silent = [index for index, block in enumerate(blocks[1:], 1) if not block.any()]
    assert len(silent) == 1
    after = np.concatenate(blocks[silent[0] + 1 :])[:, 0]
    np.testing.assert_array_equal(np.diff(after), 1.0)


def test_commands_keep_their_distance_and_come_at_a_constant_latency(running):
    thread, engine, source, blocks = running
    wait_until(lambda: len(blocks) > 60, "a settled clock")
    begin = time.monotonic()
    for number in range(20):
        source.waiting.append((Panic(), begin + 0.0101 * number))
        time.sleep(0.0101)
    wait_until(lambda: len(engine.scheduled) == 20, "the commands")
    frames = np.array([frame for _, frame in engine.scheduled])
    assert np.abs(np.diff(frames) - 0.0101 * RATE).max() < 0.01  # the wall clock is its own device
    assert thread.command_latency == 3 * BLOCK + 48


def test_a_command_without_a_time_is_due_at_once(running):
    _, engine, source, blocks = running
    wait_until(lambda: len(blocks) > 3, "blocks")
    source.waiting.append((Panic(), None))
    wait_until(lambda: engine.scheduled, "the command")
    assert engine.scheduled[0][1] % BLOCK == 0


def test_a_recording_holds_the_blocks_between_its_start_and_its_end(running, tmp_path):
    thread, _, _, blocks = running
    path = tmp_path / "deep" / "take.wav"
    recorder = Recorder(path, RATE)
    wait_until(lambda: len(blocks) > 5, "blocks")
    thread.recorders.append(recorder)
    wait_until(lambda: recorder.seconds > 0.2, "some recording")
    assert not path.exists()
    thread.recorders.append(None)
    wait_until(lambda: thread.recording is None, "the end")
    recorder.close()
    frames, rate = soundfile.read(path, dtype="float32")
    assert rate == RATE
    assert len(frames) == round(recorder.seconds * RATE)
    np.testing.assert_array_equal(np.diff(frames[:, 0]), 1.0)
    assert recorder.lost == 0
    assert [child.name for child in path.parent.iterdir()] == ["take.wav"]


def test_a_recorder_that_cannot_keep_up_counts_what_it_lost(tmp_path):
    recorder = Recorder(tmp_path / "short.wav", 100.0)
    recorder.push(np.zeros((10_000, 2), np.float32))
    recorder.close()
    assert recorder.lost == 10_000
    assert recorder.seconds == 0.0


def test_load_is_the_share_of_a_blocks_time():
    load = Load(0.005)
    for _ in range(2000):
        load.add(0.001)
    assert load.mean == pytest.approx(0.2, rel=1e-3)
    load.add(0.006)
    assert load.peak == pytest.approx(1.2)
    for _ in range(2000):
        load.add(0.001)
    assert load.peak == pytest.approx(0.2, rel=0.1)
    assert load.counts.sum() == 4001
    assert late(load.counts) == 1
    assert percentile(load.counts, 50.0) == pytest.approx(0.2, rel=0.02)


class Resting(SilentDriver):
    """A device that takes nothing."""

    def queued(self):
        return self._queued


def test_a_device_that_rests_is_shown_as_silence_not_as_death():
    shown = []
    thread = RenderThread(Ramp(), Resting(RATE, BLOCK), BLOCK, 0, Source(), lambda _, out: shown.append(out.any()))
    thread.start()
    wait_until(lambda: len(shown) > 4, "signs of life")
    thread.stop()
    wait_until(lambda: thread.ended, "the thread's end, though the device took nothing of the fade")
    assert shown[2:4] == [False, False]
