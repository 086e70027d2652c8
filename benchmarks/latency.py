"""Block times, late blocks and the time from key to sound, by rate, block and voices, in peace and beside others.

Everything is real: the engine process with its device, a client that plays it (with the app's window or without), and a process
that uses a core for itself. Where jackd is installed the device is its dummy driver, with the block as its period; else it is
the silent driver. Block times are the render thread's own, from its histogram. A late block (xrun) is one for which the device
waited in vain. Beside them stands the machine's floor, counted in the same seconds: how often a thread of a high priority,
which does nothing but wake up once a block, did so more than a block late; with two blocks ahead that alone may empty the ring.

`key_to_sound_ms` is from the client's call to the ear, measured through JACK on single notes before the others are held;
`declared_ms` is what the engine says of itself.
"""

import json
import math
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import numpy as np

from sirenade.errors import EngineError
from synth.block_times import percentile
from synth.evaluators import make_playable
from synth.instrument import load
from synth.settings import EngineSettings

PATIENCE_S = 30.0
SETTLE_S = 0.5
STRIKES, STRIKE_EVERY_S = 8, 0.31
AHEAD = 2
HOG = "import numpy as np\nx = np.ones(1 << 20)\nwhile True: np.multiply(x, 1.0000001, out=x)"
"""A process that uses a core, and the caches."""


@dataclass(frozen=True)
class Row:
    """One line of the table. Block times are those of rendering a block; rates per hour are scaled up from what was counted."""

    rate: int
    block: int
    voices: int
    condition: str
    p50_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float
    xruns_per_hour: float
    floor_per_hour: float
    key_to_sound_ms: float | None
    declared_ms: float
    realtime: str


@dataclass(frozen=True)
class Plan:
    """What is measured; `seconds` is the length of each line."""

    rates: tuple[int, ...] = (44100, 48000, 96000)
    blocks: tuple[int, ...] = (64, 128, 256, 512, 1024)
    voices: tuple[int, ...] = (1, 8, 16)
    conditions: tuple[str, ...] = ("quiet", "window", "load", "window and load")
    seconds: float = 10.0


QUICK = Plan(rates=(48000,), blocks=(64, 256, 1024), voices=(8,), conditions=("quiet", "window and load"), seconds=2.0)


def uses_jack() -> bool:
    """Whether the device is a sound server of our own."""
    return shutil.which("jackd") is not None


def measure(plan: Plan, instrument: Path) -> Iterator[Row | str]:
    """Rows, and sentences about what is not as it should be. Raises EngineError where no engine can be had."""
    if not uses_jack():
        yield "jackd is not installed: the device is the silent driver, and the time from key to sound is not measured."
    for rate in plan.rates:
        for block in plan.blocks:
            with ExitStack() as stack:
                server = stack.enter_context(sound_server(rate, block)) if uses_jack() else None
                for condition in plan.conditions:
                    yield from _under(condition, plan, rate, block, instrument, server)


def _under(condition: str, plan: Plan, rate: int, block: int, instrument: Path, server: str | None) -> Iterator[Row | str]:
    settings = EngineSettings(
        driver="auto" if server else "silent", rate=rate, block=block, ahead=AHEAD, midi_inputs=(), virtual_midi=False
    )
    with ExitStack() as stack:
        player = stack.enter_context(Player(settings, instrument, server, window="window" in condition))
        if "load" in condition:
            stack.enter_context(hog())
        floor = stack.enter_context(Floor(block / rate, (AHEAD - 1) * block / rate))
        key_to_sound = heard_ms(player, server, instrument, rate) if server else None
        for voices in plan.voices:
            counted = _count(player, floor, voices, plan.seconds)
            if counted.sounding < voices:
                yield f"{rate} Hz, {block} frames, {condition}: only {counted.sounding} of {voices} notes were left sounding."
            yield replace(
                counted.row(rate, block, voices, condition),
                key_to_sound_ms=None if key_to_sound is None or math.isnan(key_to_sound) else key_to_sound,
            )


@dataclass(frozen=True)
class Counted:
    """What happened within some seconds."""

    counts: np.ndarray
    """Histogram of block times, see synth.block_times."""
    late: int
    seconds: float
    floor_late: int
    floor_seconds: float
    sounding: int
    declared_s: float
    realtime: str

    def row(self, rate: int, block: int, voices: int, condition: str) -> Row:
        """The line of the table, without the time from key to sound."""
        p50, p99, p999, longest = (1000.0 * block / rate * percentile(self.counts, at) for at in (50.0, 99.0, 99.9, 100.0))
        return Row(
            rate,
            block,
            voices,
            condition,
            p50,
            p99,
            p999,
            longest,
            3600.0 * self.late / self.seconds,
            3600.0 * self.floor_late / self.floor_seconds,
            None,
            1000.0 * self.declared_s,
            self.realtime,
        )


