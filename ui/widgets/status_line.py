"""The status line: where the sound goes, what comes in, and how hard the engine works for it."""

import time

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget
from typing_extensions import override

from synth.telemetry import Telemetry
from ui import theme
from ui.seeing.block_meter import BlockMeter
from ui.seeing.lamps import Lamp, VoiceLights
from ui.state.session import Session
from ui.text import tr

LARGEST_BLOCK = 4096
"""Frames; larger ones are heard as a delay and cure nothing that this one does not."""
REALTIME = {"fifo": "real-time", "rtkit": "real-time (rtkit)"}
LEAST_WIDTH = 480
"""Pixels, once all is left out that can be."""
BUSY, FULL = 0.70, 0.90
"""Loads from which the bar turns amber and red."""


class LoadBar(QWidget):
    """Share of each block's time that rendering takes; the tick is the recent peak."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._load = self._peak = 0.0
        self.setAccessibleName(tr("Engine load"))

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
    """One row of small facts and lights."""

    larger_block_asked = Signal()
    """The player wants larger blocks, for drop-outs were heard."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.output = self._label(self.tr("Where the sound goes: device, rate and block"))
        self.latency = self._label(self.tr("From a key to its sound"))
        self.midi = self._label(self.tr("MIDI inputs"))
        self.midi_lamp, self.osc_lamp = Lamp(self.tr("MIDI comes in")), Lamp(self.tr("OSC comes in"))
        self.osc = self._label(self.tr("Open Sound Control"))
        self.lights = VoiceLights()
        self.load = self._label(self.tr("Share of the time that rendering takes, and what 99 of 100 blocks stay below"))
        self.bar = LoadBar()
        self.xruns = self._button()
        self.realtime = self._label(self.tr("Whether the engine has real-time priority"))
        self._blocks = BlockMeter()
        self._p99 = 0.0
        self._lost = self._forgiven = 0
        self._dispensable = (self.realtime, self.bar, self.latency, self.osc, self.midi, self.load)
        """The first of them goes first."""
        self._fitted: tuple[int, ...] = ()
        self._lay_out()
        self.xruns.clicked.connect(self._ask_for_larger_blocks)
        self.show_waiting(self.tr("Starting the engine\u2026"))

    def watch(self, session: Session) -> None:
        """Let the lights follow the session, and a click on the drop-outs double its block."""

        def enlarge() -> None:
            block = min(2 * session.settings.block, LARGEST_BLOCK)
            session.apply_settings(session.settings.model_copy(update={"block": block}))

        def follow(now: Telemetry) -> None:
            self._p99 = self._blocks.take(session.link.block_times(), time.monotonic())
            self.show_lights(now, session.settings.polyphony)

        session.measured.connect(follow)
        self.larger_block_asked.connect(enlarge)

    def show_lights(self, now: Telemetry, polyphony: int) -> None:
        """What flashes, at the display's pace."""
        self.midi_lamp.show_count(now.midi_events)
        self.osc_lamp.show_count(now.osc_events)
        self.lights.show_voices(now.voices, polyphony)

    def show_waiting(self, text: str) -> None:
        """Before an engine runs, and when there is none."""
        for widget in (*self._dispensable, self.lights, self.midi_lamp, self.osc_lamp, self.xruns):
            widget.hide()
        self._fitted = ()
        self.output.setText(text)

    def show_telemetry(self, now: Telemetry, *, silence_wanted: bool = False) -> None:
        """Write the newest figures; a rate of 0 means that an engine is being started.

        Silence that nobody wanted is a warning.
        """
        if now.rate == 0.0:
            self.show_waiting(self.tr("Starting the engine\u2026"))
            return
        silent = now.driver == "silent"
        place = now.device or now.driver
        if silent:
            place = self.tr("Silent driver") if silence_wanted else self.tr("No sound: silent driver")
        place = place if len(place) < 34 else f"{place[:32]}\u2026"
        figures = self.tr("{0} \u00b7 {1} kHz \u00b7 {2} frames").format(place, f"{now.rate / 1000:g}", now.block)
        self.output.setText(figures)
        theme.tint(self.output, theme.WARNING if silent and not silence_wanted else "")
        self.latency.setText(self.tr("{0} ms latency").format(f"{1000 * now.latency_s:.0f}"))
        self.lights.setToolTip(self.tr("{0} sounding voices, {1} at most so far").format(now.voices, now.peak_voices))
        slowest = 1000.0 * self._p99 * now.block / now.rate
        self.load.setText(self.tr("{0} % \u00b7 p99 {1} ms").format(f"{100 * now.load:.0f}", f"{slowest:.1f}"))
        self.bar.show_load(now.load, now.load_peak)
        self.osc.setText(self.tr("OSC") if now.osc_port else "")
        self.osc.setToolTip(self.tr("Open Sound Control on UDP port {0} of this machine").format(now.osc_port))
        for widget in (self.lights, self.midi_lamp, self.xruns):
            widget.show()
        self.osc_lamp.setVisible(bool(now.osc_port))
        self._show_lost(now)
        self.realtime.setText(self.tr(REALTIME.get(now.realtime, "no real-time priority")))
        self._fit()

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST_WIDTH, super().minimumSizeHint().height())

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Leave out what is missed least where there is no room for all; nothing is cut off."""
        row = self.layout()
        fitted = (self.width(), *(widget.sizeHint().width() for widget in (self.output, self.xruns, *self._dispensable)))
        if fitted == self._fitted or not self.lights.isVisibleTo(self):
            return
        self._fitted = fitted
        for widget in self._dispensable:
            widget.show()
        for widget in self._dispensable:
            if row is None or row.sizeHint().width() <= self.width():
                break
            widget.hide()

    def show_midi(self, names: tuple[str, ...]) -> None:
        """Write the MIDI inputs that are open."""
        first = names[0] + (f" +{len(names) - 1}" if len(names) > 1 else "") if names else self.tr("none")
        self.midi.setText(self.tr("MIDI: {0}").format(first))
        self.midi.setToolTip(self.tr("MIDI inputs: {0}").format(", ".join(names) or self.tr("none")))

    def _show_lost(self, now: Telemetry) -> None:
        lost = now.xruns + now.late_blocks + now.failed_blocks
        self._forgiven = min(self._forgiven, lost)
        self._lost = lost
        self.xruns.setText(self.tr("{0} xruns \u00b7 {1} late").format(now.xruns, now.late_blocks))
        warn = lost > self._forgiven
        theme.tint(self.xruns, theme.WARNING if warn else "")
        larger = min(2 * now.block, LARGEST_BLOCK)
        self.xruns.setEnabled(warn and larger > now.block)
        tip = self.tr("Drop-outs: reported by the device, and blocks that came too late.")
        more = self.tr("Click for blocks of {0} frames instead of {1}: fewer drop-outs, {2} ms more latency.")
        held = 1000.0 * (larger - now.block) / now.rate
        offer = " " + more.format(larger, now.block, f"{held:.0f}") if self.xruns.isEnabled() else ""
        self.xruns.setToolTip(tip + offer)
        self.xruns.setAccessibleDescription(tip + offer)

    def _ask_for_larger_blocks(self) -> None:
        self._forgiven = self._lost
        self.larger_block_asked.emit()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.PAD, 0, theme.PAD, 0)
        row.setSpacing(16)
        row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
        row.addWidget(self.output)
        row.addWidget(self.latency)
        for widgets in ((self.midi_lamp, self.midi), (self.osc_lamp, self.osc)):
            row.addLayout(_together(*widgets))
        row.addStretch(1)
        row.addWidget(self.lights)
        row.addLayout(_together(self.load, self.bar))
        row.addWidget(self.xruns)
        row.addWidget(self.realtime)

    def _button(self) -> QPushButton:
        button = QPushButton()
        button.setProperty("role", "lamp")
        button.setFlat(True)
        button.setFont(theme.font(0.9))
        button.setAccessibleName(self.tr("Drop-outs"))
        return button

    def _label(self, tip: str) -> QLabel:
        label = QLabel()
        label.setProperty("role", "muted")
        label.setFont(theme.font(0.9))
        label.setToolTip(tip)
        return label


def _together(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(6)
    for widget in widgets:
        row.addWidget(widget)
    return row
