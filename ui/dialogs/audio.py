"""Audio and MIDI settings. They take effect by starting the engine anew, which takes about a second."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from synth.devices import Devices
from synth.settings import EngineSettings
from ui import theme
from ui.widgets.panel import Heading

DRIVERS = {"auto": "Automatic", "portaudio": "Audio device", "silent": "Silent (no sound)"}
RATES = (44100, 48000, 88200, 96000, 176400, 192000)
BLOCKS = (32, 64, 128, 256, 512, 1024, 2048)
DEFAULT_DEVICE = "System default"
ALL_INPUTS = "All inputs"
OWN_RATE = "The device's own"


class AudioDialog(QDialog):
    """`chosen` gives the new EngineSettings when they differ from those the dialog was opened with."""

    chosen = Signal(object)

    def __init__(
        self,
        settings: EngineSettings,
        open_ports: Sequence[str],
        rate: float,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Audio and MIDI")
        self.setMinimumWidth(460)
        self._before = settings
        self._device_rate = rate or 48000.0
        self.driver = self._combo("Driver", list(DRIVERS.values()), list(DRIVERS).index(settings.driver))
        self.device = self._editable("Output device", DEFAULT_DEVICE, (), settings.device)
        self.rate = self._editable(
            "Rate", OWN_RATE, [f"{rate} Hz" for rate in RATES], f"{settings.rate} Hz" if settings.rate else ""
        )
        blocks = sorted({*BLOCKS, settings.block})
        self.block = self._combo("Block", [f"{block} frames" for block in blocks], blocks.index(settings.block))
        self._blocks = blocks
        self.ahead = QSpinBox()
        self.ahead.setRange(1, 16)
        self.ahead.setValue(settings.ahead)
        self.ahead.setAccessibleName("Blocks ahead")
        self.midi = self._editable("MIDI inputs", ALL_INPUTS, (), ", ".join(settings.midi_inputs or ()) or None)
        self.midi.setToolTip("All inputs, or parts of the names of some, with commas between them")
        self.trouble = QLabel()
        self.trouble.setWordWrap(True)
        self.trouble.setStyleSheet(f"color: {theme.WARNING};")
        self.trouble.hide()
        self.use_midi = QCheckBox("Listen to MIDI")
        self.use_midi.setChecked(settings.midi_inputs != ())
        self.virtual = QCheckBox("Offer a virtual port named Sirenade")
        self.virtual.setChecked(settings.virtual_midi)
        self.latency = QLabel()
        self.latency.setProperty("role", "muted")
        self._lay_out(open_ports)
        self.block.currentIndexChanged.connect(self._show_latency)
        self.ahead.valueChanged.connect(self._show_latency)
        self.rate.currentTextChanged.connect(self._show_latency)
        self.use_midi.toggled.connect(self.midi.setEnabled)
        self.midi.setEnabled(self.use_midi.isChecked())
        self._show_latency()

    def show_devices(self, devices: Devices) -> None:
        """Offer the devices that were found, and say why there are none."""
        self._offer(self.device, DEFAULT_DEVICE, list(dict.fromkeys(output.name for output in devices.outputs)))
        self._offer(self.midi, ALL_INPUTS, list(devices.midi_inputs))
        trouble = [problem[0].upper() + problem[1:] for problem in (devices.audio_problem, devices.midi_problem) if problem]
        self.trouble.setText("\n".join(trouble))
        self.trouble.setVisible(bool(trouble))

    def settings(self) -> EngineSettings:
        """What the dialog says now."""
        device = self.device.currentText().strip()
        return self._before.model_copy(
            update={
                "driver": list(DRIVERS)[self.driver.currentIndex()],
                "device": None if device in ("", DEFAULT_DEVICE) else device,
                "rate": self._rate(),
                "block": self._blocks[self.block.currentIndex()],
                "ahead": self.ahead.value(),
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

    def _rate(self) -> int | None:
        digits = "".join(letter for letter in self.rate.currentText() if letter.isdigit())
        return min(384000, max(8000, int(digits))) if digits else None

    def _midi_inputs(self) -> tuple[str, ...] | None:
        if not self.use_midi.isChecked():
            return ()
        text = self.midi.currentText().strip()
        return None if text == ALL_INPUTS else tuple(part.strip() for part in text.split(",") if part.strip()) or None

    def _show_latency(self) -> None:
        rate = self._rate() or self._device_rate
        block = self._blocks[self.block.currentIndex()]
        held = 1000.0 * block * (1 + self.ahead.value()) / rate
        self.latency.setText(f"About {held:.0f} ms from key to sound, plus the device's own delay.")

    @staticmethod
    def _offer(combo: QComboBox, default: str, names: Sequence[str]) -> None:
        """Fill a list without touching what is chosen."""
        chosen = combo.currentText()
        combo.clear()
        combo.addItems([default, *names])
        combo.setCurrentText(chosen)

    def _lay_out(self, open_ports: Sequence[str]) -> None:
        audio, midi = self._form(), self._form()
        audio.addRow("Driver", self.driver)
        audio.addRow("Device", self.device)
        audio.addRow("Rate", self.rate)
        audio.addRow("Block", self.block)
        audio.addRow("Blocks ahead", self.ahead)
        audio.addRow("", self.latency)
        midi.addRow("", self.use_midi)
        midi.addRow("Inputs", self.midi)
        midi.addRow("", self.virtual)
        heard = QLabel("Open now: " + (", ".join(open_ports) or "none"))
        heard.setProperty("role", "muted")
        heard.setWordWrap(True)
        midi.addRow("", heard)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.button(QDialogButtonBox.StandardButton.Ok).setText("Apply")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        for button in buttons.buttons():
            button.setAccessibleName(button.text().replace("&", ""))
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 18)
        column.setSpacing(theme.GAP)
        for part in (Heading("Audio"), audio, Heading("MIDI"), midi):
            column.addLayout(part) if isinstance(part, QFormLayout) else column.addWidget(part)
        column.addWidget(self.trouble)
        column.addSpacing(4)
        column.addWidget(buttons)

    @staticmethod
    def _form() -> QFormLayout:
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        return form

    @staticmethod
    def _combo(name: str, texts: Sequence[str], current: int) -> QComboBox:
        combo = QComboBox()
        combo.addItems(list(texts))
        combo.setCurrentIndex(current)
        combo.setAccessibleName(name)
        return combo

    def _editable(self, name: str, default: str, texts: Sequence[str], current: str | None) -> QComboBox:
        combo = self._combo(name, [default, *texts], 0)
        combo.setEditable(True)
        combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        combo.setCurrentText(current or default)
        line = combo.lineEdit()
        if line is not None:
            line.setAccessibleName(name)
        return combo
