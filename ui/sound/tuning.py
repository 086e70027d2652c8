"""The tuning dialog: load a scale and a keyboard mapping of Scala's, see what each key plays, go back to equal temperament."""

import math
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QListWidget, QPushButton, QWidget
from typing_extensions import override

from sirenade.errors import SirenadeError
from synth.presets import changes
from synth.presets.patch import Patch, Tuning
from synth.units import note_name, note_to_hz
from ui import theme
from ui.dialogs.frame import Button, Dialog, note
from ui.state import drops
from ui.state.messages import sentence
from ui.state.session import Session
from ui.text import tr
from ui.widgets.screen import Screen

MIDDLE = 60
SHOWN = 13
"""Keys from the middle C up whose pitches the picture shows."""


class ScaleView(Screen):
    """An octave from the middle C: above the line where each key's pitch lies, below it where equal temperament has it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Pitches of an octave of keys"), parent)
        self._places: tuple[float, ...] = ()

    def show_notes(self, notes: tuple[float, ...]) -> None:
        """Show the pitches of the 128 keys; none: equal temperament."""
        known = notes or tuple(map(float, range(128)))
        base = known[MIDDLE] if known[MIDDLE] >= 0.0 else float(MIDDLE)
        sounding = (pitch for pitch in known[MIDDLE : MIDDLE + SHOWN] if math.isfinite(pitch) and pitch >= 0.0)
        self._places = tuple(abs(pitch - base) for pitch in sounding)
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.frame(painter)
        area = self.area().adjusted(6, 0, -6, 0)
        middle = area.center().y()
        painter.setPen(QPen(theme.color(theme.LINE), 1.0))
        painter.drawLine(QPointF(area.left(), middle), QPointF(area.right(), middle))
        widest = max((12.0, *self._places))
        for key in range(SHOWN):
            x = area.left() + area.width() * key / widest
            if x <= area.right() + 1:
                painter.setPen(QPen(theme.color(theme.FAINT), 1.4))
                painter.drawLine(QPointF(x, middle), QPointF(x, middle + 0.3 * area.height()))
        painter.setPen(QPen(theme.color(theme.ACCENT), 2.0))
        painter.setBrush(theme.color(theme.ACCENT))
        for place in self._places:
            x = area.left() + area.width() * place / widest
            painter.drawLine(QPointF(x, middle), QPointF(x, middle - 0.34 * area.height()))
            painter.drawEllipse(QPointF(x, middle - 0.34 * area.height()), 3.0, 3.0)


class TuningDialog(Dialog):
    """What is loaded is heard at once; one step of undo each."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(tr("Tuning"), parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._session = session
        self.name = note()
        self.view = ScaleView()
        self.view.setMinimumHeight(90)
        self.keys = QListWidget()
        self.keys.setAccessibleName(tr("Pitches of the keys"))
        self.keys.setMinimumSize(360, 180)
        self.trouble = note(tone="danger")
        self.scale = QPushButton(tr("Open a scale (.scl) …"))
        self.scale.clicked.connect(lambda: self._ask("scl"))
        self.mapping = QPushButton(tr("Open a mapping (.kbm) …"))
        self.mapping.clicked.connect(lambda: self._ask("kbm"))
        self.remove = QPushButton(tr("Equal temperament"))
        self.remove.clicked.connect(lambda: session.set_tuning(Tuning()))
        line = QHBoxLayout()
        for button in (self.scale, self.mapping, self.remove):
            button.setAutoDefault(False)
            line.addWidget(button)
        for widget in (self.name, self.view):
            self.body.addWidget(widget)
        self.body.addWidget(self.keys, 1)
        self.body.addWidget(self.trouble)
        self.body.addLayout(line)
        self.finish(Button.Close)
        session.patch_changed.connect(self._show_patch)
        self._show()

    def load(self, path: Path) -> bool:
        """Take a .scl or .kbm file; whether it could be used. The other of the two stays as it is."""
        try:
            if path.suffix.lower() not in drops.TUNINGS:
                raise SirenadeError(tr("{name} is neither a .scl nor a .kbm file.").format(name=path.name))
            tuning = drops.read_tuning([path], self._session.patch.tuning)
            changes.notes(tuning)
        except SirenadeError as error:
            self._complain(sentence(str(error)))
            return False
        self._complain("")
        self._session.set_tuning(tuning)
        return True

    def _ask(self, kind: str) -> None:
        titles = {"scl": tr("Open a scale"), "kbm": tr("Open a keyboard mapping")}
        chosen, _ = QFileDialog.getOpenFileName(self, titles[kind], "", f"Scala (*.{kind} *.{kind.upper()})")
        if chosen:
            self.load(Path(chosen))

    def _complain(self, text: str) -> None:
        self.trouble.setText(text)
        self.trouble.setVisible(bool(text))

    def _show_patch(self, old: Patch, new: Patch) -> None:
        if old.tuning != new.tuning:
            self._show()

    def _show(self) -> None:
        tuning = self._session.patch.tuning
        notes = changes.notes(tuning)
        self.name.setText(tuning.name or tr("Equal temperament"))
        self.remove.setEnabled(bool(notes))
        self.view.show_notes(notes)
        self.keys.clear()
        self.keys.ensurePolished()  # else the rows are as low as without the style sheet
        self.keys.addItems([key_text(key, notes[key] if notes else float(key)) for key in range(128)])
        self.keys.setCurrentRow(MIDDLE)
        self.keys.scrollToItem(self.keys.item(MIDDLE), QListWidget.ScrollHint.PositionAtCenter)
        self._complain("")


def key_text(key: int, pitch: float) -> str:
    """`C4    261.63 Hz    +0.0 cents`; a key without a pitch is silent."""
    if not np.isfinite(pitch) or pitch < 0.0:
        return f"{note_name(key)}    " + tr("silent")
    away = f"{100.0 * (pitch - key):+.1f}".replace("-", "\u2212")
    return f"{note_name(key)}    {note_to_hz(pitch):.2f} Hz    " + tr("{cents} cents").format(cents=away)
