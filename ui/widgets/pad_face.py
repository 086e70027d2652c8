"""What a pad shows: its look, the puck and the way it came, notes, a gesture. Hands are added in ui.widgets.xy_pad."""

import time

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from synth.units import note_name
from ui import theme
from ui.pads.looks import CornersLook, Look
from ui.pads.trail import Trail
from ui.widgets import pad_painter, pad_trail

MARGIN = 16.0
"""Pixels between the widget's edge and the place where the puck's centre can go."""
SAME_PLACE, MOST_TOGETHER = 0.015, 4
"""Share of the pad within which notes share a dot, and how many names stand beside it."""
GLOW_STEP = 0.04
"""Changes of the glow that can be seen."""
Note = tuple[float, float, float]
"""x, y, MIDI note of a sounding voice"""


class PadFace(QWidget):
    """A pad as a picture. (0, 0) is the lower left corner."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look: Look = CornersLook()
        self._place = (0.5, 0.5)
        self._described: tuple[float, float] | None = None
        self._rested = self._place
        self._trail = Trail()
        self._fading = False
        """Whether there was something of the trail at the last tick"""
        self._notes: tuple[Note, ...] = ()
        self._gesture: tuple[tuple[float, float], ...] = ()
        self._glow = 0.0
        self._held = False
        self._pointed = -1
        self._target: int | None = None
        self._backdrop, self._path = pad_painter.Backdrop(), pad_painter.GestureLayer()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def place(self) -> tuple[float, float]:
        """Where the puck is, in 0..1."""
        return self._place

    @property
    def held(self) -> bool:
        """Whether a hand holds the puck."""
        return self._held

    @property
    def pointed(self) -> int:
        """The sound under the pointer, or -1."""
        return self._pointed

    def show_look(self, look: Look) -> None:
        """Look like this from now on."""
        if type(look) is not type(self.look):
            self._trail.clear()  # the way there was another one
        self.look = look
        self._pointed, self._described = -1, None
        self.update()

    def show_place(self, x: float, y: float) -> None:
        """Move the puck without telling anyone."""
        if (x, y) != self._place:
            self._place = (x, y)
            self._trail.add(time.monotonic(), x, y)
            self.update()

    def show_notes(self, notes: tuple[Note, ...]) -> None:
        """Where sounding notes are."""
        if notes != self._notes:
            self._notes = notes
            self.update()

    def show_gesture(self, points: tuple[tuple[float, float], ...]) -> None:
        """The recorded path while it loops; empty: none."""
        if points != self._gesture:
            self._gesture = points
            self.update()

    def show_glow(self, glow: float) -> None:
        """Let the pad breathe with the sound: `glow` in 0..1. Called at each tick of the display."""
        if self._place == self._rested:
            self._describe()
        self._rested = self._place
        fades, faded = self._trail.fades(time.monotonic()), self._fading
        self._fading = fades
        if fades or faded:  # once more when it has gone
            self._glow = glow
            self.update()
        elif abs(glow - self._glow) > GLOW_STEP or (glow == 0.0) != (self._glow == 0.0):
            self._glow = glow
            reach = self._backdrop.reach_px
            self.update(QRectF(-reach, -reach, 2 * reach, 2 * reach).translated(self._to_point(*self._place)).toAlignedRect())

    @override
    def sizeHint(self) -> QSize:
        return QSize(560, 460)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(120, 90)

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)

    def _to_place(self, point: QPointF) -> tuple[float, float]:
        return self.look.place(self._area(), point)

    def _to_point(self, x: float, y: float) -> QPointF:
        return self.look.point(self._area(), x, y)

    def _describe(self) -> None:
        if self._place == self._described:
            return
        self._described = x, y = self._place
        words = self.look.words(x, y)
        place = self.tr("{across:.0f} % across, {up:.0f} % up").format(across=100 * x, up=100 * y)
        self.setAccessibleDescription(f"{place}; {words}" if words else place)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)  # pictures lie on whole pixels: that copies fastest
        frame, area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), self._area()
        ratio = self.devicePixelRatioF()
        self._backdrop.paint(painter, self.look, frame, area, ratio, focused=self.hasFocus())
        place, shade = self._to_point(*self._place), self.look.shade(*self._place)
        self._backdrop.paint_light(painter, place, self._glow)
        self._backdrop.paint_cross(painter, place)
        self._path.paint(painter, self.look, area, self._gesture, ratio)
        way = self._trail.points(time.monotonic())
        pad_trail.paint(painter, self.look.points(area, way[:, :2]), way[:, 2], shade, ratio)
        self.look.paint_near(painter, area, self._place, self._pointed)
        if self._target is not None:
            painter.setBrush(theme.color(theme.CORNERS[self._target], 0.18))
            painter.setPen(QPen(theme.color(theme.CORNERS[self._target]), 2.0))
            painter.drawPath(pad_painter.corner_path(frame, self._target))
        pad_painter.paint_puck(painter, place, shade, self._glow, ratio, held=self._held, focused=self.hasFocus())
        self._paint_notes(painter, area, ratio)

    def _paint_notes(self, painter: QPainter, area: QRectF, ratio: float) -> None:
        """Notes that are not where the hand is; those in one place share a dot."""
        together: dict[tuple[int, int], list[Note]] = {}
        for note in self._notes:
            if abs(note[0] - self._place[0]) + abs(note[1] - self._place[1]) > SAME_PLACE:
                together.setdefault((round(note[0] / SAME_PLACE), round(note[1] / SAME_PLACE)), []).append(note)
        named = len(together) <= pad_painter.MOST_NAMED
        for notes in together.values():
            x, y, first = notes[0]
            names = " ".join(note_name(round(note)) for _, _, note in notes[:MOST_TOGETHER]) if named else ""
            pad_painter.paint_note(painter, self.look.point(area, x, y), round(first), names, ratio)
