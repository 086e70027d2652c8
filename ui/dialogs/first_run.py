"""The first steps: hear a chord, connect a keyboard, and a few sentences on the pad. Shown once, then from the menu."""

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QFont, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget
from typing_extensions import override

from synth.devices import Devices, list_devices
from synth.telemetry import Telemetry
from ui import theme
from ui.dialogs.frame import Button, Dialog, note
from ui.state.device_search import DeviceSearch
from ui.state.session import Session
from ui.text import tr
from ui.widgets.choice import Choice
from ui.widgets.panel import Panel

CHORD = (48, 55, 60, 64)
CHORD_MS = 1600
WIDTH = 580


class FirstRunDialog(Dialog):
    """One page of three steps; closing it in any way means that it was seen."""

    def __init__(self, session: Session, parent: QWidget | None = None, look_up: Callable[[], Devices] = list_devices) -> None:
        super().__init__(tr("First steps"), parent)
        self.setFixedWidth(WIDTH)
        self._session = session
        self._events: int | None = None
        self._sounding = False
        word = QLabel(tr("Welcome to Sirenade"))
        word.setFont(theme.font(1.6, QFont.Weight.Light, spacing=2))
        self.body.addWidget(word)
        self._add_sound()
        self._add_keyboard()
        self._add_pad()
        box = self.finish(Button.Close, words=[tr("Start playing")])
        box.button(Button.Close).setDefault(True)
        self._search = DeviceSearch(look_up, self)
        self._search.found.connect(self._show_devices)
        self._search.start()
        session.measured.connect(self._measure)
        session.midi_changed.connect(self._show_inputs)
        self.finished.connect(self._end)
        self._show_inputs(session.midi)

    def _add_sound(self) -> None:
        step = Panel(tr("1  Sound"))
        self.place = QLabel(tr("Looking for the audio device\u2026"))
        self.place.setWordWrap(True)
        self.device = Choice(tr("Output device"), [tr("System default")])
        self.device.setEnabled(False)
        self.device.activated.connect(self._choose)
        self.chord = QPushButton(tr("Play a chord"))
        self.chord.setAccessibleName(tr("Play a test chord"))
        self.chord.setAutoDefault(False)
        self.chord.clicked.connect(self._play)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.device, 1)
        row.addWidget(self.chord)
        step.body.addWidget(self.place)
        step.body.addLayout(row)
        self.trouble = note(tone=theme.WARNING)
        self.trouble.hide()
        step.body.addWidget(self.trouble)
        self.body.addWidget(step)

    def _add_keyboard(self) -> None:
        step = Panel(tr("2  Keyboard"))
        self.inputs = QLabel()
        self.inputs.setWordWrap(True)
        self.playing = note(tr("Play something: this line says when it arrives."))
        step.body.addWidget(self.inputs)
        step.body.addWidget(self.playing)
        text = tr(
            "Plug in a MIDI keyboard: it is opened at once, now and whenever it comes back. "
            "Without one, the letters A to P are piano keys; Z and X change the octave."
        )
        step.body.addWidget(note(text))
        self.body.addWidget(step)

    def _add_pad(self) -> None:
        step = Panel(tr("3  The pad"))
        text = tr(
            "Each corner of the pad holds a sound; drag the dot and you hear what lies between them, also while notes sound. "
            "Click a corner\u2019s name for another sound, or drag one there from the list. "
            "The tabs above the pad have more pads, planes and a map of all sounds; press F1 for all keys."
        )
        step.body.addWidget(note(text))
        self.body.addWidget(step)

    def _measure(self, now: Telemetry) -> None:
        if not now.rate:
            self._say(self.place, tr("Starting the engine\u2026"))
            return
        silent = now.driver == "silent"
        if silent:
            text = tr("There is no sound: no audio device could be opened. Connect one, or choose one below.")
        else:
            text = tr("Sound goes to {device} at {rate:g} kHz, {latency:.0f} ms after a key.").format(
                device=now.device or now.driver, rate=now.rate / 1000.0, latency=1000.0 * now.latency_s
            )
        self._say(self.place, text, theme.WARNING if silent else "")
        self.chord.setEnabled(self._session.loaded)
        if self._events is not None and now.midi_events > self._events:
            self._say(self.playing, tr("Something was played: it arrives."))
        self._events = now.midi_events

    def _show_devices(self, devices: Devices) -> None:
        settings = self._session.settings
        names = list(dict.fromkeys(output.name for output in devices.outputs))
        self.device.offer([tr("System default"), *names])
        chosen = [number for number, name in enumerate(names, 1) if settings.device and settings.device in name]
        self.device.setCurrentIndex(chosen[0] if chosen else 0)
        self.device.setEnabled(bool(names))
        self.trouble.setVisible(bool(devices.audio_problem))
        self._say(self.trouble, devices.audio_problem[:1].upper() + devices.audio_problem[1:], theme.WARNING)

    def _choose(self, number: int) -> None:
        device = self.device.itemText(number) if number else None
        settings = self._session.settings.model_copy(update={"device": device, "driver": "auto"})
        if settings != self._session.settings:
            self._session.apply_settings(settings)

    def _show_inputs(self, names: tuple[str, ...]) -> None:
        text = tr("Open MIDI inputs: {names}").format(names=", ".join(names))
        self._say(self.inputs, text if names else tr("No MIDI keyboard is connected yet."))

    def _play(self) -> None:
        if not self._sounding:
            self._sounding = True
            for note_number in CHORD:
                self._session.note_on(note_number, 0.7)
            QTimer.singleShot(CHORD_MS, self, self._stop)

    def _stop(self) -> None:
        if self._sounding:
            self._sounding = False
            for note_number in CHORD:
                self._session.note_off(note_number)

    def _end(self) -> None:
        self._stop()
        self._search.finish()
        self._session.preferences.change(first_run_done=True)

    def _say(self, label: QLabel, text: str, tone: str = "") -> None:
        """Write a sentence; the dialog grows and shrinks with it."""
        if label.text() != text:
            label.setText(text)
            self._fit()
        theme.tint(label, tone)

    def _fit(self) -> None:
        layout = self.layout()
        assert layout is not None
        layout.activate()
        self.setFixedHeight(layout.totalHeightForWidth(WIDTH))

    @override
    def showEvent(self, event: QShowEvent) -> None:
        self._fit()
        super().showEvent(event)
