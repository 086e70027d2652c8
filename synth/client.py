"""The app's end of the engine: start, send, read, and start anew when it dies. Nothing here blocks but start and restart."""

import contextlib
import signal
import subprocess
import threading
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sirenade import errors
from sirenade.errors import EngineError
from synth import telemetry
from synth.block_times import Counts, no_counts
from synth.commands import Command, LoadInstrument, MovePad, SetCorner, SetParameter, Setup
from synth.devices import Devices, DeviceWatch, list_devices
from synth.engine_process import EngineProcess
from synth.notices import DeviceChanged, EngineRestarted, Notice, Problem, Reopened
from synth.protocol import folder as folders
from synth.protocol import present
from synth.protocol.requests import Reopen, Request, StartRecording, StartTake, StopRecording, StopTake
from synth.protocol.wire import Record, WireError, decode, encode
from synth.remembered import Remembered
from synth.settings import EngineSettings
from synth.telemetry import Telemetry
from synth.unfinished import Unfinished

START_S = 30.0
STALE_S = 2.0
SPARE_S = 3.0
"""So long after an engine is ready the next one is launched, to wait for its death."""
CLOSE_S = 4.0
CRASHES, CRASHES_S = 4, 30.0
"""That many ends within that time, and the engine is not started again by itself."""
DEVICE_LOST = 4
REOPENED = {"driver", "device", "rate", "block", "ahead", "osc_port"}
"""Settings that a running engine can change."""


__all__ = ["Devices", "EngineClient", "EngineProcess", "list_devices"]


