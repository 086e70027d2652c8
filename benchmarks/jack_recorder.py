"""Records what the engine plays through JACK, frame by frame, across its restarts; what the server skipped is known."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from bisect import bisect_right
from dataclasses import asdict, dataclass
from pathlib import Path

import jack
import numpy as np
import soundfile

ENGINES = ("PortAudio", "Sirenade")
"""Beginnings of the names of the engine's JACK clients."""
RING_S = 20.0
CONNECT_S = 0.002
ANCHOR_S = 0.25


class JackRecorder:
    """Records to `path` (float WAV, stereo) until closed, from whatever ports of the engine there are.

    `missed` are (frame of the file, frames) where the server skipped cycles: they are missing in the file.
    """

    def __init__(self, path: Path, server: str | None = None) -> None:
        self.path = path
        self.missed: list[tuple[int, int]] = []
        self.connected: list[tuple[float, str]] = []
        """When (s, monotonic) ports were connected, and which."""
        self.anchors: list[tuple[int, float]] = []
        """Frames of the file and the times (s, monotonic) at which the server played them, some times a second."""
        self._client = jack.Client("recorder", servername=server, no_start_server=True)
        self.rate = self._client.samplerate
        self._inputs = [self._client.inports.register(name) for name in ("left", "right")]
        self._ring = np.zeros((int(RING_S * self.rate), 2), np.float32)
        self._heard = 0
        self._written = 0
        self._last_frame: int | None = None
        self._closing = threading.Event()
        self._gone = threading.Event()
        self._client.set_shutdown_callback(lambda *_: self._gone.set())
        self._client.set_process_callback(self._process)
        self._client.activate()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._connect, self._write)]
        for thread in self._threads:
            thread.start()

    @property
    def frames(self) -> int:
        """Frames recorded up to now."""
        return self._heard

    def close(self) -> None:
        """End the recording; the file is whole. A server that died is not asked."""
        self._closing.set()
        for thread in self._threads:
            thread.join()
        if not self._gone.is_set():
            self._client.deactivate()
            self._client.close()

    def _process(self, frames: int) -> None:
        now = self._client.last_frame_time
        if not self.anchors or self._heard - self.anchors[-1][0] > ANCHOR_S * self.rate:
            self.anchors.append((self._heard, time.monotonic()))
        if self._last_frame is not None and (skipped := (now - self._last_frame) % (1 << 32)) not in (0, 1 << 31):
            self.missed.append((self._heard, skipped))
        self._last_frame = (now + frames) % (1 << 32)
        start = self._heard % len(self._ring)
        first = min(frames, len(self._ring) - start)
        for side, port in enumerate(self._inputs):
            sound = port.get_array()
            self._ring[start : start + first, side] = sound[:first]
            self._ring[: frames - first, side] = sound[first:]
        self._heard += frames

    def _connect(self) -> None:
        known: set[str] = set()
        while not self._closing.wait(CONNECT_S) and not self._gone.is_set():
            with contextlib.suppress(jack.JackError):
                ports = self._client.get_ports(is_output=True, is_audio=True)
                names = {port.name for port in ports if port.name.startswith(ENGINES)}
                for index, name in enumerate(sorted(names - known)):
                    self._client.connect(name, self._inputs[index % 2])
                    self.connected.append((time.monotonic(), name))
                known = names

    def _write(self) -> None:
        with soundfile.SoundFile(self.path, "w", self.rate, 2, subtype="FLOAT") as file:
            while not self._closing.wait(0.1):
                self._flush(file)
            self._flush(file)

    def _flush(self, file: soundfile.SoundFile) -> None:
        end, size = self._heard, len(self._ring)
        while self._written < end:
            start = self._written % size
            count = min(end - self._written, size - start)
            file.write(self._ring[start : start + count])
            self._written += count


class RecorderProcess:
    """A JackRecorder in a process of its own, so that nothing of its caller's holds it up."""

    def __init__(self, path: Path) -> None:
        self.path = path
        command = [sys.executable, "-m", "benchmarks.jack_recorder", str(path)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def close(self) -> Recorded:
        """End the recording; what is known of it."""
        output, _ = self._process.communicate(timeout=60)
        found = json.loads(output.splitlines()[-1])
        return Recorded(found["rate"], found["frames"], found["anchors"], found["missed"])


@dataclass(frozen=True)
class Recorded:
    """Rate in Hz, frames, what times (s, monotonic) some of them had, and what is missing: (frame, frames)."""

    rate: int
    frames: int
    anchors: list[tuple[int, float]]
    missed: list[tuple[int, int]]

    def time_of(self, frame: int) -> float:
        """Time (s, monotonic) at which the server played a frame of the file."""
        before = max(0, bisect_right(self.anchors, frame, key=lambda anchor: anchor[0]) - 1)
        at, seconds = self.anchors[before]
        return seconds + (frame - at) / self.rate


def main() -> None:
    recorder = JackRecorder(Path(sys.argv[1]))
    sys.stdin.read()
    recorder.close()
    print(json.dumps(asdict(Recorded(recorder.rate, recorder.frames, recorder.anchors, recorder.missed))))
    sys.stdout.flush()
    os._exit(0)  # libjack may hang at exit where its server died


if __name__ == "__main__":
    main()
