"""A take: a performance as the engine carried it out, and the state in which it began. synth.takes.file reads and writes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from sirenade.migrations import Kept, Kind
from synth.commands import Command, Setup
from synth.engine.journal import Beginning, Eased
from synth.engine.modulation.scene import OSCILLATORS
from synth.engine.oversampling import FACTORS
from synth.engine.playable import Playable
from synth.engine.present import Down, Present
from synth.engine.travel import QUANTUM
from synth.protocol import wire

MAX_FRAME = 1 << 50

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Count = Annotated[int, Field(ge=0, le=MAX_FRAME)]
LastNote = Annotated[float, Field(ge=-1024.0, le=1024.0)]
"""MIDI note number of a pitch, tuned and bent"""


def checked_factor(value: int) -> int:
    """An oversampling factor as it is. Raises ValueError where there is no such factor."""
    if value not in FACTORS:
        raise ValueError(f"no oversampling factor; there are {FACTORS}")
    return value


def _setup(values: Mapping[str, Any]) -> Setup:
    command = wire.from_values(values["do"], {name: value for name, value in values.items() if name != "do"})
    if not isinstance(command, Setup):
        raise ValueError(f"{values['do']} sets nothing up")
    return command


def _checked_setup(setup: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
    for values in setup:
        _setup({"do": "", **values})
    return setup


def _checked_phases(phases: tuple[float, ...]) -> tuple[float, ...]:
    if len(phases) not in (0, len(OSCILLATORS) + 1, len(OSCILLATORS) + 3):
        raise ValueError(f"{len(phases)} phases of {len(OSCILLATORS) + 3}")
    return phases


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Played(_Strict):
    """An instrument: where it lay, what it is called, the sha256 of its files, and the evaluator that ran it."""

    path: Annotated[str, Field(max_length=4096)]
    name: Annotated[str, Field(max_length=256)]
    files: Annotated[dict[str, str], Field(max_length=64)]
    evaluator: Annotated[str, Field(max_length=256)]


class Pressed(_Strict):
    """A key that is down: see synth.engine.keys.Down."""

    note: Annotated[float, Field(ge=0.0, le=127.0)]
    velocity: Annotated[float, Field(gt=0.0, le=1.0)]
    channel: Annotated[int, Field(ge=0, lt=16)]
    pressure: Share = 0.0


class State(_Strict):
    """What stood when nothing sounded, at the frame at which the take begins."""

    frame: Annotated[Count, Field(multiple_of=QUANTUM)]
    instrument: Played | None
    parameters: dict[str, float]
    pad: tuple[Share, Share]
    corners: Annotated[tuple[Annotated[int, Field(ge=0, lt=1 << 32)], ...], Field(max_length=16)]
    bends: Annotated[tuple[Annotated[float, Field(ge=-1.0, le=1.0)], ...], Field(max_length=16)]
    wheel: Share
    pedals: Annotated[tuple[bool, ...], Field(max_length=16)]
    vibrato_phase: Share
    notes_begun: Count
    limiter_gain: Share
    factor_cap: Annotated[int, AfterValidator(checked_factor)]
    last_notes: Annotated[tuple[LastNote | None, ...], Field(max_length=16)] = ()
    sostenuto: Annotated[tuple[bool, ...], Field(max_length=16)] = ()
    pressures: Annotated[tuple[Share, ...], Field(max_length=16)] = ()
    slides: Annotated[tuple[Share, ...], Field(max_length=16)] = ()
    down: Annotated[tuple[Pressed, ...], Field(max_length=2048)] = ()
    phases: Annotated[tuple[Annotated[float, Field(ge=-MAX_FRAME, le=MAX_FRAME)], ...], AfterValidator(_checked_phases)] = ()
    setup: Annotated[tuple[dict[str, Any], ...], Field(max_length=4096), AfterValidator(_checked_setup)] = ()
    """Commands as in the lines below, see synth.engine.present."""

    def commands(self) -> list[Command]:
        """Commands that bring an engine with the same instrument to this state."""
        return self._present().commands()

    def beginning(self, playable: Playable | None, as_heard: bool) -> Beginning:
        """For an engine that is to go on exactly from here; see synth.takes.score for `as_heard`."""
        present = self._present() if playable else None
        cap = self.factor_cap if as_heard else FACTORS[-1]
        made = (self.frame, playable, present, self.vibrato_phase, self.notes_begun, self.limiter_gain, cap)
        down = tuple(Down(*(value for _, value in key)) for key in self.down)
        return Beginning(*made, last_notes=self.last_notes, down=down, phases=self.phases)

    def _present(self) -> Present:
        return Present(
            self.frame,
            self.parameters,
            self.pad,
            self.corners,
            self.bends,
            self.wheel,
            self.pedals,
            (),
            self.sostenuto,
            self.pressures,
            self.slides,
            tuple(_setup(values) for values in self.setup),
        )


class Head(_Strict, Kept):
    """The first line. `begun` is the frame at which the take was asked for; it reaches back to the silence before it."""

    KIND: ClassVar = Kind("take", 1)
    format: Literal["sirenade-take"] = "sirenade-take"
    version: Literal[1] = 1
    rate: Annotated[float, Field(ge=8000.0, le=384000.0)]
    block: Annotated[int, Field(ge=16, le=8192)]
    polyphony: Annotated[int, Field(ge=1, le=64)]
    begun: Count
    left_out: Count
    """Notes that sounded at the beginning and are missing, for their history was too long."""
    state: State


class End(_Strict):
    """The last line. `shed` and `failed` count voices and blocks that were not heard when it was played live."""

    frame: Count
    events: Count
    shed: Count
    failed: Count


class Recording(_Strict):
    """A recording of the output made meanwhile: the engine's frame of its first sample."""

    frame: Count
    path: Annotated[str, Field(max_length=4096)]


What = Command | Played | Eased | None
Event = tuple[float, What]
"""Absolute frame, and what was carried out: a command, or an instrument that came (None: the old one went)."""


@dataclass(frozen=True)
class Take:
    """A performance: `events` in the order in which they were carried out."""

    head: Head
    events: tuple[Event, ...]
    recordings: tuple[Recording, ...]
    end: End

    @property
    def frames(self) -> int:
        """Length in frames of the rate at which it was played."""
        return self.end.frame - self.head.state.frame

    @property
    def seconds(self) -> float:
        """Length in s."""
        return self.frames / self.head.rate

    def instruments(self) -> list[Played]:
        """All that play in it, in the order in which they come."""
        played = [self.head.state.instrument, *(what for _, what in self.events if isinstance(what, Played))]
        return [instrument for instrument in played if instrument is not None]


def setup_values(command: Setup) -> dict[str, Any]:
    """A command in the head's `setup`."""
    return {"do": type(command).__name__, **wire.to_values(command)}
