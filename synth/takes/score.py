"""A take as a score for the engine without a clock, or as a timeline for one with."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from sirenade.errors import InstrumentError, TakeError
from synth.commands import Command, LoadInstrument
from synth.engine.journal import Eased
from synth.engine.playable import Playable
from synth.engine.synth import CHUNK, LATENCY
from synth.engine.travel import QUANTUM
from synth.instrument import library
from synth.instrument.card import CARD_FILE, MAX_CARD_BYTES, read_card
from synth.instrument.loader import read_part
from synth.offline.score import Score
from synth.offline.timeline import Timeline
from synth.takes.take import Played, Recording, Take

Choose = Callable[[Played | None], Playable | None]


def take_score(take: Take, rate: float, choose: Choose, as_heard: bool = False) -> Score:
    """The score of a take at `rate` Hz; `choose` gives what is to be played for an instrument of the take.

    `as_heard`: what was left out for want of time is left out again.

    At the take's own rate all frames are those of the live engine, so that noise and control grid are the same. At others it
    begins at frame 0, and events keep their times in s.
    """
    state = take.head.state
    beginning = state.beginning(choose(state.instrument), as_heard)
    scale = rate / take.head.rate
    commands: list[tuple[float, Command]] = []
    between: list[tuple[int, Playable | Eased | None]] = []
    if scale != 1.0:
        beginning = replace(beginning, frame=0)
    for at, what in take.events:
        frame = at if scale == 1.0 else (at - state.frame) * scale
        grid = QUANTUM if scale == 1.0 else CHUNK
        if isinstance(what, Eased):
            if as_heard:
                between.append((math.ceil(frame / grid) * grid, what))
        elif isinstance(what, Played | None):
            between.append((math.ceil(frame / grid) * grid, choose(what)))
        else:
            commands.append((frame, what))
    end = take.end.frame if scale == 1.0 else take.frames * scale
    return Score(beginning, tuple(commands), tuple(between), end)


def take_timeline(take: Take, find: Callable[[Played], Path]) -> Timeline:
    """A take for a live engine: its state first, then its events; `find` gives an instrument's place."""
    events: list[tuple[float, Command]] = [(0.0, command) for command in take.head.state.commands()]
    for frame, what in take.events:
        seconds = (frame - take.head.state.frame) / take.head.rate
        if isinstance(what, Played):
            events.append((seconds, LoadInstrument(str(find(what)))))
        elif isinstance(what, Command):
            events.append((seconds, what))
    return Timeline(tuple(events), take.seconds)


def offset(take: Take, recording: Recording) -> int:
    """Sample of a render of the take, at its own rate, at which the first sample of the recording was made."""
    return recording.frame - take.head.state.frame - LATENCY


def find_played(played: Played, say: Callable[[str], None]) -> Path:
    """Where an instrument of a take is: where it lay, or else by its name; `say` is told where it is not the same any more.

    Raises TakeError where there is none.
    """
    for name in (played.path, played.name):
        try:
            path = library.find(name)
            card = read_card(read_part(path, CARD_FILE, MAX_CARD_BYTES), path)
        except (InstrumentError, OSError, ValueError):
            continue
        if card.files != played.files:
            say(f"{path} is not quite the instrument that was played: its files have changed since.")
        return path
    raise TakeError(f"the instrument {played.name} of the take is not at {played.path} any more; name one with --instrument.")
