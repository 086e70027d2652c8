"""Where the LFOs and the beat are: the integral of their rates, followed from the engine's beginning as the engine does it."""

from PySide6.QtCore import QObject

from synth.telemetry import Telemetry
from ui.sound.pictures import division_seconds
from ui.state.session import Session

LFOS = ("lfo1", "lfo2")


class MotionClock(QObject):
    """`turns` of each LFO whose notes move together, `beats`, and the `tempo` that things follow now."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._frame: int | None = None
        self._began = 0
        self.tempo = session.patch.parameter("tempo")
        self.turns = dict.fromkeys(LFOS, 0.0)
        self.beats = 0.0
        session.measured.connect(self._measure)

    def _measure(self, now: Telemetry) -> None:
        patch = self._session.patch
        self.tempo = now.tempo if now.clock else patch.parameter("tempo")
        if now.rate <= 0.0:
            return
        # an engine that took another one's place goes on where that was, and counts its frames anew
        before = 0 if self._frame is None or self._frame > now.frame else self._frame
        passed = (now.frame - before) / now.rate
        self._frame = now.frame
        if now.beat_began != self._began:
            self._began = now.beat_began
            if now.beat_began:
                self._begin((now.frame - now.beat_began) / now.rate - passed)
        for name in LFOS:
            own = 1.0 / patch.parameter(f"{name}_rate")
            self.turns[name] += passed / division_seconds(patch.parameter(f"{name}_division"), self.tempo, own)
        self.beats += passed * self.tempo / 60.0

    def _begin(self, seconds: float) -> None:
        """A MIDI clock began the beat so many seconds before the reading of which `_measure` adds what has passed since."""
        self.beats = seconds * self.tempo / 60.0
        for name in LFOS:
            division = self._session.patch.parameter(f"{name}_division")
            if division:
                self.turns[name] = seconds / division_seconds(division, self.tempo, 1.0)


def clock_of(session: Session) -> MotionClock:
    """The session's one clock."""
    found = session.findChild(MotionClock)
    return found if isinstance(found, MotionClock) else MotionClock(session)
