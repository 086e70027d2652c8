"""A keyboard mapping, .kbm: which key plays which degree of a scale, and what is tuned to which frequency (as Scala has it)."""

import math
from dataclasses import dataclass

from synth.tuning.lines import Line, Lines

KIND = "keyboard mapping (.kbm)"
MOST_KEYS = 2048
MOST_DEGREES = 4096
LAST_KEY = 127
UNMAPPED = "x"
LOWEST_HZ, HIGHEST_HZ = 1e-3, 1e6


@dataclass(frozen=True)
class Mapping:
    """Keys are MIDI notes. Those outside `first` to `last` keep equal temperament."""

    first: int = 0
    last: int = LAST_KEY
    middle: int = 60
    """The key of the first of `degrees`."""
    reference: int = 60
    """The key that is tuned to `hz`."""
    hz: float = 440.0 * 2.0 ** (-9.0 / 12.0)
    octave: int = 0
    """Degree by which the mapping rises from one repetition to the next."""
    degrees: tuple[int | None, ...] = ()
    """Of the keys from `middle` on, again and again; None: silent. Empty: key by key, degree by degree."""

    def degree(self, key: int) -> tuple[int, int] | None:
        """Repetitions and degree of a key; None: it is silent."""
        if not self.degrees:
            return 0, key - self.middle
        turn, place = divmod(key - self.middle, len(self.degrees))
        degree = self.degrees[place]
        return None if degree is None else (turn, degree)


def read_mapping(text: str) -> Mapping:
    """Mapping of a file's text. Raises TuningError, one sentence with the line, for anything else."""
    lines = Lines(text, KIND, blank=False)

    def key(what: str) -> int:
        return lines.next(what).whole(0, LAST_KEY, what)

    size = lines.next("the size of the map").whole(0, MOST_KEYS, "the size of the map")
    first, last = key("the first key"), key("the last key")
    middle, reference = key("the middle key"), key("the reference key")
    hz = _hz(lines.next("the reference frequency"))
    octave = lines.next("the degree of the octave").whole(-MOST_DEGREES, MOST_DEGREES, "the degree of the octave")
    degrees = [_degree(line) for line, _ in zip(lines, range(size), strict=False)]
    degrees += [None] * (size - len(degrees))
    return Mapping(first, last, middle, reference, hz, octave, tuple(degrees))


def _degree(line: Line) -> int | None:
    if line.word.lower() == UNMAPPED:
        return None
    return line.whole(-MOST_DEGREES, MOST_DEGREES, f"what is neither a degree nor {UNMAPPED}")


def _hz(line: Line) -> float:
    try:
        hz = float(line.word)
    except ValueError:
        hz = math.nan
    if not LOWEST_HZ <= hz <= HIGHEST_HZ:
        raise line.error("the reference frequency is no frequency in Hz")
    return hz
