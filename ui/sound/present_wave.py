"""The waveform of what the pads make just now, drawn by a helper process while somebody looks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from synth.drawing_client import Drawing, DrawingClient
from synth.presets.patch import Patch
from synth.telemetry import Telemetry
from ui.state.messages import sentence
from ui.state.present import Place, Present
from ui.state.session import Session
from ui.text import tr

Floats = NDArray[np.float64]

POINTS = 360
"""Columns that are asked for: about as many as the panel has at its widest."""


@dataclass(frozen=True)
class Drawn:
    """A wave [N, 2], lowest and highest value of each part; or a sentence why there is none."""

    peaks: Floats
    trouble: str = ""


class PresentWave(QObject):
    """Follows the session from `start` to `stop`; `drawn` gives a Drawn, `moved` the Place that the pads make.

    The helper stays for a while after `stop`, so that who comes back need not wait for it; it ends with the session.
    """

    drawn = Signal(object)
    moved = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._client: DrawingClient | None = None
        self._looking = False
        self._asked = self._old = 0
        """Numbers of the newest question, and of the newest before `stop`."""
        self._present: Present | None = None
        self._place: Place | None = None
        self._answer: Drawing | None = None
        self._stale = False
        session.patch_changed.connect(self._follow)
        session.sounds_changed.connect(self._begin)
        session.measured.connect(self._turn)
        session.closing.connect(self._end)

    def start(self) -> None:
        """Somebody looks."""
        if self._looking:
            return
        self._looking = True
        if self._client is None:
            self._client = DrawingClient(self._take)
            self.destroyed.connect(self._client.close)
        self._begin()

    def stop(self) -> None:
        """Nobody looks any more."""
        self._looking = False
        if self._client is not None:
            self._client.rest()
        self._old = self._asked
        self._present = self._place = self._answer = None

    def _end(self) -> None:
        self.stop()
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _begin(self) -> None:
        if not self._looking or self._client is None:
            return
        sounds, now = self._session.sounds, self._present
        if sounds is None:
            self._present = None
            self.drawn.emit(Drawn(np.zeros((0, 2)), tr("No instrument")))
            return
        if now is None or now.sounds.instrument_latents is not sounds.instrument_latents:
            self._present, self._place = Present(sounds), None
            self._client.open(str(sounds.path))
            self.drawn.emit(Drawn(np.zeros((0, 2)), tr("Drawing …")))
        else:
            now.sounds = sounds
        self._stale = True
        self._look()

    def _follow(self, old: Patch, new: Patch) -> None:
        self._stale = True

    def _turn(self, now: Telemetry) -> None:
        """A tick of the display: ask for what is new, show what has come."""
        if not self._looking:
            return
        self._look()
        answer, self._answer = self._answer, None
        if answer is not None:
            trouble = sentence(answer.error) if answer.error else ""
            self.drawn.emit(Drawn(np.array(answer.peaks, np.float64).reshape(-1, 2), trouble))

    def _look(self) -> None:
        if not self._stale or self._present is None or self._client is None:
            return
        self._stale = False
        self._present.follow(self._session.patch)
        place, before = self._present.place(), self._place
        if before is not None and np.array_equal(place.latent, before.latent) and place.root == before.root:
            return
        self._place = place
        self.moved.emit(place)
        self._asked = self._client.ask(tuple(float(value) for value in place.latent), pitch=place.root, points=POINTS)

    def _take(self, drawing: Drawing) -> None:
        """An answer, on the client's thread: the display's next tick shows it."""
        if drawing.number == 0 or drawing.number > self._old:
            self._answer = drawing
