"""`sirenade play`: the engine without a window, played by MIDI keyboards or by a MIDI file against the wall clock."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sirenade.errors import EngineError, InstrumentError
from synth.client import EngineClient
from synth.commands import AllNotesOff, LoadInstrument
from synth.notices import (
    DeviceChanged,
    EngineRestarted,
    InstrumentLoaded,
    InstrumentRefused,
    MidiPortsChanged,
    Notice,
    Problem,
    RecordingFinished,
    TakeFinished,
)
from synth.offline.timeline import Timeline
from synth.telemetry import Telemetry

AHEAD_S = 0.5
"""Commands of a MIDI file are sent this long before they are due; the engine keeps the time."""
LEAD_S = 0.3
TAIL_S = 8.0
"""Longest wait for the last notes to fade."""
POLL_S = 0.02
LOAD_S = 60.0


@dataclass
class Run:
    """What a performance was like."""

    last: Telemetry = field(default_factory=Telemetry)
    loads: list[float] = field(default_factory=list)
    load_peak: float = 0.0

    def add(self, telemetry: Telemetry) -> None:
        """Count a reading."""
        if telemetry.rate:
            self.last = telemetry
            self.load_peak = max(self.load_peak, telemetry.load_peak)
            if telemetry.voices:
                self.loads.append(telemetry.load)

    def rows(self) -> list[tuple[str, str]]:
        """The table: names and values with their units."""
        last = self.last
        mean = sum(self.loads) / len(self.loads) if self.loads else last.load
        return [
            ("instrument", last.instrument or "none"),
            ("evaluator", last.evaluator or "none"),
            ("driver", f"{last.driver}: {last.device}"),
            ("rate", f"{last.rate:.0f} Hz"),
            ("block", f"{last.block} frames"),
            ("peak voices", str(last.peak_voices)),
            ("load", f"{100 * mean:.0f} % (peak {100 * self.load_peak:.0f} %)"),
            ("xruns", str(last.xruns)),
            ("late blocks", str(last.late_blocks)),
            ("failed blocks", str(last.failed_blocks)),
            ("voices shed", str(last.shed_voices)),
            ("latency", f"{1000 * last.latency_s:.1f} ms"),
            ("OSC", f"127.0.0.1:{last.osc_port}" if last.osc_port else "off"),
            ("real-time priority", last.realtime),
        ]


class Performance:
    """Plays on an engine until its end, keeping an eye on it; `say` gets a sentence for the player now and then."""

    def __init__(self, client: EngineClient, say: Callable[[str], None]) -> None:
        self.run = Run()
        self._client = client
        self._say = say

    def load(self, path: Path) -> None:
        """Load an instrument and wait for it. Raises InstrumentError where the engine refuses it."""
        self._client.send(LoadInstrument(str(path)))
        end = time.monotonic() + LOAD_S
        while time.monotonic() < end:
            for notice in self._turn():
                if isinstance(notice, InstrumentLoaded):
                    return
                if isinstance(notice, InstrumentRefused):
                    raise InstrumentError(notice.reason)
        raise EngineError(f"the engine did not load {path} within {LOAD_S:.0f} s; it may be too large for this machine.")

    def live(self, seconds: float | None, stop: Callable[[], bool]) -> None:
        """Let MIDI inputs play, until `stop()` or for `seconds`."""
        end = time.monotonic() + seconds if seconds is not None else None
        while not stop() and (end is None or time.monotonic() < end):
            self._turn()

    def play(self, timeline: Timeline, seconds: float | None, stop: Callable[[], bool], at: Callable[[float], None]) -> None:
        """Play a timeline against the wall clock, then wait for the notes to fade; `at(s)` tells how far it is."""
        begin = time.monotonic() + LEAD_S
        duration = timeline.duration if seconds is None else min(seconds, timeline.duration)
        events = [event for event in timeline.events if event[0] <= duration]
        sent = 0
        while not stop() and (now := time.monotonic()) < begin + duration:
            while sent < len(events) and begin + events[sent][0] < now + AHEAD_S:
                self._client.send(events[sent][1], begin + events[sent][0])
                sent += 1
            self._turn()
            at(max(0.0, now - begin))
        for _, command in events[sent:] if not stop() else ():
            self._client.send(command, begin + duration)
        self._client.send(AllNotesOff())
        end = time.monotonic() + TAIL_S
        quiet_from = time.monotonic() + self._client.telemetry().latency_s + 0.1
        while not stop() and time.monotonic() < end:
            self._turn()
            if time.monotonic() > quiet_from and self._client.telemetry().voices == 0:
                return

    def record(self, path: Path) -> None:
        """Record from now on."""
        self._client.start_recording(path)

    def finish_recording(self) -> None:
        """Finish the recording and wait for its file."""
        self._client.stop_recording()
        self._wait_for((RecordingFinished, Problem))

    def take(self, path: Path) -> None:
        """Write a take from now on."""
        self._client.start_take(path)

    def finish_take(self) -> None:
        """Finish the take and wait for its file."""
        self._client.stop_take()
        self._wait_for((TakeFinished, Problem))

    def _wait_for(self, notices: tuple[type, ...]) -> None:
        end = time.monotonic() + TAIL_S
        while time.monotonic() < end:
            if any(isinstance(notice, notices) for notice in self._turn()):
                return

    def _turn(self) -> list[Notice]:
        notices = self._client.poll()
        for notice in notices:
            if sentence := describe(notice):
                self._say(sentence)
        self.run.add(self._client.telemetry())
        if self._client.pid is None:
            raise EngineError("the engine keeps ending; see above.")
        time.sleep(POLL_S)
        return notices


def describe(notice: Notice) -> str:
    """A notice as a sentence for the terminal; empty where there is nothing to say."""
    match notice:
        case DeviceChanged(reason):
            return reason
        case EngineRestarted(reason):
            return f"The engine was started anew: {reason}."
        case MidiPortsChanged(names):
            return f"MIDI inputs: {', '.join(names) or 'none'}."
        case Problem(text):
            return text
        case TakeFinished(path, seconds):
            return f"Wrote {seconds:.1f} s to {path}."
        case RecordingFinished(path, seconds):
            return f"Recorded {seconds:.1f} s to {path}."
        case _:
            return ""


@contextmanager
def until_told() -> Iterator[Callable[[], bool]]:
    """Yield a function that tells whether Ctrl-C or SIGTERM came; a second one ends at once."""
    came: list[int] = []

    def handle(number: int, _: object) -> None:
        if came:
            raise KeyboardInterrupt
        came.append(number)

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(came)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
