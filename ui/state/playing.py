"""The hands on the instrument: keys and wheels, MIDI controllers, gestures, MIDI files, recording."""

import time
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from sirenade.errors import SirenadeError
from synth.commands import Audition, ModWheel, NoteOff, NoteOn, Panic, PitchBend, SetMpe
from synth.notices import InputRange
from synth.presets import edits
from synth.presets.patch import Patch, Route
from synth.routing import MAX_ROUTES
from synth.telemetry import Telemetry
from ui.state import input_ranges, midi_map, recording
from ui.state.computer_keys import ComputerKeys
from ui.state.engine_link import EngineLink
from ui.state.gestures import GestureRecorder
from ui.state.messages import Message, sentence
from ui.state.midi_file import MidiFilePlayer
from ui.state.midi_map import Mapping, MidiMap
from ui.state.preferences import Preferences, PreferenceStore
from ui.state.presets import Presets

AUDITION_NOTE, AUDITION_VELOCITY = 60.0, 0.8
LOOP = 2.0
"""Of the parameter `gesture`."""


class Playing(Presets):
    """What hands do besides editing the patch."""

    closing = Signal()
    """Whatever goes on in the background for this session ends now."""
    octave_changed = Signal(int)
    recording_changed = Signal(bool)
    midi_map_changed = Signal()
    learning_changed = Signal(str)
    """The target that the next controller will move; empty: none."""
    gesture_recording_changed = Signal(bool)
    midi_file_changed = Signal()
    """Another file, or it began or stopped; its position goes with `measured`."""

    def __init__(
        self, patch: Patch, link: EngineLink, preferences: PreferenceStore, octave: int, parent: QObject | None = None
    ) -> None:
        super().__init__(patch, preferences, parent)
        self.link = link
        self.keys = ComputerKeys(octave)
        self.recording: Path | None = None
        """The file that is being recorded."""
        self.learning = ""
        """What the next controller will move."""
        self.midi_file = MidiFilePlayer(link.send)
        self._gesture: GestureRecorder | None = None
        self._controllers = midi_map.Controllers()
        preferences.changed.connect(self._preferences_changed)
        self.patch_changed.connect(self._follow_gesture)

    def close(self) -> None:
        """Nothing goes on after this."""
        self.closing.emit()
        self.midi_file.stop()

    # Keys and wheels

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

    def audition(self, anchor: int = -1, pad: int = 0, x: float = 0.0, y: float = 0.0, on: bool = True) -> None:
        """Let a sound, or a place of a pad, be heard beside all that plays; `on` False ends it."""
        velocity = AUDITION_VELOCITY if on else 0.0
        self.link.send(Audition(anchor, pad, x, y, AUDITION_NOTE, velocity))

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
        if self.midi_file.playing:
            self.stop_midi_file()
        self.link.send(Panic())

    # MIDI controllers

    @property
    def midi_map(self) -> MidiMap:
        """Which controller moves what."""
        return self.preferences.now.midi_map

    def learn(self, target: str) -> None:
        """The next controller that moves will move `target`; empty: none will."""
        if target and not midi_map.is_target(target):
            return
        self.learning = target
        self.learning_changed.emit(target)

    def set_mapping(self, target: str, mapping: Mapping) -> None:
        """Let a controller move a target."""
        self.preferences.change(midi_map=midi_map.with_mapping(self.midi_map, target, mapping))

    def forget(self, target: str) -> None:
        """No controller moves `target` any more."""
        self.preferences.change(midi_map={name: other for name, other in self.midi_map.items() if name != target})

    def set_mpe(self, lower: int, upper: int, semitones: float = 48.0) -> None:
        """MPE zones with so many member channels; the first time, slide and pressure get hold of the first pad."""
        before = self.preferences.now
        self.preferences.change(mpe_lower=lower, mpe_upper=upper, mpe_semitones=semitones)
        if (lower or upper) and not (before.mpe_lower or before.mpe_upper):
            self._route({"slide": ("pad1_y", 0.5), "pressure": ("pad1_x", 0.5)}, self.tr("MPE moves the pad"))

    def set_input_range(self, device: str, semitones: float | None) -> None:
        """Let the pitch wheels of a MIDI input bend so far; None: as far as those of all inputs."""
        self.preferences.change(input_ranges=input_ranges.chosen(self.preferences.now.input_ranges, device, semitones))

    def _input_said(self, said: InputRange) -> None:
        """A MIDI input said how far it bends: remember that for the next time it is there."""
        self.preferences.change(input_ranges=input_ranges.heard(self.preferences.now.input_ranges, said))

    def _preferences_changed(self, before: Preferences, after: Preferences) -> None:
        if before.midi_map != after.midi_map:
            for command in midi_map.commands(before.midi_map, after.midi_map):
                self.link.send(command)
            self.midi_map_changed.emit()
        if _mpe(before) != _mpe(after):
            self.link.send(_mpe(after))
        for command in input_ranges.commands(before.input_ranges, after.input_ranges):
            self.link.send(command)

    def _send_setup(self) -> None:
        """All that an engine must know that is not the patch."""
        for command in midi_map.commands({}, self.midi_map):
            self.link.send(command)
        if self.preferences.now.mpe_lower or self.preferences.now.mpe_upper:
            self.link.send(_mpe(self.preferences.now))
        for command in input_ranges.commands({}, self.preferences.now.input_ranges):
            self.link.send(command)

    def _turn(self, now: Telemetry) -> None:
        """A tick of the display: the MIDI file goes on, and controllers are looked at."""
        if self.midi_file.playing and not self.midi_file.turn():
            self.midi_file_changed.emit()
        times, place = self._controllers.moved(now.controller, now.controller_moves)
        if place is None:
            return
        if self.learning:
            target, self.learning = self.learning, ""
            self.set_mapping(target, Mapping(controller=place[0]))
            self.learning_changed.emit("")
        elif step := self._controllers.steps(self.midi_map, place, now.controller_value, times):
            self.step_preset(step)

    # Gestures

    @property
    def recording_gesture(self) -> bool:
        """Whether the hand's path over the first pad is being recorded."""
        return self._gesture is not None

    def toggle_gesture(self) -> None:
        """Begin to record the hand's path over the first pad, or end it: then it loops."""
        if self._gesture is None:
            self._gesture = GestureRecorder(time.monotonic(), *self.patch.position)
            self.gesture_recording_changed.emit(True)
            return
        gesture, self._gesture = self._gesture, None
        beats = self.patch.parameter("gesture_beats") > 0.0
        points = gesture.finish(time.monotonic(), self.patch.parameter("tempo") / 60.0 if beats else 1.0)
        self.gesture_recording_changed.emit(False)
        if points:
            patch = self.patch.model_copy(update={"gesture": points})
            if not patch.parameter("gesture"):
                patch = edits.with_parameter(patch, "gesture", LOOP)
            self.edit(_routed(patch, {"gesture_x": ("pad1_x", 0.5), "gesture_y": ("pad1_y", 0.5)}), self.tr("Gesture"))

    def _follow_gesture(self, before: Patch, after: Patch) -> None:
        if self._gesture is not None and before.position != after.position:
            self._gesture.add(time.monotonic(), *after.position)

    def _route(self, wanted: dict[str, tuple[str, float]], label: str) -> None:
        self.edit(_routed(self.patch, wanted), label)

    # MIDI files

    def open_midi_file(self, path: Path) -> bool:
        """Take a MIDI file to be played; whether it could be read."""
        try:
            self.midi_file.open(path)
        except SirenadeError as error:
            self.said.emit(Message(sentence(str(error)), "error"))
            return False
        self.midi_file_changed.emit()
        return True

    def play_midi_file(self) -> None:
        """Play it from the beginning."""
        if self.link.running:
            self.midi_file.start()
            self.midi_file_changed.emit()

    def stop_midi_file(self) -> None:
        """Stop it."""
        self.midi_file.stop()
        self.midi_file_changed.emit()

    def toggle_midi_file(self) -> None:
        """Play or stop."""
        if self.midi_file.playing:
            self.stop_midi_file()
        else:
            self.play_midi_file()

    # Recording

    def toggle_recording(self) -> None:
        """Begin to record the output, or end the recording."""
        if self.recording is not None:
            self.link.record(None)
            self._set_recording(None)
        elif self.link.running:
            try:
                path = recording.new_path(datetime.now(), recording.folder(), self.preferences.now.recording_format)
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


def _mpe(preferences: Preferences) -> SetMpe:
    return SetMpe(preferences.mpe_lower, preferences.mpe_upper, preferences.mpe_semitones)


def _routed(patch: Patch, wanted: dict[str, tuple[str, float]]) -> Patch:
    """The patch with rows for these sources, where it has none of them yet and there is room."""
    if any(route is not None and route.source in wanted for route in patch.routes):
        return patch
    for source, (target, depth) in wanted.items():
        row = next((row for row in range(MAX_ROUTES) if patch.route(row) is None), None)
        if row is not None:
            patch = edits.with_route(patch, row, Route(source=source, target=target, depth=depth))
    return patch