class EngineClient:
    """Owns one engine process. Call `poll` some times a second: it also looks after the engine.

    What was set (instrument, parameters, corners, pad) and what is held (notes, pedals, wheels), by whomever, is remembered,
    and a new engine gets all of it; so it does with what is sent before `start`, and while one is being started. `send` may be
    called while another thread waits in `start` or `restart`.
    """

    def __init__(self, settings: EngineSettings | None = None, spare: EngineProcess | None = None) -> None:
        self.settings = settings or EngineSettings()
        """As asked for; an engine that was started anew after its device was lost may run with others."""
        self._remembered = Remembered()
        self._process: subprocess.Popen[bytes] | None = None
        self._link: folders.Link | None = None
        self._ready = False
        self._deadline = 0.0
        self._reason = ""
        """Why the engine is being started anew; empty: because it was asked for."""
        self._ends: list[float] = []
        self._pending: list[Notice] = []
        self._sequence = 0
        self._sending = threading.Lock()
        self._unfinished = Unfinished()
        self._spare = spare
        """Waits for this engine's death, or for its start."""
        self._spare_at = 0.0
        self._watch = DeviceWatch()
        self._reopened: str | None = None
        """The engine's answer to Reopen: why it failed, or nothing; None: none yet."""
        self._returning = False
        """Whether the engine was asked to reopen because a device came back."""
        self.polled = Telemetry()
        """The telemetry as of the last `poll`."""

    def __enter__(self) -> "EngineClient":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """Process id of the engine."""
        return self._process.pid if self._process else None

    @property
    def setup(self) -> tuple[Setup, ...]:
        """How things are set up now, by whomever: what was sent, and what MIDI and OSC have set."""
        return tuple(self._remembered.setup.values())

    @property
    def running(self) -> bool:
        """Whether an engine is there and ready."""
        return self._ready

    def start(self) -> None:
        """Start the engine and wait until it is ready (30 s at most).

        Raises AudioDeviceError, or another SirenadeError with the engine's own sentence.
        """
        self._launch(self.settings)
        while not self._look_whether_ready():
            if failure := self._look_whether_failed():
                self.close()
                raise failure
            time.sleep(0.005)

    def restart(self, settings: EngineSettings) -> None:
        """Go on with other settings, in the same state. Raises as `start`; the engine then runs as before.

        Another device, rate or block keeps the engine and the notes that sound; other settings take a new one.
        """
        before, self.settings = self.settings, settings
        changed = {name for name, value in settings if value != getattr(before, name)}
        if changed <= REOPENED and self._reopen(settings):
            if self._reopened:
                self.settings = before
                raise errors.AudioDeviceError(self._reopened)
            return
        self._learn()
        self.close()
        try:
            self.start()
        except errors.SirenadeError:
            self.settings = before
            with contextlib.suppress(errors.SirenadeError):
                self.start()
            raise

    def _reopen(self, settings: EngineSettings) -> bool:
        """Let the running engine change its device; whether it answered (see `_reopened`) within START_S."""
        if not self._ready or self._process is None:
            return False
        self._ask_to_reopen(settings)
        end = time.monotonic() + START_S
        while self._reopened is None and self._process.poll() is None and time.monotonic() < end:
            self._pending += self._replies()
            time.sleep(0.005)
        return self._reopened is not None

    def _ask_to_reopen(self, settings: EngineSettings) -> None:
        self._reopened = None
        self._watch.rest()
        with self._sending:
            self._post(Reopen(settings.model_dump_json()), time.monotonic())

    def close(self) -> None:
        """End the engine: held notes fade, its folder goes. Harmless twice."""
        self._watch.rest()
        if self._spare is not None:
            self._spare.kill()
            self._spare = None
        process, self._process = self._process, None
        if process is not None:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(CLOSE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self._pending += self._replies()
        self._drop()

    def send(self, command: Command | Request, at: float | None = None) -> None:
        """Send a command meant for the time `at` (s, time.monotonic; None: now). It sounds at that time plus the latency.

        Raises WireError (a ValueError) for values out of range.
        """
        newest = at is None and isinstance(command, (MovePad, SetParameter))
        with self._sending:
            if newest:
                encode(Record(command))
                self._remembered.take(command, time.monotonic())
                if self._ready:
                    self._share()
            else:
                self._post(command, at or time.monotonic())

    def start_recording(self, path: Path) -> None:
        """Record the output to a WAV or FLAC file; a RecordingFinished notice follows its end."""
        self.send(StartRecording(str(path.absolute())))

    def stop_recording(self) -> None:
        """Finish the recording."""
        self.send(StopRecording())

    def start_take(self, path: Path) -> None:
        """Write down what is played, from now on, to a take at `path`; a TakeFinished notice follows its end."""
        self.send(StartTake(str(path.absolute())))

    def stop_take(self) -> None:
        """Finish the take."""
        self.send(StopTake())

    def poll(self) -> list[Notice]:
        """What there is to tell since the last call; starts the engine anew where it died or hangs. Never blocks."""
        self._learn()
        self._pending += self._replies()
        was_ready, self.polled = self._ready, self.telemetry()
        if self._process is not None:
            self._look_after(self._process)
        if self._ready != was_ready:
            self.polled = self.telemetry()
        pending, self._pending = self._pending, []
        return pending

    def telemetry(self) -> Telemetry:
        """The newest telemetry; all zero while no engine runs."""
        return telemetry.read(self._link.block) if self._link and self._ready else Telemetry(pad=self._remembered.pad)

    def block_times(self) -> Counts:
        """How many blocks took how long since the engine started, see synth.block_times; a copy."""
        return self._link.block.block_times.copy() if self._link and self._ready else no_counts()

    def scope(self, frames: int) -> NDArray[np.float32]:
        """The last `frames` of the output (8192 at most), [frames, 2], oldest first."""
        if self._link is None or not self._ready:
            return np.zeros((frames, 2), np.float32)
        return self._link.block.scope.read(frames)

    def _launch(self, settings: EngineSettings) -> None:
        spare, self._spare = self._spare, None
        self.close()
        if spare is not None and not spare.fresh:
            spare.kill()
            spare = None
        engine = spare or EngineProcess()
        engine.go(settings)
        self._process, self._link = engine.process, engine.link
        self._deadline = time.monotonic() + START_S

    def _look_whether_ready(self) -> bool:
        """Whether the engine has become ready; then it gets all that is remembered."""
        assert self._link is not None
        if not self._link.block.identity.read()["ready"] or not self._link.block.meters.read()["heartbeat"]:
            return False
        self._spare_at = time.monotonic() + SPARE_S
        with self._sending:
            self._ready = True
            inherited = self._remembered.inherit()
            self._share()
            for command, at in inherited:
                self._post(command, at or 0.0)
        return True

    def _look_whether_failed(self) -> errors.SirenadeError | None:
        assert self._process is not None and self._link is not None
        if self._process.poll() is None:
            if time.monotonic() < self._deadline:
                return None
            self._process.kill()
            return EngineError(f"the engine was not ready within {START_S:.0f} s; try again, or use --driver silent.")
        if failure := folders.read_failure(self._link.folder):
            return failure
        return EngineError(f"the engine ended as it started ({self._last_log_line() or self._process.returncode}).")

    def _look_after(self, process: subprocess.Popen[bytes]) -> None:
        if not self._ready:
            self._poll_start()
        elif (code := process.poll()) is not None:
            self._pending += self._replies()
            if code == DEVICE_LOST:
                self._watch.begin()
            self._again(self._end_reason(code), elsewhere=code != -signal.SIGKILL)
        elif self._returning:
            self._poll_return()
        elif time.monotonic() - self.polled.heartbeat > STALE_S:
            self._again("the engine hung")
        elif self._spare is None and time.monotonic() > self._spare_at:
            self._spare = EngineProcess()
        elif self._is_away() and self._watch.poll(self.settings.device):
            self._ask_to_reopen(self.settings)
            self._returning = True
            self._deadline = time.monotonic() + START_S

    def _poll_start(self) -> None:
        if self._look_whether_ready():
            self._pending.append(EngineRestarted(self._reason))
        elif failure := self._look_whether_failed():
            self._again(str(failure).rstrip("."))

    def _poll_return(self) -> None:
        """The engine tries to play on a device that came back."""
        if self._reopened is None and time.monotonic() < self._deadline:
            return
        self._returning = False
        device = self.polled
        if self._reopened is None:
            self._again("the engine hung")
        elif device.driver != "silent":
            self._pending.append(DeviceChanged(f"playing on {device.device} again, at {device.rate:.0f} Hz."))

    def _again(self, reason: str, *, elsewhere: bool = True) -> None:
        """Start another engine with the same state, `elsewhere`: on whatever device there is."""
        now = time.monotonic()
        self._ends = [end for end in self._ends if now - end < CRASHES_S] + [now]
        if len(self._ends) > CRASHES:
            self._lose()
            self._pending.append(Problem(f"{reason}; the engine keeps ending and stays off. Check the audio settings."))
            return
        same = self.settings.driver == "silent" or not elsewhere
        self._start_again(self.settings if same else self.settings.model_copy(update={"driver": "auto"}), reason)

    def _start_again(self, settings: EngineSettings, reason: str) -> None:
        self._lose()
        self._reason = reason
        self._launch(settings)

    def _lose(self) -> None:
        """Keep what the engine leaves behind, and end it."""
        self._learn()
        self._kill()
        self._pending += self._unfinished.lost()

    def _is_away(self) -> bool:
        """Whether the engine plays without sound for want of a device, and may change it: that ends a recording or a take."""
        return self.settings.driver != "silent" and not self._unfinished.busy and self.polled.driver == "silent"

    def _kill(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.kill()
            self._process.wait()
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        self._process = None
        self._drop()

    def _drop(self) -> None:
        if self._link is not None:
            folders.remove(self._link.folder)
        self._link = None
        self._ready = self._returning = False

    def _replies(self) -> list[Notice]:
        notices: list[Notice] = []
        while self._link is not None and (content := self._link.replies.pop()) is not None:
            with contextlib.suppress(WireError):
                message = decode(content).message
                if isinstance(message, Reopened):
                    self._reopened = message.failure
                elif isinstance(message, Setup):
                    self._remembered.set_up(message)
                elif isinstance(message, Notice):
                    self._remembered.hear(message)
                    self._unfinished.heard(message)
                    notices.append(message)
        return notices

    def _learn(self) -> None:
        """Keep the engine's present, in case it ends."""
        if self._link is not None and self._ready:
            self._remembered.learn(present.read(self._link.block.present))

    def _post(self, message: Command | Request, meant: float) -> None:
        """Send a record; without an engine it is kept for the one that is being started. Raises WireError."""
        record = Record(message, self._sequence, meant)
        content = encode(record)
        self._sequence += 1
        self._unfinished.sent(message)
        if self._process is not None or isinstance(message, LoadInstrument | SetCorner | Setup):
            self._remembered.take_record(record)
        if self._link is not None and self._ready and not self._link.commands.push(content):
            self._pending.append(Problem("the engine does not keep up; a command was lost."))

    def _share(self) -> None:
        """Write pad and parameters, which travel as newest values."""
        assert self._link is not None
        self._link.block.controls.write(self._remembered.newest())

    def _end_reason(self, code: int) -> str:
        if code == DEVICE_LOST:
            return "the audio output has gone"
        if code < 0:
            return f"the engine was ended by signal {-code}"
        return f"the engine ended by itself ({self._last_log_line() or f'code {code}'})"

    def _last_log_line(self) -> str:
        return folders.last_log_line(self._link.folder) if self._link else ""
