"""The status line: where the sound goes, and how hard the engine works for it."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget
from typing_extensions import override

from synth.telemetry import Telemetry
from ui import theme

REALTIME = {"fifo": "real-time", "rtkit": "real-time (rtkit)"}
BUSY, FULL = 0.70, 0.90
"""Loads from which the bar turns amber and red."""


class LoadBar(QWidget):
    """Share of each block's time that rendering takes; the tick is the recent peak."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._load = self._peak = 0.0
        self.setAccessibleName("Engine load")

    def show_load(self, load: float, peak: float) -> None:
        """Show mean and peak load as shares of a block."""
        self._load, self._peak = load, peak
        self.setAccessibleDescription(f"{100 * load:.0f} %")
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(76, 8)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(40, 8)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        track = QRectF(0, self.height() / 2 - 3.5, self.width(), 7)
        painter.setBrush(theme.color(theme.RAISED))
        painter.drawRoundedRect(track, 3.5, 3.5)
        shade = theme.DANGER if self._load > FULL else theme.WARNING if self._load > BUSY else theme.ACCENT
        painter.setBrush(theme.color(shade))
        width = track.width() * min(1.0, self._load)
        if width > 1:
            painter.drawRoundedRect(QRectF(0, track.top(), max(7.0, width), 7), 3.5, 3.5)
        painter.setBrush(theme.color(theme.TEXT))
        painter.drawRect(QRectF(min(track.width() - 2, track.width() * min(1.0, self._peak)), track.top(), 2, 7))


class StatusLine(QWidget):
    """One row of small facts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.output = self._label("Where the sound goes: device, rate and block")
        self.latency = self._label("From a key to its sound")
        self.midi = self._label("MIDI inputs")
        self.voices = self._label("Sounding voices, and the most at once so far")
        self.load = self._label("Share of the time that rendering takes: mean and peak")
        self.bar = LoadBar()
        self.xruns = self._label("Drop-outs: reported by the device, and blocks that came too late")
        self.realtime = self._label("Whether the engine has real-time priority")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.PAD, 0, theme.PAD, 0)
        row.setSpacing(20)
        row.addWidget(self.output)
        row.addWidget(self.latency)
        row.addWidget(self.midi)
        row.addStretch(1)
        row.addWidget(self.voices)
        pair = QHBoxLayout()
        pair.setSpacing(8)
        pair.addWidget(self.load)
        pair.addWidget(self.bar)
        row.addLayout(pair)
        row.addWidget(self.xruns)
        row.addWidget(self.realtime)
        self.show_waiting("Starting the engine\u2026")

    def show_waiting(self, text: str) -> None:
        """Before an engine runs, and when there is none."""
        for label in (self.latency, self.midi, self.voices, self.load, self.xruns, self.realtime):
            label.setText("")
        self.output.setText(text)
        self.bar.hide()

    def show_telemetry(self, now: Telemetry, *, silence_wanted: bool = False) -> None:
        """Write the newest figures; a rate of 0 means that an engine is being started.

        Silence that nobody wanted is a warning.
        """
        if now.rate == 0.0:
            self.show_waiting("Starting the engine\u2026")
            return
        silent = now.driver == "silent"
        place = ("Silent driver" if silence_wanted else "No sound: silent driver") if silent else now.device or now.driver
        place = place if len(place) < 34 else f"{place[:32]}\u2026"
        self.output.setText(f"{place} \u00b7 {now.rate / 1000:g} kHz \u00b7 {now.block} frames")
        theme.tint(self.output, theme.WARNING if silent and not silence_wanted else "")
        self.latency.setText(f"{1000 * now.latency_s:.0f} ms latency")
        self.voices.setText(f"{now.voices} voice{'' if now.voices == 1 else 's'} \u00b7 peak {now.peak_voices}")
        self.load.setText(f"{100 * now.load:.0f} %")
        self.bar.show()
        self.bar.show_load(now.load, now.load_peak)
        lost = now.xruns + now.late_blocks + now.failed_blocks
        self.xruns.setText(f"{now.xruns} xruns \u00b7 {now.late_blocks} late")
        theme.tint(self.xruns, theme.WARNING if lost else "")
        self.realtime.setText(REALTIME.get(now.realtime, "no real-time priority"))

    def show_midi(self, names: tuple[str, ...]) -> None:
        """Write the MIDI inputs that are open."""
        self.midi.setText("MIDI: " + (names[0] + (f" +{len(names) - 1}" if len(names) > 1 else "") if names else "none"))
        self.midi.setToolTip("MIDI inputs: " + (", ".join(names) or "none"))

    def _label(self, tip: str) -> QLabel:
        label = QLabel()
        label.setProperty("role", "muted")
        label.setFont(theme.font(0.9))
        label.setToolTip(tip)
        return label
