"""An hour of playing at a high load, with all that happens on a stage: `python -m benchmarks.soak --minutes 60 --out DIR`.

A player changes notes, pad, parameters and instruments; as many voices sound as take the wanted share of the engine's time.
JACK servers (dummy driver) of three rates follow one another: the engine is handed over, or its server is killed under it; now
and then the engine is killed itself, and its block changes. All that the servers play is recorded and searched for breaks, each
of which has to be explained; a thread that does nothing (benchmarks.wakes) shows beside it how late the machine is by itself.
Writes soak.md, soak.csv and soak.png to DIR.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import psutil

from benchmarks.clicks import Break, find_breaks
from benchmarks.jack_recorder import Recorded, RecorderProcess
from benchmarks.recovery import start_jack
from benchmarks.soak_record import Event, Sample, Soak
from benchmarks.wakes import Floor
from sirenade import paths
from synth.client import EngineClient
from synth.commands import LoadInstrument, ModWheel, MovePad, NoteOff, NoteOn, PitchBend, SetCorner, SetParameter
from synth.instrument import library
from synth.notices import DeviceChanged, EngineRestarted, Notice, Problem
from synth.settings import EngineSettings
from synth.telemetry import Telemetry

RATES = (48000, 44100, 96000)
INSTRUMENTS = ("orchestra", "small-objects")
BLOCKS = (256, 512)
POLYPHONY = 64
POLL_S = 0.033
SAMPLE_S = 5.0
SETTLE_S = 2.0
LIVES_PER_KILL = 4
"""Every so many servers' lives the engine is killed once, and another one ends with its server's death."""
FLOOR_MS = 5.0


class Player:
    """Plays at random, with as many voices as take `share` of the engine's time."""

    def __init__(self, client: EngineClient, share: float, seed: int = 1) -> None:
        self._client = client
        self._share = share
        self._random = random.Random(seed)
        self._held: list[tuple[float, int]] = []
        self._voices: dict[tuple[str, float], float] = {}
        """How many voices an instrument and a rate (Hz) bear."""
        self._next_note = self._next_turn = self._next_count = 0.0
        self._kind = ("", 0.0)

    def turn(self, now: float, telemetry: Telemetry) -> None:
        """Some moves; called as often as the app polls."""
        chance, send = self._random, self._client.send
        kind = telemetry.instrument, telemetry.rate
        wanted = self._voices.setdefault(kind, 2.0)
        if kind != self._kind:
            self._kind, self._next_count = kind, now + SETTLE_S
        if telemetry.rate and now > self._next_count:
            # the load forgets within a second; voices are added one by one, but taken away at once
            wanted *= min(1.1, max(0.7, self._share / max(0.05, telemetry.load)))
            self._voices[kind] = min(POLYPHONY - 8.0, max(1.0, wanted))
            self._next_count = now + SETTLE_S
        if now > self._next_note:
            self._next_note = now + chance.uniform(0.05, 0.3)
            while len(self._held) >= max(1, int(wanted)):
                note, channel = self._held.pop(chance.randrange(len(self._held)))
                send(NoteOff(note, channel))
            for _ in range(min(3, int(wanted) - len(self._held))):
                key = (float(chance.randint(40, 84)), chance.randrange(4))
                if key not in self._held:
                    self._held.append(key)
                    send(NoteOn(key[0], chance.uniform(0.3, 1.0), key[1]))
            send(MovePad(chance.random(), chance.random()))
        if now > self._next_turn:
            self._next_turn = now + chance.uniform(0.5, 2.0)
            send(PitchBend(chance.uniform(-1.0, 1.0), chance.randrange(4)))
            send(ModWheel(chance.random()))
            send(SetCorner(chance.randrange(4), chance.randrange(8)))
            send(SetParameter("width", chance.random()))
            send(SetParameter("release", chance.uniform(0.05, 0.5)))

    def begin(self) -> None:
        """Settings that keep sounds held, below the limiter, and without strokes as sharp as a click."""
        for name, value in (("level", -24.0), ("attack", 0.01), ("cursor", 2.0), ("latent_glide", 0.05)):
            self._client.send(SetParameter(name, value))


