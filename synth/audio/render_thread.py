"""The thread that keeps the device's ring full. It takes no lock, reads no file, writes no log and stops for nothing.

Each turn it looks how much of the ring the device has taken. Is there room for a block, it collects commands (those of the
client's ring, of MIDI and OSC, and the newest controls of the shared block), renders, and writes the block. Commands are due
at the frame that the device takes at their time plus a constant latency, so that neither the block size nor a thread's jitter
is heard.
"""

import gc
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

import numpy as np

from synth.audio.clock import DeviceFrame, Moment, StreamClock
from synth.audio.driver import CHANNELS, Block, Driver
from synth.audio.priority import NONE, RTKIT, ask_rtkit, hurry_this_thread, is_realtime
from synth.audio.recorder import Recorder
from synth.block_times import bin_of, no_counts
from synth.commands import Command
from synth.engine.governor import Governor, Shed

REALTIME_PRIORITY = 3
"""Below the sound server's (JACK: 10)."""
MARGIN_S = 0.001
"""Latency beyond what the ring needs, for the jitter of time stamps."""
POLL_MAX_S = 0.0015
BUSY_BLOCKS = 32
"""Blocks rendered in a row without a rest before the other threads get a millisecond: an overloaded engine stays reachable."""
REST_S = 0.25
"""After that long without a block (the device takes nothing) the meters are told of silence, as a sign of life."""
FADE_S = 0.03
DRAIN_S = 0.5


class Source(Protocol):
    """Where commands come from."""

    def drain(self) -> list[tuple[Command, Moment | None]]:
        """Commands that came since, each with the moment it is meant for; None: at once."""


class Engine(Protocol):
    """What the thread needs of synth.engine.synth.Synth."""

    @property
    def frame(self) -> int:
        """Next frame to be rendered."""

    def schedule(self, command: Command, frame: float) -> None:
        """Carry out a command at an absolute frame."""

    def render(self, out: Block) -> None:
        """Fill [n, 2]."""

    def ease(self, factor_cap: int, shed: Shed) -> None:
        """Do with at most that oversampling from now on, and fade a voice."""

    @property
    def factor(self) -> int:
        """Largest oversampling factor in use."""


class Load:
    """Mean and peak share of the block's time that rendering took; both forget within about a second."""

    def __init__(self, block_s: float) -> None:
        self._block_s = block_s
        self._keep = float(np.exp(-block_s))
        self.mean = 0.0
        self.peak = 0.0
        self.counts = no_counts()
        """Blocks by their share, see synth.block_times."""

    def add(self, seconds: float) -> None:
        """Count a block that took `seconds`."""
        share = seconds / self._block_s
        self.mean += (1.0 - self._keep) * (share - self.mean)
        self.peak = max(share, self.peak * self._keep)
        self.counts[bin_of(share)] += 1


