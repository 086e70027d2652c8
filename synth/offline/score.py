"""A score: what an engine without a clock has to do, in frames of its own rate."""

from collections.abc import Sequence
from dataclasses import dataclass

from synth.commands import Command, SetParameter
from synth.engine.journal import Beginning, Eased
from synth.engine.playable import Playable
from synth.offline.timeline import Timeline
from synth.parameters import OVERSAMPLING, PARAMETERS


@dataclass(frozen=True)
class Score:
    """From a `beginning` at which nothing sounds up to the frame `end`, where all notes are let go."""

    beginning: Beginning
    commands: tuple[tuple[float, Command], ...]
    """With their absolute, fractional frames."""
    between: tuple[tuple[int, Playable | Eased | None], ...]
    """What is done between two blocks: instruments that come, load that is lightened; with frames on the control grid."""
    end: float


def timeline_score(timeline: Timeline, playable: Playable, rate: float) -> Score:
    """A timeline on one instrument, from a new engine's frame 0 on."""
    commands = tuple((seconds * rate, command) for seconds, command in timeline.events)
    return Score(Beginning(0, playable, None, 0.0, 0, 1.0), commands, (), timeline.duration * rate)


def oversampled(score: Score, oversampling: str) -> Score:
    """The same with at most that oversampling (one of parameters.OVERSAMPLING) throughout."""
    name = PARAMETERS["oversampling"].name
    kept = tuple(
        (frame, command)
        for frame, command in score.commands
        if not (isinstance(command, SetParameter) and command.name == name)
    )
    first = SetParameter(name, float(OVERSAMPLING.index(oversampling)))
    return begun_with(Score(score.beginning, kept, score.between, score.end), [first])


def begun_with(score: Score, commands: Sequence[Command]) -> Score:
    """The same with these commands at its beginning."""
    first = tuple((float(score.beginning.frame), command) for command in commands)
    return Score(score.beginning, (*first, *score.commands), score.between, score.end)
