"""Right: the pages that shape a sound, each made when it is first turned to."""

from PySide6.QtWidgets import QWidget

from ui.motion.clock import clock_of
from ui.state.session import Session
from ui.text import tr
from ui.widgets.pages import Pages


class ShapingPanel(Pages):
    """Voice, pitch, motion, matrix, effects, cursor, keys, player of MIDI files."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        clock_of(session)  # it counts from the engine's beginning
        self.add_page(tr("Voice"), self._voice)
        self.add_page(tr("Pitch"), self._pitch)
        self.add_page(tr("Motion"), self._motion)
        self.add_page(tr("Matrix"), self._matrix)
        self.add_page(tr("Effects"), self._effects)
        self.add_page(tr("Cursor"), self._cursor)
        self.add_page(tr("Keys"), self._keymap)
        self.add_page(tr("Player"), self._player)

    def _voice(self) -> QWidget:
        from ui.sound.voice import VoicePage

        return VoicePage(self._session)

    def _pitch(self) -> QWidget:
        from ui.sound.pitch import PitchPage

        return PitchPage(self._session)

    def _motion(self) -> QWidget:
        from ui.motion.page import MotionPage

        return MotionPage(self._session)

    def _matrix(self) -> QWidget:
        from ui.motion.matrix import MatrixPage

        return MatrixPage(self._session)

    def _effects(self) -> QWidget:
        from ui.sound.effects import EffectsPage

        return EffectsPage(self._session)

    def _cursor(self) -> QWidget:
        from ui.sound.cursor import CursorPage

        return CursorPage(self._session)

    def _keymap(self) -> QWidget:
        from ui.sound.keymap import KeymapPage

        return KeymapPage(self._session)

    def _player(self) -> QWidget:
        from ui.motion.player import PlayerPage

        return PlayerPage(self._session)
