"""Asks the drawing process for waveforms: never waits for it, starts it anew where it dies, ends it when it is long unused."""

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from synth.devices import module_environment

REST_S = 2.0
"""Least time between two starts of the process"""
LINGER_S = 30.0
"""How long the process stays when it was told to rest: whoever turns to a page and back finds it there"""


@dataclass(frozen=True)
class Drawing:
    """Least and greatest values of `points` columns from `start` s on; the sound's duration and loop in s.

    Where nothing could be drawn, `error` says why, and there are no peaks.
    """

    number: int
    peaks: tuple[tuple[float, float], ...] = ()
    start: float = 0.0
    seconds: float = 0.0
    duration: float = 0.0
    loop: tuple[float, float] = (0.0, 0.0)
    error: str = ""


class DrawingClient:
    """Draws for one listener, `drawn`, which is called on a thread of the client's own; ends with `close`."""

    def __init__(self, drawn: Callable[[Drawing], None], linger: float = LINGER_S) -> None:
        self._drawn = drawn
        self._linger = linger
        self._resting = False
        self._changed = threading.Condition()
        self._instrument = ""
        self._waiting: dict[str, object] | None = None
        self._number = 0
        self._closed = False
        self._process: subprocess.Popen[bytes] | None = None
        self._opened = ""
        """The instrument that the living process was told of."""
        self._begun = 0.0
        self._thread: threading.Thread | None = None

    def open(self, instrument: str) -> None:
        """Draw this instrument from now on; starts the process where there is none. Returns at once."""
        with self._changed:
            self._instrument = instrument
            self._waiting = None  # a latent of the one before
            self._wake()

    def ask(
        self,
        latent: tuple[float, ...],
        *,
        pitch: float = 60.0,
        velocity: float = 1.0,
        start: float = 0.0,
        seconds: float = 0.0,
        points: int = 400,
    ) -> int:
        """Ask for a picture of `points` columns from `start` over `seconds` (0: to the end); returns its number at once.

        Only the newest request is answered for sure.
        """
        with self._changed:
            self._number += 1
            self._waiting = {
                "number": self._number,
                "latent": [float(value) for value in latent],
                **{"pitch": pitch, "velocity": velocity, "start": start, "seconds": seconds, "points": points},
            }
            self._wake()
            return self._number

    def rest(self) -> None:
        """Nothing will be asked for now; what waits is forgotten. Returns at once; thread and process end after a while."""
        with self._changed:
            self._waiting = None
            self._resting = True
            self._changed.notify()

    def close(self) -> None:
        """End the process."""
        with self._changed:
            self._closed = True
            thread = self._thread
            self._changed.notify()
        if thread:
            thread.join()

    def _wake(self) -> None:
        self._resting = False
        if self._thread is None and not self._closed:
            self._thread = threading.Thread(target=self._write, name="drawing", daemon=True)
            self._thread.start()
        self._changed.notify()

    def _write(self) -> None:
        while True:
            with self._changed:
                if not self._wait():
                    self._end()
                    self._thread = None
                    return
                asked, self._waiting = self._waiting, None
                instrument = self._instrument
            try:
                process = self._living()
                assert process.stdin is not None
                if instrument != self._opened:
                    process.stdin.write(json.dumps({"instrument": instrument}).encode() + b"\n")
                    self._opened = instrument
                if asked:
                    process.stdin.write(json.dumps(asked).encode() + b"\n")
                process.stdin.flush()
            except OSError:
                with self._changed:
                    self._waiting = self._waiting or asked  # for the next process

    def _wait(self) -> bool:
        """Wait for something to do; False where there will be nothing: closed, or too long at rest."""

        def awake() -> bool:
            return self._closed or bool(self._waiting) or (self._instrument != self._opened and not self._resting)

        while not awake():
            told = self._changed.wait(self._linger if self._resting else None)
            if not told and self._resting and not awake():
                return False
        return not self._closed

    def _living(self) -> subprocess.Popen[bytes]:
        """The process; one that died is replaced."""
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._end()
        time.sleep(max(0.0, self._begun + REST_S - time.monotonic()))
        self._begun = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "synth.drawing"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=module_environment(),
            start_new_session=True,
        )
        threading.Thread(target=self._read, args=(self._process,), name="drawn", daemon=True).start()
        return self._process

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with contextlib.suppress(ValueError, OSError):  # closed
            for line in process.stdout:
                drawing = _parse(line)
                if drawing is not None and not self._closed:
                    self._drawn(drawing)

    def _end(self) -> None:
        process, self._process, self._opened = self._process, None, ""
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                assert stream is not None
                stream.close()


def _parse(line: bytes) -> Drawing | None:
    """A line of the process; None where it is none of its answers."""
    try:
        told = json.loads(line)
        if "error" in told:
            return Drawing(int(told["number"]), error=str(told["error"]))
        low, high = told["loop"]
        peaks = tuple((float(least), float(most)) for least, most in told["peaks"])
        start, seconds, duration = (float(told[name]) for name in ("start", "seconds", "duration"))
        return Drawing(int(told["number"]), peaks, start, seconds, duration, (float(low), float(high)))
    except (ValueError, TypeError, KeyError):
        return None
