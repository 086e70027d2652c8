"""The drawing process: `python -m synth.drawing INSTRUMENT`, started by synth.drawing_client alone.

It reads a JSON object a line and answers in such lines. {"instrument": PATH} changes the instrument; {"latent": [...], "pitch",
"velocity", "start", "seconds", "points", "number"} asks for a picture, of which only the newest is drawn. Answers are
{"number", "peaks", "start", "seconds", "duration", "loop"}, or {"number", "error": a sentence}. It ends with its input.
"""

import contextlib
import json
import os
import sys
import threading
from dataclasses import asdict
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sirenade.errors import SirenadeError
from synth.drawing.waveform import View, Waveform
from synth.instrument import library, load

POLITE = 19
LONGEST_LINE = 1 << 20


class Ask(BaseModel):
    """One line of input: an instrument, a latent, or both."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    number: int = 0
    instrument: Annotated[str, Field(max_length=4096)] = ""
    latent: Annotated[tuple[Annotated[float, Field(ge=-1e6, le=1e6)], ...], Field(max_length=65536)] = ()
    pitch: Annotated[float, Field(ge=0.0, le=127.0)] = 60.0
    velocity: Annotated[float, Field(ge=0.0, le=1.0)] = 1.0
    start: Annotated[float, Field(ge=0.0, le=3600.0)] = 0.0
    seconds: Annotated[float, Field(ge=0.0, le=3600.0)] = 0.0
    points: Annotated[int, Field(ge=1, le=4096)] = 400

    def view(self) -> View:
        """What is to be drawn."""
        return View(self.latent, self.pitch, self.velocity, self.start, self.seconds, self.points)


class Desk:
    """Takes what is asked for from one thread, and draws in another."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._instrument = ""
        self._newest: Ask | None = None
        self._wrong: list[dict[str, object]] = []
        self._ended = False
        self._waveform: Waveform | None = None

    def read(self) -> None:
        """Read lines until there are no more; then the process ends."""
        while line := sys.stdin.buffer.readline(LONGEST_LINE):
            self.take(line)
        os._exit(0)  # at once, even in the middle of a picture

    def take(self, line: bytes) -> None:
        """One line of input."""
        with self._changed:
            try:
                ask = Ask.model_validate_json(line)
            except ValidationError as error:
                self._wrong.append({"number": 0, "error": f"this cannot be drawn: {error.errors()[0]['msg']}."})
            else:
                self._instrument = ask.instrument or self._instrument
                self._newest = ask if ask.latent else self._newest
            self._changed.notify()

    def answer(self) -> list[dict[str, object]]:
        """Wait for something to do, do it, and return what there is to say."""
        with self._changed:
            self._changed.wait_for(lambda: self._wrong or self._instrument or self._newest)
            wrong, self._wrong = self._wrong, []
            instrument, self._instrument = self._instrument, ""
            ask, self._newest = self._newest, None
        try:
            if instrument:
                self._waveform = None
                self._waveform = Waveform(load(library.find(instrument)))
            return wrong + ([self._draw(ask)] if ask else [])
        except SirenadeError as error:
            return [*wrong, {"number": ask.number if ask else 0, "error": str(error)}]
        except Exception as error:  # whatever a graph does, the next picture must come
            return [*wrong, {"number": ask.number if ask else 0, "error": f"this cannot be drawn: {error}."}]

    def _draw(self, ask: Ask) -> dict[str, object]:
        if self._waveform is None:
            return {"number": ask.number, "error": "no instrument is open to draw."}
        if len(ask.latent) != self._waveform.latent_size:
            return {
                "number": ask.number,
                "error": f"the latent has {len(ask.latent)} numbers, not {self._waveform.latent_size}.",
            }
        return {"number": ask.number, **asdict(self._waveform.draw(ask.view()))}


def main() -> None:
    """Draw until standard input ends."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(POLITE)
    desk = Desk()
    if len(sys.argv) > 1:
        desk.take(Ask(instrument=sys.argv[1]).model_dump_json().encode())
    threading.Thread(target=desk.read, daemon=True).start()
    try:
        while True:
            for answer in desk.answer():
                sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()
    except (OSError, KeyboardInterrupt):  # nobody reads any more
        os._exit(0)


if __name__ == "__main__":
    main()
