"""A real sound server without a sound card: JACK's dummy driver under a server name of its own."""

import os
import signal
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile


@dataclass
class Jack:
    """A running server. `environment` makes processes use it."""

    name: str
    rate: int
    period: int
    process: subprocess.Popen
    log: Path

    @property
    def environment(self) -> dict[str, str]:
        return {"JACK_DEFAULT_SERVER": self.name, "JACK_NO_START_SERVER": "1"}

    def ports(self) -> list[str]:
        result = subprocess.run(["jack_lsp", "-s", self.name], capture_output=True, text=True, timeout=10, check=False)
        return result.stdout.split()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    @contextmanager
    def recording(self, path: Path, seconds: float, client: str = "PortAudio") -> Iterator[subprocess.Popen]:
        """Record the client's two outputs with jack_rec; leaving the block waits for the end."""
        recorder = subprocess.Popen(
            ["jack_rec", "-f", str(path), "-d", f"{seconds:g}", "-b", "32", f"{client}:out_0", f"{client}:out_1"],
            env=os.environ | self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield recorder
            recorder.wait(seconds + 20)
        finally:
            if recorder.poll() is None:
                recorder.kill()
                recorder.wait()


@contextmanager
def jack_server(
    folder: Path, *, rate: int = 48000, period: int = 256, sync: bool = False, name: str | None = None
) -> Iterator[Jack]:
    """Start a dummy server; `sync` waits for its clients (exact), else it keeps real time."""
    name = name or f"sirenade{os.getpid()}{uuid.uuid4().hex[:6]}"
    log = folder / f"{name}.log"
    command = ["jackd", "-n", name, "--port-max", "128", *(["-S"] if sync else [])]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [*command, "-d", "dummy", "-r", str(rate), "-p", str(period)],
            stdout=stream,
            stderr=stream,
            env=os.environ | {"JACK_NO_AUDIO_RESERVATION": "1"},
        )
    try:
        subprocess.run(["jack_wait", "-s", name, "-w", "-t", "10"], check=True, stdout=subprocess.DEVNULL, timeout=15)
        yield Jack(name, rate, period, process, log)
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process.returncode == -signal.SIGKILL:
            _forget(name)
        for left in Path("/dev/shm").glob(f"*{name}*"):
            left.unlink(missing_ok=True)


def forget_the_dead() -> None:
    """Remove the registry of eight servers where none lives: test runs that were killed leave theirs in it.

    Before the first test: once this process has used JACK, its library keeps the registry of that moment mapped.
    """
    commands = (path / "comm" for path in Path("/proc").iterdir() if path.name.isdigit())
    for command in commands:
        with suppress(OSError):
            if command.read_text().startswith("jackd"):
                return
    Path("/dev/shm/jack-shm-registry").unlink(missing_ok=True)


def _forget(name: str) -> None:
    """Take a killed server's entry out of JACK's registry, which has room for eight: only its own successor can do that."""
    command = ["jackd", "-n", name, "--port-max", "16", "-d", "dummy"]
    successor = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait = ["jack_wait", "-s", name, "-w", "-t", "5"]
    subprocess.run(wait, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=15)
    successor.terminate()
    try:
        successor.wait(5)
    except subprocess.TimeoutExpired:
        successor.kill()
        successor.wait()


def read_wav(path: Path) -> tuple[np.ndarray, int]:
    """Frames [n, channels] float32 and rate of a recording."""
    frames, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return frames, rate