class Stage:
    """The whole run: servers, engine, player and watchers."""

    def __init__(self, place: Path, seconds: float, lives: int, share: float) -> None:
        self.soak = Soak()
        self._place = place
        self._life_s = seconds / lives
        self._lives = lives
        self._server = f"soak{os.getpid()}"
        os.environ |= {"JACK_DEFAULT_SERVER": self._server, "JACK_NO_START_SERVER": "1"}
        self._settings = EngineSettings(driver="auto", polyphony=POLYPHONY, virtual_midi=True)
        self._client = EngineClient(self._settings)
        self._player = Player(self._client, share)
        self._next_sample = self._next_instrument = 0.0
        self._instrument = 0
        self._last = Telemetry()
        self._analyses: list[tuple[int, Recorded, Path, subprocess.Popen[bytes]]] = []

    def run(self) -> Soak:
        """Play to the end. The recordings are searched meanwhile, by processes that yield to everything."""
        soak = self.soak
        floor = Floor(FLOOR_MS, self._place / "floor.csv")
        server = start_jack(self._server, RATES[0], self._place / "jackd.log")
        soak.begun = time.monotonic()
        with self._client:
            self._player.begin()
            for life in range(self._lives):
                server = self._live(life, server)
        soak.ended = time.monotonic()
        server.terminate()
        server.wait()
        soak.floor = floor.close()
        for number, recorded, path, process in self._analyses:
            process.wait()
            for found in json.loads(path.with_suffix(".json").read_text()):
                here = Break(**found)
                soak.breaks.append((recorded.time_of(here.frame), number, here))
        soak.breaks.sort(key=lambda entry: entry[0])
        return soak

    def _live(self, life: int, server: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
        """One server's life; returns the next server."""
        recorder = RecorderProcess(self._place / f"{life}.wav")
        begun = time.monotonic()
        self._play(begun + self._life_s / 2)
        self._settings = self._settings.model_copy(update={"block": BLOCKS[(life + 1) % len(BLOCKS)]})
        self._restart(self._settings)
        if life % LIVES_PER_KILL == 1 and self._client.pid is not None:
            self._play(begun + self._life_s * 0.75)
            self._say("kill", f"engine {self._client.pid}")
            os.kill(self._client.pid, signal.SIGKILL)
        self._play(begun + self._life_s)
        if life + 1 == self._lives:
            self._analyse(life, recorder)
            return server
        rate = RATES[(life + 1) % len(RATES)]
        if life % LIVES_PER_KILL == 3:
            self._say("server killed")
            server.kill()
        else:
            self._restart(self._settings.model_copy(update={"driver": "silent", "rate": rate}))
            self._analyse(life, recorder)
            server.terminate()
        server.wait()
        if life % LIVES_PER_KILL == 3:
            self._analyse(life, recorder)
            self._wait_for_driver("silent")
        server = start_jack(self._server, rate, self._place / "jackd.log")
        if life % LIVES_PER_KILL == 3:
            self._wait_for_driver("jack")
        else:
            self._restart(self._settings)
        return server

    def _play(self, until: float) -> None:
        while (now := time.monotonic()) < until:
            self._turn(now)
            time.sleep(POLL_S)

    def _wait_for_driver(self, name: str) -> None:
        end = time.monotonic() + 60.0
        while self._client.telemetry().driver != name:
            if time.monotonic() > end:
                raise SystemExit(f"the engine did not come to the {name} driver within a minute.")
            self._turn(time.monotonic())
            time.sleep(POLL_S)

    def _restart(self, settings: EngineSettings) -> None:
        self._say("device", f"{settings.driver} {settings.rate or ''} {settings.block}")
        self._client.restart(settings)
        self._say("device changed")

    def _turn(self, now: float) -> None:
        for notice in self._client.poll():
            self._hear(notice)
        telemetry = self._client.telemetry()
        self._compare(telemetry)
        self._player.turn(now, telemetry)
        if now > self._next_instrument:
            self._next_instrument = now + max(5.0, self._life_s / 5)
            self._instrument += 1
            name = INSTRUMENTS[self._instrument % len(INSTRUMENTS)]
            self._say("instrument", name)
            self._client.send(LoadInstrument(str(library.find(name))))
        if now > self._next_sample and telemetry.rate:
            self._next_sample = now + SAMPLE_S
            self._sample(now, telemetry)

    def _hear(self, notice: Notice) -> None:
        if isinstance(notice, (EngineRestarted, DeviceChanged)):
            self._say(type(notice).__name__, notice.reason)
        elif isinstance(notice, Problem):
            self._say("problem", notice.text)

    def _compare(self, now: Telemetry) -> None:
        """Note what was counted since the last look, and how late the engine may be woken."""
        before = self._last if now.frame >= self._last.frame else Telemetry()
        for name in ("late_blocks", "xruns", "failed_blocks", "shed_voices"):
            if (more := getattr(now, name) - getattr(before, name)) > 0:
                self._say(name, str(more))
        if now.block:
            self.soak.blocks += max(0, now.frame - before.frame) / now.block
        if now.rate and (now.rate, now.block) != (self._last.rate, self._last.block):
            ring = 1000.0 * (max(now.block, 256) + now.block) / now.rate
            self.soak.slacks.append((time.monotonic(), ring - self._player._share * 1000.0 * now.block / now.rate))
        self._last = now

    def _sample(self, now: float, telemetry: Telemetry) -> None:
        assert self._client.pid is not None
        try:
            engine, own = psutil.Process(self._client.pid), psutil.Process()
            with engine.oneshot():
                figures = engine.memory_info().rss / 1e6, engine.num_threads(), engine.num_fds()
        except psutil.Error:
            return
        self.soak.samples.append(
            Sample(
                now - self.soak.begun,
                engine.pid,
                telemetry.rate,
                telemetry.block,
                telemetry.instrument,
                telemetry.voices,
                telemetry.load,
                telemetry.late_blocks,
                telemetry.xruns,
                telemetry.failed_blocks,
                telemetry.shed_voices,
                telemetry.factor_cap,
                telemetry.late_commands,
                *figures,
                own.memory_info().rss / 1e6,
                own.num_threads(),
                own.num_fds(),
                len(list(paths.runtime_folder().iterdir())),
                len(list(Path("/dev/shm").glob(f"*{self._server}*"))),
            )
        )

    def _analyse(self, life: int, recorder: RecorderProcess) -> None:
        recorded = recorder.close()
        self.soak.recorded_s += recorded.frames / recorded.rate
        self.soak.missed += [(recorded.time_of(at), 1000.0 * count / recorded.rate) for at, count in recorded.missed]
        command = ["nice", "-n", "19", sys.executable, "-m", "benchmarks.soak", "--search", str(recorder.path)]
        self._analyses.append((life, recorded, recorder.path, subprocess.Popen(command)))

    def _say(self, kind: str, detail: str = "") -> None:
        self.soak.events.append(Event(time.monotonic(), kind, detail))
        print(f"{time.monotonic() - self.soak.begun:8.1f} s  {kind} {detail}", file=sys.stderr, flush=True)


def search(path: Path) -> None:
    """Search a recording, write what was found beside it, keep only what is around breaks, and remove it."""
    import numpy as np
    import soundfile

    breaks = find_breaks(path)
    with soundfile.SoundFile(path) as file:
        reach = file.samplerate // 20
        for number, here in enumerate(breaks[:200]):
            file.seek(max(0, here.frame - reach))
            np.save(path.with_name(f"{path.stem}-{number}.npy"), file.read(2 * reach, dtype="float32", always_2d=True))
    path.with_suffix(".json").write_text(json.dumps([asdict(here) for here in breaks]))
    path.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument(
        "--lives", type=int, default=0, help="servers that follow one another; default: one every three minutes"
    )
    parser.add_argument("--share", type=float, default=0.7, help="of the engine's time that the voices are to take")
    parser.add_argument("--out", type=Path, default=Path())
    parser.add_argument("--keep", type=Path, help="folder for the pieces around breaks")
    parser.add_argument("--search", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.search:
        search(arguments.search)
        return
    from benchmarks.soak_report import write

    for folder in filter(None, (arguments.out, arguments.keep)):
        folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        stage = Stage(
            arguments.keep or Path(place),
            60.0 * arguments.minutes,
            arguments.lives or max(5, int(arguments.minutes / 3)),
            arguments.share,
        )
        soak = stage.run()
    print(write(soak, arguments.out))


if __name__ == "__main__":
    main()
