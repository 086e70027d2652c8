"""Begins and ends takes for the host, and knows where the instruments came from."""

import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from sirenade.errors import TakeError
from synth.audio.recorder import Recorder
from synth.audio.render_thread import RenderThread
from synth.engine.playable import Playable
from synth.engine.synth import Synth
from synth.instrument.card import Card
from synth.notices import Notice, Problem, TakeFinished
from synth.takes.take import Played
from synth.takes.writer import Setting, TakeWriter, identity

REMEMBERED = 64
"""Instruments whose places are known: many more than can have come since the last silence."""
PATIENCE_S = 1.0


class Taking:
    """At most one take at a time; `tell` gets what the player should know."""

    def __init__(self, synth: Synth, tell: Callable[[Notice], None]) -> None:
        self._synth = synth
        self._tell = tell
        self._take: TakeWriter | None = None
        self._played: deque[tuple[Card, Played]] = deque(maxlen=REMEMBERED)

    def loaded(self, playable: Playable, path: Path) -> None:
        """Remember where an instrument came from, before the engine gets it."""
        self._played.append((playable.card, identity(playable, path)))

    def start(self, path: Path, setting: Setting, render: RenderThread) -> None:
        """Begin a take with the next block; one that is under way is finished first."""
        self.stop(render)
        try:
            take = TakeWriter(path, setting, self._identity_of)
        except OSError as error:
            self._tell(Problem(f"cannot write the take {path}: {error.strerror}."))
        except TakeError as error:
            self._tell(Problem(str(error)))
        else:
            self._take = take
            render.errands.append(lambda: take.begin(self._synth))

    def stop(self, render: RenderThread) -> None:
        """Finish the take, if there is one."""
        take, self._take = self._take, None
        if take is None:
            return
        self._note(take, render.recording)
        render.errands.append(lambda: take.finish(self._synth))
        end = time.monotonic() + PATIENCE_S
        while not take.finished and not render.ended and time.monotonic() < end:
            time.sleep(0.001)
        if not take.finished:
            take.finish(self._synth)
        take.close()
        if take.error:
            self._tell(Problem(f"the take {take.path} failed: {take.error}."))
        else:
            self._tell(TakeFinished(str(take.path), take.seconds))

    def recorded(self, recorder: Recorder) -> None:
        """Write down that a recording was made while the take went on."""
        if self._take:
            self._note(self._take, recorder)

    def _note(self, take: TakeWriter, recorder: Recorder | None) -> None:
        if recorder is not None and recorder.begun is not None:
            take.note_recording(recorder.path, recorder.begun)

    def _identity_of(self, card: Card | None) -> Played | None:
        return next((played for known, played in reversed(self._played) if card is known), None)
