"""Opens the instruments that a render needs, each once."""

from collections.abc import Callable
from pathlib import Path

from sirenade.errors import InstrumentError, TakeError
from synth import evaluators
from synth.engine.playable import Playable
from synth.evaluators.choice import Wanted
from synth.instrument import library, load
from synth.offline.score import Score, timeline_score
from synth.offline.timeline import Timeline
from synth.takes.score import find_played, take_score
from synth.takes.take import Played, Take

OWN: tuple[Wanted, ...] = ("native", "onnx")
"""Evaluators by the first word of their names."""


class Workshop:
    """Makes scores at `rate` Hz with one `evaluator`; `only` names an instrument that plays everything.

    Without an `evaluator` instruments of a take keep theirs, where this machine has it.
    """

    def __init__(self, rate: int, evaluator: Wanted | None, only: str | None, say: Callable[[str], None]) -> None:
        self._rate = rate
        self._evaluator = evaluator
        self._only = only
        self._say = say
        self._playables: dict[Path, Playable] = {}

    def midi_score(self, timeline: Timeline) -> Score:
        """The score of a MIDI file."""
        return timeline_score(timeline, self._get(library.find(self._only) if self._only else library.default()), self._rate)

    def take_score(self, take: Take, as_heard: bool) -> Score:
        """The score of a take; see synth.takes.score. Raises TakeError where an instrument of it is missing."""
        if not self._only and not take.instruments():
            raise TakeError("no instrument plays in this take; name one with --instrument.")
        only = self._get(library.find(self._only)) if self._only else None
        return take_score(take, self._rate, lambda played: only or (self._find(played) if played else None), as_heard)

    def names(self) -> str:
        """The instruments that play, and their evaluators."""
        return ", ".join(f"{each.card.name} ({each.evaluator.name})" for each in self._playables.values())

    def _find(self, played: Played) -> Playable:
        return self._get(
            find_played(played, self._say), next((each for each in OWN if played.evaluator.startswith(each)), "auto")
        )

    def _get(self, path: Path, own: Wanted = "auto") -> Playable:
        path = path.resolve()
        if path not in self._playables:
            instrument, wanted = load(path), self._evaluator or own
            try:
                playable = evaluators.make_playable(instrument, self._rate, evaluator=wanted)
            except InstrumentError:
                if self._evaluator or own == "auto":
                    raise
                playable = evaluators.make_playable(instrument, self._rate)
                self._say(
                    f"{playable.card.name} was played by {own}, which this machine lacks; here by {playable.evaluator.name}."
                )
            self._playables[path] = playable
        return self._playables[path]
