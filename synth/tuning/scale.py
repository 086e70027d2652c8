"""A scale, .scl: the pitches of a period above a first one that is not written (the Scala scale file format, Op de Coul)."""

import math
import re
from dataclasses import dataclass

from synth.tuning.lines import Line, Lines

KIND = "scale (.scl)"
MOST_NOTES = 4096
MOST_CENTS = 1e5
_CENTS = re.compile(r"[+-]?(\d+\.\d*|\.\d+)", re.ASCII)
_RATIO = re.compile(r"(\d{1,200})(?:/(\d{1,200}))?", re.ASCII)


@dataclass(frozen=True)
class Scale:
    """Pitches in cents above the first: `steps` begins with 0, `period` is where the scale begins again."""

    description: str
    steps: tuple[float, ...]
    period: float

    def cents(self, degree: int) -> float:
        """Pitch of any degree, of other periods as well."""
        periods, step = divmod(degree, len(self.steps))
        return periods * self.period + self.steps[step]


EQUAL = Scale("12-tone equal temperament", tuple(100.0 * step for step in range(12)), 1200.0)


def read_scale(text: str) -> Scale:
    """Scale of a file's text. Raises TuningError, one sentence with the line, for anything else."""
    lines = Lines(text, KIND, blank=True)
    description = lines.next("its description").text.strip()
    counted = lines.next("the number of its notes")
    count = counted.whole(0, MOST_NOTES, "the number of notes")
    if count == 0:
        raise counted.error("a scale of one pitch cannot be played; it needs a note for its period")
    pitches = [_cents(lines.next(f"note {number} of {count}")) for number in range(1, count + 1)]
    return Scale(description, (0.0, *pitches[:-1]), pitches[-1])


def _cents(line: Line) -> float:
    """Pitch in cents: a number with a point is in cents, others are ratios."""
    word = line.word
    if _CENTS.fullmatch(word):
        cents = float(word)
    elif (ratio := _RATIO.fullmatch(word)) and int(ratio[1]) and (ratio[2] is None or int(ratio[2])):
        cents = 1200.0 * (math.log2(int(ratio[1])) - math.log2(int(ratio[2] or 1)))
    else:
        raise line.error("there is no pitch, such as 100.0 (in cents) or 3/2")
    if abs(cents) > MOST_CENTS:
        raise line.error("the pitch is too far away")
    return cents
