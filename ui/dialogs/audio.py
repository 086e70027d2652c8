"""Audio and MIDI settings. They take effect by starting the engine anew, which takes about a second."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget
from typing_extensions import override

from synth.devices import Devices
from synth.settings import EngineSettings
from ui import theme
from ui.text import tr
from ui.widgets.choice import Choice
from ui.widgets.panel import Heading
from ui.widgets.tick_box import TickBox

DRIVERS = {"auto": "Automatic", "jack": "JACK", "portaudio": "Audio device", "silent": "Silent (no sound)"}
RATES = (44100, 48000, 88200, 96000, 176400, 192000)
BLOCKS = (32, 64, 128, 256, 512, 1024, 2048)
MOST_AHEAD = 16
DEFAULT_DEVICE = "System default"
ALL_INPUTS = "All inputs"
OWN_RATE = "The device's own"


class AudioDialog(QDialog):
    """`chosen` gives the new EngineSettings when they differ from those the dialog was opened with."""

    chosen = Signal(object)

    def __init__(self, settings: EngineSettings, open_ports: Sequence[str], rate: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Audio and MIDI"))
        self.setMinimumWidth(480)
        self._before = settings
        self._device_rate = rate or 48000.0
        self._blocks = sorted({*BLOCKS, settings.block})
        self.driver = Choice(tr("Driver"), [tr(word) for word in DRIVERS.values()])
        self.device = Choice(tr("Output device"), [tr(DEFAULT_DEVICE)], editable=True)
        self.rate = Choice(tr("Rate"), [tr(OWN_RATE), *(f"{rate} Hz" for rate in RATES)], editable=True)
        self.block = Choice(tr("Block"), [tr("{count} frames").format(count=block) for block in self._blocks])
        self.ahead = Choice(tr("Blocks ahead"), [str(blocks) for blocks in range(1, MOST_AHEAD + 1)])
        self.midi = Choice(tr("MIDI inputs"), [tr(ALL_INPUTS)], editable=True)
        self.midi.setToolTip(tr("All inputs, or parts of the names of some, with commas between them"))
        self.use_midi = TickBox(tr("Listen to MIDI"))
        self.virtual = TickBox(tr("Offer a virtual port named Sirenade"))
        self.latency = _note()
        self.trouble = QLabel()
        self.trouble.setWordWrap(True)
        theme.tint(self.trouble, theme.WARNING)
        self.trouble.hide()
        self._lay_out(open_ports)
        self._fill(settings)
        self.block.currentIndexChanged.connect(self._show_latency)
        self.ahead.currentIndexChanged.connect(self._show_latency)
        self.rate.currentTextChanged.connect(self._show_latency)
        self.use_midi.toggled.connect(self.midi.setEnabled)
        self._show_latency()

    def show_devices(self, devices: Devices) -> None:
        """Offer the devices that were found, and say why there are none."""
        self.device.offer([tr(DEFAULT_DEVICE), *dict.fromkeys(output.name for output in devices.outputs)])
        self.midi.offer([tr(ALL_INPUTS), *devices.midi_inputs])
        trouble = [problem[0].upper() + problem[1:] for problem in (devices.audio_problem, devices.midi_problem) if problem]
        self.trouble.setText("\n".join(trouble))
        self.trouble.setVisible(bool(trouble))

    def settings(self) -> EngineSettings:
        """What the dialog says now."""
        device = self.device.currentText().strip()
        return self._before.model_copy(
            update={
                "driver": list(DRIVERS)[self.driver.currentIndex()],
                "device": None if device in ("", tr(DEFAULT_DEVICE)) else device,
                "rate": self._rate(),
                "block": self._blocks[self.block.currentIndex()],
                "ahead": self.ahead.currentIndex() + 1,
                "midi_inputs": self._midi_inputs(),
                "virtual_midi": self.virtual.isChecked(),
            }
        )

    @override
    def accept(self) -> None:
        settings = self.settings()
        if settings != self._before:
            self.chosen.emit(settings)
        super().accept()

    def _fill(self, settings: EngineSettings) -> None:
        self.driver.setCurrentIndex(list(DRIVERS).index(settings.driver))
        self.device.setCurrentText(settings.device or tr(DEFAULT_DEVICE))
        self.rate.setCurrentText(f"{settings.rate} Hz" if settings.rate else tr(OWN_RATE))
        self.block.setCurrentIndex(self._blocks.index(settings.block))
        self.ahead.setCurrentIndex(settings.ahead - 1)
        self.midi.setCurrentText(", ".join(settings.midi_inputs or ()) or tr(ALL_INPUTS))
        self.use_midi.setChecked(settings.midi_inputs != ())
        self.midi.setEnabled(self.use_midi.isChecked())
        self.virtual.setChecked(settings.virtual_midi)

    def _rate(self) -> int | None:
        digits = "".join(letter for letter in self.rate.currentText() if letter.isdigit())
        return min(384000, max(8000, int(digits))) if digits else None

    def _midi_inputs(self) -> tuple[str, ...] | None:
        if not self.use_midi.isChecked():
            return ()
        text = self.midi.currentText().strip()
        return None if text == tr(ALL_INPUTS) else tuple(part.strip() for part in text.split(",") if part.strip()) or None

    def _show_latency(self) -> None:
        rate = self._rate() or self._device_rate
        block = self._blocks[self.block.currentIndex()]
        held = 1000.0 * block * (2 + self.ahead.currentIndex()) / rate
        self.latency.setText(tr("About {held:.0f} ms, plus the device's own delay").format(held=held))

    def _lay_out(self, open_ports: Sequence[str]) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(18)
        form.setVerticalSpacing(9)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(Heading(tr("Audio")))
        form.addRow(tr("Driver"), self.driver)
        form.addRow(tr("Device"), self.device)
        form.addRow(tr("Rate"), self.rate)
        form.addRow(tr("Block"), self.block)
        form.addRow(tr("Blocks ahead"), self.ahead)
        form.addRow("", self.latency)
        form.addRow(Heading(tr("MIDI")))
        form.addRow("", self.use_midi)
        form.addRow(tr("Inputs"), self.midi)
        form.addRow("", self.virtual)
        form.addRow("", _note(tr("Open now: {names}").format(names=", ".join(open_ports) or tr("none"))))
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 20, 22, 20)
        column.setSpacing(14)
        column.addLayout(form)
        column.addWidget(self.trouble)
        column.addWidget(self._buttons())

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.button(QDialogButtonBox.StandardButton.Ok).setText(tr("Apply"))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        for button in buttons.buttons():
            button.setAccessibleName(button.text().replace("&", ""))
        return buttons


def _note(text: str = "") -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "muted")
    label.setWordWrap(True)
    return label
