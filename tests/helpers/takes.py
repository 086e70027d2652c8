"""Takes made by hand."""

from collections.abc import Sequence

from synth.parameters import PARAMETERS
from synth.takes.file import end_line, event_line, recording_line, to_line
from synth.takes.take import End, Event, Head, Played, State, Take

DEFAULTS = {name: parameter.default for name, parameter in PARAMETERS.items()}


def make_head(begin: int = 640, rate: float = 48000.0, instrument: Played | None = None, **state) -> Head:
    present = {
        "parameters": DEFAULTS,
        "pad": (1.0, 1.0),
        "corners": (),
        "bends": (0.0,) * 16,
        "wheel": 0.0,
        "pedals": (False,) * 16,
        "vibrato_phase": 0.0,
        "notes_begun": 0,
        "limiter_gain": 1.0,
        "factor_cap": 8,
    }
    return Head(
        rate=rate,
        block=256,
        polyphony=16,
        begun=begin,
        left_out=0,
        state=State(frame=begin, instrument=instrument, **(present | state)),
    )


def make_take(events: Sequence[Event], begin: int = 640, end: int | None = None, **head) -> Take:
    last = int(max([begin, *(frame for frame, _ in events)])) + 1
    return Take(make_head(begin, **head), tuple(events), (), End(frame=end or last, events=len(events), shed=0, failed=0))


def to_bytes(take: Take) -> bytes:
    """The file."""
    lines = [to_line(take.head.model_dump(mode="json")), *(event_line(*event) for event in take.events)]
    return b"".join([*lines, *map(recording_line, take.recordings), end_line(take.end)])
