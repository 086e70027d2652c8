"""Loads one instrument after the other, and plays a note on it: `python -m tests.fuzz.player`.

Each line on its standard input is a folder, an evaluator's name after a tab. Answers `refused` or `played`, with what is wrong
after it. A crash of the process, or no answer, is for the caller to notice.
"""

import sys
import warnings
from pathlib import Path

import numpy as np

from sirenade.errors import InstrumentError
from synth.commands import MovePad, NoteOn
from synth.engine.limiter import CEILING
from synth.engine.synth import Synth
from synth.evaluators import make_playable
from synth.instrument import load


def play(folder: Path, evaluator: str) -> str:
    try:
        playable = make_playable(load(folder), 48000.0, 1, evaluator)
    except InstrumentError as error:
        return "refused" if str(error).count("\n") == 0 else "refused in more than a line"
    synth, out = Synth(48000.0, polyphony=4), np.zeros((256, 2), np.float32)
    synth.set_instrument(playable)
    for command in (MovePad(1.0, 1.0), NoteOn(60.0, 1.0), NoteOn(103.0, 0.5)):
        synth.schedule(command, 0)
    for _ in range(3):
        synth.render(out)
        if not np.isfinite(out).all() or np.abs(out).max() > CEILING * 1.000001:
            return "played what must not be heard"
    return "played"


def main() -> None:
    warnings.simplefilter("ignore")
    answers, sys.stdout = sys.stdout, sys.stderr  # what libraries print is no answer
    for line in sys.stdin:
        folder, evaluator = line.rstrip("\n").split("\t")
        try:
            answer = play(Path(folder), evaluator)
        except Exception as error:
            answer = f"raised {type(error).__name__}: {error}".replace("\n", " ")
        print(answer, file=answers, flush=True)


if __name__ == "__main__":
    main()
