"""A stand-in for synth.client.EngineClient without a process: it records commands and plays sines into its scope."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np

from synth.block_times import no_counts
from synth.commands import Command, LoadInstrument, MovePad, NoteOff, NoteOn, Panic
from synth.notices import InstrumentLoaded, InstrumentRefused, Notice, RecordingFinished
from synth.settings import EngineSettings
from synth.telemetry import Telemetry
from synth.units import note_to_hz

RATE = 48000.0


class FakeClient:
    """Same shape as EngineClient. `sent` holds every command; put notices into `notices` and figures into `figures`."""

    def __init__(self, settings: EngineSettings | None = None) -> None:
        self.settings = settings or EngineSettings()
        self.sent: list[Command] = []
        self.notices: list[Notice] = []
        self.figures: dict = {}
        self.blocks = no_counts()
        self.starts = 0
        self.refuses: dict[str, str] = {}
        self.running = False
        self.closed = False
        self.recorded: Path | None = None
        self.on_start: Callable[[], None] = lambda: None
        self._notes: dict[float, float] = {}
        self._pad = (0.5, 0.5)
        self._frame = 0

    def start(self) -> None:
        self.on_start()
        self.starts += 1
        self.running = True

    def close(self) -> None:
        self.closed = True
        self.running = False

    def restart(self, settings: EngineSettings) -> None:
        self.settings = settings
        self.start()

    def send(self, command: Command, at: float | None = None) -> None:
        self.sent.append(command)
        match command:
            case NoteOn(note, velocity):
                self._notes[note] = velocity
            case NoteOff(note):
                self._notes.pop(note, None)
            case Panic():
                self._notes.clear()
            case MovePad(x, y):
                self._pad = (x, y)
            case LoadInstrument(path):
                answer = InstrumentRefused(path, self.refuses[path]) if path in self.refuses else InstrumentLoaded(path, path)
                self.notices.append(answer)

    def start_recording(self, path: Path) -> None:
        self.recorded = path

    def stop_recording(self) -> None:
        self.notices.append(RecordingFinished(str(self.recorded), 2.5))

    def poll(self) -> list[Notice]:
        notices, self.notices = self.notices, []
        return notices

    @property
    def polled(self) -> Telemetry:
        self._frame += 1600
        peak = 0.2 * math.sqrt(len(self._notes))
        figures = dict(
            frame=self._frame,
            rate=RATE,
            block=256,
            driver="portaudio",
            device="Fake device",
            evaluator="onnx cpu",
            load=0.04 + 0.05 * len(self._notes),
            load_peak=0.08 + 0.06 * len(self._notes),
            voices=len(self._notes),
            peak_voices=8,
            notes=tuple(self._notes),
            peak_left=peak,
            peak_right=peak * 0.9,
            rms=peak / 3,
            latency_s=0.016,
            realtime="fifo",
            pad=self._pad,
        )
        return Telemetry(**(figures | self.figures))

    def block_times(self) -> np.ndarray:
        return self.blocks.copy()

    def scope(self, frames: int) -> np.ndarray:
        seconds = (self._frame - frames + np.arange(frames)) / RATE
        mono = np.zeros(frames)
        for note, velocity in self._notes.items():
            hz = note_to_hz(note)
            for k in range(1, 12):
                mono += 0.12 * velocity / k ** (2.2 - self._pad[0]) * np.sin(2 * np.pi * k * hz * seconds + k)
        return np.repeat(mono[:, None], 2, axis=1).astype(np.float32)

    def of_type(self, kind: type) -> list:
        """The commands of one kind that were sent."""
        return [command for command in self.sent if isinstance(command, kind)]