def _count(player: "Player", floor: "Floor", voices: int, seconds: float) -> Counted:
    player.ask(f"hold {voices}")
    end = time.monotonic() + PATIENCE_S / 10
    while player.ask("read")["telemetry"]["voices"] != voices and time.monotonic() < end:
        time.sleep(0.02)
    time.sleep(SETTLE_S)
    floor.ask()
    before, begun = player.ask("read"), time.monotonic()
    time.sleep(seconds)
    after, ended = player.ask("read"), time.monotonic()
    below = floor.ask()
    telemetry = after["telemetry"]
    realtime = telemetry["realtime"]
    return Counted(
        np.array(after["counts"], np.uint32) - np.array(before["counts"], np.uint32),
        telemetry["late_blocks"] - before["telemetry"]["late_blocks"],
        ended - begun,
        below["late"],
        below["seconds"],
        telemetry["voices"],
        telemetry["latency_s"],
        realtime if isinstance(realtime, str) else "yes" if realtime else "no",
    )


class Told:
    """A process of ours that answers each line with a line of JSON."""

    def __init__(self, *arguments: str, environment: dict[str, str] | None = None) -> None:
        self._errors = TemporaryDirectory()
        self._log = Path(self._errors.name) / "log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=os.environ | (environment or {}),
            )

    def __enter__(self) -> Self:
        try:
            self._read()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._errors.cleanup()

    def ask(self, line: str = "") -> dict[str, Any]:
        """Its answer to a line. Raises EngineError with its last words where it has ended."""
        assert self._process.stdin
        try:
            print(line, file=self._process.stdin, flush=True)
        except OSError:
            return self._read()
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            self._process.wait(PATIENCE_S)
            said = self._log.read_text(errors="replace").strip().splitlines() or ["it said nothing"]
            raise EngineError(f"a process of the benchmark ended ({said[-1][:200]}).")
        answer: dict[str, Any] = json.loads(line) if line.strip() else {}
        return answer


class Player(Told):
    """benchmarks.player with an engine of its own."""

    def __init__(self, settings: EngineSettings, instrument: Path, server: str | None, *, window: bool) -> None:
        arguments = ["benchmarks.player", settings.model_dump_json(), str(instrument), *(["--window"] if window else [])]
        super().__init__(*arguments, environment=jack_environment(server) if server else None)


class Floor(Told):
    """benchmarks.floor: `ask` gives what it counted since it was asked last."""

    def __init__(self, period_s: float, allowed_s: float) -> None:
        super().__init__("benchmarks.floor", repr(period_s), repr(allowed_s))


@contextmanager
def hog() -> Iterator[None]:
    """A process that uses a core as long as this lasts."""
    process = subprocess.Popen([sys.executable, "-c", HOG], env=os.environ | {"OMP_NUM_THREADS": "1"})
    try:
        yield
    finally:
        process.kill()
        process.wait()


def jack_environment(server: str) -> dict[str, str]:
    """What makes a process use that server."""
    return {"JACK_DEFAULT_SERVER": server, "JACK_NO_START_SERVER": "1"}


@contextmanager
def sound_server(rate: int, period: int) -> Iterator[str]:
    """A JACK server with the dummy driver, by its name. Raises EngineError where it does not start."""
    name = f"bench{os.getpid()}"
    command = ["jackd", "-n", name, "--port-max", "64", "-d", "dummy", "-r", str(rate), "-p", str(period)]
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, env=os.environ | {"JACK_NO_AUDIO_RESERVATION": "1"}, **quiet)
    try:
        waited = subprocess.run(["jack_wait", "-s", name, "-w", "-t", "10"], check=False, timeout=20, **quiet)
        if waited.returncode or process.poll() is not None:
            raise EngineError(f"jackd did not start at {rate} Hz with a period of {period} frames.")
        yield name
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for left in Path("/dev/shm").glob(f"*{name}*"):
            left.unlink(missing_ok=True)


def heard_ms(player: Player, server: str, instrument: Path, rate: int) -> float:
    """Median ms from striking a key to its sound, what the instrument takes to set in not counted; NaN where none was heard."""
    from benchmarks.ear import Ear, own_delay
    from benchmarks.player import STRUCK

    ear = Ear(server)
    try:
        to_the_ear = ear.playback_latency_s
        time.sleep(SETTLE_S)
        struck = []
        for _ in range(STRIKES):
            struck.append(player.ask("strike")["time"])
            time.sleep(STRIKE_EVERY_S)
    finally:
        ear.close()
    own = own_delay(make_playable(load(instrument), rate), rate, STRUCK)
    return 1000.0 * float(np.nanmedian([ear.onset(moment) for moment in struck]) - own + to_the_ear)