class RenderThread:
    """Renders `engine` into `driver` (started, its `target` frames ahead) in blocks of `block` frames.

    `late` is how many frames past the next one the engine may need a command to be (its internal grid).

    `after_block(thread, out)` is called after each block, on this thread. With `fade_in` the first blocks rise from silence.
    """

    def __init__(
        self,
        engine: Engine,
        driver: Driver,
        block: int,
        late: int,
        source: Source,
        after_block: Callable[["RenderThread", Block], None],
        fade_in: bool = False,
    ) -> None:
        self.engine = engine
        self.driver = driver
        self.clock = StreamClock(driver.rate)
        self.load = Load(block / driver.rate)
        self.governor = Governor(block / driver.rate)
        self.realtime = NONE
        """What priority the thread has, see synth.audio.priority."""
        self.late_commands = 0
        self.failed_blocks = 0
        self.errands: deque[Callable[[], None]] = deque()
        """Functions put here are called on this thread between two blocks; they must be quick."""
        self.recorders: deque[Recorder | None] = deque()
        """A recorder put here takes the output from the next block on; None ends it (see `recording`)."""
        self.recording: Recorder | None = None
        self.command_latency = driver.burst + driver.target + late + int(MARGIN_S * driver.rate)
        """Frames from the frame that the device takes at a command's time to the one at which it is carried out."""
        self._block = block
        self._target = driver.target
        self._source = source
        self._after_block = after_block
        self._out = np.zeros((block, CHANNELS), np.float32)
        self._written = 0
        self._device_ahead = 0
        """The device's count of a frame minus ours."""
        self._gain = 0.0 if fade_in else 1.0
        self._begun = threading.Event()
        self._stopping = threading.Event()
        self._given_up = threading.Event()
        self._thread = threading.Thread(target=self._run, name="render", daemon=True)

    @property
    def latency_s(self) -> float:
        """Seconds from a command's time to its sound."""
        return self.command_latency / self.driver.rate + self.driver.latency_s

    def meant_at(self, frame: float) -> float:
        """Time (s, monotonic) for which a command was meant that is carried out at the engine's `frame`."""
        return self.clock.time_of(frame - self.engine.frame + self._written + self._device_ahead - self.command_latency)

    def start(self) -> None:
        """Fill the ring and go on until `stop`."""
        self._thread.start()

    def seek_priority(self) -> None:
        """Where the system itself granted no real-time priority, ask RealtimeKit; belongs to the process's main thread."""
        self._begun.wait()
        if self.realtime == NONE and self._thread.native_id:
            self.realtime = ask_rtkit(self._thread.native_id, REALTIME_PRIORITY)

    def watch_priority(self) -> None:
        """See whether the thread took RealtimeKit's priority too far, and lost it."""
        thread = self._thread.native_id
        if self.realtime == RTKIT and self._thread.is_alive() and thread and not is_realtime(thread):
            self.realtime = NONE

    def stop(self) -> None:
        """Fade out, let the ring run out, and end the thread; quick, and never longer than a second."""
        self._stopping.set()
        self._thread.join(1.0)
        self._given_up.set()  # a device that takes nothing lets nothing fade

    @property
    def ended(self) -> bool:
        """Whether the thread is over: asked to, or because the device has gone."""
        return not self._thread.is_alive()

    def _run(self) -> None:
        self.realtime = hurry_this_thread(REALTIME_PRIORITY)
        self._begun.set()
        pause = min(POLL_MAX_S, min(self.driver.burst, self._block) / self.driver.rate / 4)
        row, last = 0, time.monotonic()
        while self.driver.alive and not self._given_up.is_set() and not (self._stopping.is_set() and self._gain == 0.0):
            queued = self.driver.queued()
            now = time.monotonic()
            if taken := self.driver.taken():
                self.clock.observe(taken.time, taken.device_frame)
                self._device_ahead = taken.device_frame - taken.frame
            if queued + self._block <= self._target and row < BUSY_BLOCKS:
                self._turn()
                row, last = row + 1, now
            elif now - last > REST_S:
                self._out[:] = 0.0
                self._after_block(self, self._out)
                last = now
            else:
                time.sleep(pause)
                row = 0
        end = time.monotonic() + DRAIN_S
        while self.driver.alive and not self._given_up.is_set() and self.driver.queued() > 0 and time.monotonic() < end:
            time.sleep(pause)

    def _turn(self) -> None:
        begun, computed = time.perf_counter(), time.thread_time()
        out = self._out
        try:
            while self.errands:
                self.errands.popleft()()
            self._collect()
            self.engine.render(out)
        except Exception:  # a block that failed is silence; the next one is right again
            self.failed_blocks += 1
            out[:] = 0.0
        if self._stopping.is_set() or self._gain < 1.0:
            self._fade(out)
        self.driver.write(out)
        self._written += len(out)
        self._record(out)
        seconds = time.perf_counter() - begun
        self.load.add(seconds)
        busy = time.thread_time() - computed
        per_second = self.driver.rate / self._block
        shed = self.governor.add(seconds * per_second, busy * per_second, self.engine.factor)
        self.engine.ease(self.governor.factor_cap, shed)
        self._after_block(self, out)

    def _collect(self) -> None:
        if not self.clock.running:
            return  # nobody knows yet when what is meant for later is due
        now = self.engine.frame
        shift = now - self._written - self._device_ahead + self.command_latency
        for command, at in self._source.drain():
            frame = float(now)
            if at is not None:
                frame = (at.number if isinstance(at, DeviceFrame) else self.clock.frame_at(at)) + shift
                self.late_commands += frame < now
            self.engine.schedule(command, frame)

    def _record(self, out: Block) -> None:
        if self.recorders:
            self.recording = self.recorders.popleft()
            if self.recording is not None:
                self.recording.begun = self.engine.frame - len(out)
        if self.recording is not None:
            self.recording.push(out)

    def _fade(self, out: Block) -> None:
        """Fade in, or out where the thread is to end, over FADE_S."""
        step = len(out) / (FADE_S * self.driver.rate)
        to = max(0.0, self._gain - step) if self._stopping.is_set() else min(1.0, self._gain + step)
        out *= np.linspace(self._gain, to, len(out), dtype=np.float32)[:, None]
        self._gain = to


def freeze_garbage() -> None:
    """Take all that exists out of the collector's sight and switch it off: a collection would stop the render thread."""
    gc.collect()
    gc.freeze()
    gc.disable()
