"""The session: what is loaded, where the hands are, what sounds. No widget here; widgets listen to its signals."""

import time
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from sirenade.errors import InstrumentError
from synth.commands import LoadInstrument, ModWheel, MovePad, NoteOff, NoteOn, Panic, PitchBend, SetCorner, SetParameter
from synth.instrument.library import Listing, first_choice
from synth.notices import EngineRestarted, InstrumentLoaded, InstrumentRefused, MidiPortsChanged, Notice, Problem
from synth.parameters import PARAMETERS
from synth.settings import EngineSettings
from synth.telemetry import Telemetry
from ui.state import catalog, messages, recording
from ui.state.catalog import Corners, Sounds
from ui.state.computer_keys import ComputerKeys
from ui.state.engine_link import EngineLink
from ui.state.messages import Action, Message
from ui.state.saved import Saved

ECHO_S = 0.25
"""For this long after a hand moved the pad, the engine's own report of its place is older than the hand."""


class Session(QObject):
    """Everything the window shows. Gestures come in as method calls, changes go out as signals."""

    instruments_changed = Signal()
    sounds_changed = Signal()
    """Another instrument's sounds are shown; `sounds` may be None."""
    corners_changed = Signal()
    pad_moved = Signal(float, float)
    parameter_changed = Signal(str, float)
    octave_changed = Signal(int)
    midi_changed = Signal(tuple)
    recording_changed = Signal(bool)
    engine_changed = Signal(bool)
    """Whether an engine runs."""
    measured = Signal(object)
    """The newest Telemetry."""
    said = Signal(object)
    """A Message for the banner."""

    def __init__(self, link: EngineLink, saved: Saved, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.link = link
        self.settings = saved.settings
        self.listings: list[Listing] = []
        self.sounds: Sounds | None = None
        self.corners: Corners = (0, 0, 0, 0)
        self.pad = saved.pad
        self.recording: Path | None = None
        """The file that is being recorded."""
        self.midi: tuple[str, ...] = ()
        """MIDI inputs that are open."""
        self.parameters = {
            name: PARAMETERS[name].clamp(saved.parameters.get(name, PARAMETERS[name].default)) for name in PARAMETERS
        }
        self.keys = ComputerKeys(saved.octave)
        self._kept_corners = dict(saved.corners)
        self._wanted = saved.instrument
        self.loaded = False
        """Whether the engine plays the instrument that is shown."""
        self._in_engine = ""
        self._playing: Sounds | None = None
        self._hand_at = -ECHO_S
        self._engine_pad: tuple[float, float] | None = None
        link.ready.connect(self._engine_ready)
        link.failed.connect(self._engine_failed)
        link.noticed.connect(self._heard)
        link.ticked.connect(self._measure)

    # Instruments and sounds

    def find_instruments(self) -> None:
        """Look for instruments, and choose the last session's, or the one to begin with."""
        self.listings = catalog.listings(self._wanted)
        self.instruments_changed.emit()
        first = first_choice(self.listings)
        if first is None:
            self.sounds = None
            self.sounds_changed.emit()
            return
        for listing in self.listings:
            if listing.card is None and str(listing.path) == self._wanted:
                self.said.emit(Message(messages.sentence(listing.problem), "error"))
        playable = (listing for listing in self.listings if listing.card is not None)
        self.choose(next((listing for listing in playable if listing.path.resolve() == Path(self._wanted).resolve()), first))

    def choose(self, listing: Listing) -> None:
        """Show an instrument's sounds and load it into the engine."""
        if listing.card is None:
            self.said.emit(Message(messages.sentence(listing.problem), "error"))
            return
        try:
            self.sounds = catalog.read_sounds(listing.path, listing.card)
        except InstrumentError as error:
            self.said.emit(Message(messages.sentence(str(error)), "error"))
            return
        self._wanted = str(listing.path)
        self._show_corners()
        self._load()

    def set_corner(self, corner: int, anchor: int) -> None:
        """Put a sound on a corner of the pad."""
        if self.sounds is None or not 0 <= anchor < len(self.sounds.names):
            return
        changed = list(self.corners)
        changed[corner] = anchor
        self.corners = (changed[0], changed[1], changed[2], changed[3])
        self._keep_corners()
        self.link.send(SetCorner(corner, anchor))
        self.corners_changed.emit()

    # Hands

    def move_pad(self, x: float, y: float) -> None:
        """A hand moves the pad."""
        self.pad = (x, y)
        self._hand_at = time.monotonic()
        self.link.send(MovePad(x, y))
        self.pad_moved.emit(x, y)

    def set_parameter(self, name: str, value: float) -> None:
        """A hand turns a parameter."""
        value = PARAMETERS[name].clamp(value)
        self.parameters[name] = value
        self.link.send(SetParameter(name, value))
        self.parameter_changed.emit(name, value)

    def note_on(self, note: int, velocity: float) -> None:
        """A key goes down; velocity in (0, 1]."""
        self.link.send(NoteOn(float(note), velocity))

    def note_off(self, note: int) -> None:
        """A key comes up."""
        self.link.send(NoteOff(float(note)))

    def bend(self, value: float) -> None:
        """The pitch wheel, -1..1."""
        self.link.send(PitchBend(value))

    def modulate(self, value: float) -> None:
        """The modulation wheel, 0..1."""
        self.link.send(ModWheel(value))

    def shift_octave(self, octaves: int) -> None:
        """Move the computer keys by octaves."""
        self.keys.shift(octaves)
        self.octave_changed.emit(self.keys.octave)

    def release_keys(self) -> None:
        """The window lost the keyboard: lift every computer key."""
        for note in self.keys.lift_all():
            self.note_off(note)

    def panic(self) -> None:
        """Silence at once."""
        self.keys.lift_all()
        self.link.send(Panic())

    def toggle_recording(self) -> None:
        """Begin to record the output, or end the recording."""
        if self.recording is not None:
            self.link.record(None)
            self._set_recording(None)
        elif self.link.running:
            try:
                path = recording.new_path(datetime.now(), recording.folder())
            except OSError as error:
                self.said.emit(Message(f"Nothing can be recorded to {recording.folder()}: {error.strerror}.", "error"))
                self.recording_changed.emit(False)
                return
            self.link.record(path)
            self._set_recording(path)
        else:
            self.recording_changed.emit(False)

    def _set_recording(self, path: Path | None) -> None:
        self.recording = path
        self.recording_changed.emit(path is not None)

    # Engine

    def apply_settings(self, settings: EngineSettings) -> None:
        """Start the engine anew with other settings."""
        self.settings = settings
        self._set_recording(None)
        self.link.restart(settings)
        self.engine_changed.emit(False)

    def retry(self) -> None:
        """Try to start the engine again."""
        self.apply_settings(self.settings)

    def saved(self, window: tuple[int, int] | None) -> Saved:
        """This session, to be kept."""
        return Saved(
            settings=self.settings,
            instrument=str(self.sounds.path) if self.sounds else self._wanted,
            corners=self._kept_corners,
            pad=self.pad,
            parameters=self.parameters,
            octave=self.keys.octave,
            window=window,
        )

    def _load(self) -> None:
        if self.sounds is not None and self.link.running:
            self.loaded = False
            self._in_engine = str(self.sounds.path)
            self.link.send(LoadInstrument(self._in_engine))

    def _show_corners(self) -> None:
        if self.sounds is not None:
            self.corners = self.sounds.corners_by_name(self._kept_corners.get(self.sounds.card.name))
        self.sounds_changed.emit()
        self.corners_changed.emit()

    def _go_back(self) -> None:
        """The engine refused what is shown: show and load what it plays, so that a restart finds that, too."""
        if self._playing is not None and self._playing is not self.sounds:
            self.sounds = self._playing
            self._wanted = str(self.sounds.path)
            self._show_corners()
            self._load()

    def _send_corners(self) -> None:
        for corner, anchor in enumerate(self.corners):
            self.link.send(SetCorner(corner, anchor))

    def _keep_corners(self) -> None:
        if self.sounds is not None:
            names = [self.sounds.names[anchor] for anchor in self.corners]
            self._kept_corners[self.sounds.card.name] = (names[0], names[1], names[2], names[3])

    def _engine_ready(self) -> None:
        self.settings = self.link.settings
        self.engine_changed.emit(True)
        for name, value in self.parameters.items():
            self.link.send(SetParameter(name, value))
        self.link.send(MovePad(*self.pad))
        self._hand_at = time.monotonic()
        if self.sounds is not None and str(self.sounds.path) != self._in_engine:
            self._load()
        else:
            self._send_corners()

    def _engine_failed(self, reason: str) -> None:
        self.engine_changed.emit(False)
        self.said.emit(Message(messages.sentence(reason), "error", Action.SETTINGS))

    def _heard(self, notice: Notice) -> None:
        match notice:
            case InstrumentLoaded(path, _) if self.sounds is not None and Path(path) == self.sounds.path:
                self.loaded = True
                self._playing = self.sounds
                self._send_corners()
            case InstrumentRefused(path, _) if path == self._in_engine:
                self._in_engine = ""
                self._go_back()
            case EngineRestarted():
                self._set_recording(None)
            case Problem(text) if self.recording is not None and str(self.recording) in text:
                self._set_recording(None)
            case MidiPortsChanged(names):
                self.midi = names
                self.midi_changed.emit(names)
        message = messages.of_notice(notice)
        if message is not None:
            self.said.emit(message)

    def _measure(self, now: Telemetry) -> None:
        if now.pad != self._engine_pad:
            self._engine_pad = now.pad
            if time.monotonic() - self._hand_at > ECHO_S and now.pad != self.pad:
                self.pad = now.pad
                self.pad_moved.emit(*now.pad)
        self.measured.emit(now)
