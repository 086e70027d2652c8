"""The session: what is loaded, where the hands are, what sounds. No widget here; widgets listen to its signals."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from typing_extensions import override

from sirenade.errors import SirenadeError
from synth.instrument.library import Listing, first_choice
from synth.notices import (
    EngineRestarted,
    InputRange,
    InstrumentLoaded,
    InstrumentRefused,
    MidiPortsChanged,
    Notice,
    Problem,
    ProgramChanged,
)
from synth.parameters import PARAMETERS
from synth.presets import changes, edits
from synth.presets.patch import Patch, UserAnchor
from synth.settings import EngineSettings
from synth.telemetry import Telemetry
from ui.state import catalog, messages
from ui.state.catalog import Corners, Sounds
from ui.state.engine_link import EngineLink
from ui.state.engine_state import EngineState
from ui.state.followed import Followed
from ui.state.messages import Action, Message
from ui.state.playing import Playing
from ui.state.preferences import PreferenceStore
from ui.state.saved import Saved
from ui.state.taking import Taking

AUDITION_NOTE, AUDITION_VELOCITY = 60.0, 0.8


class Session(Playing):
    """Everything the window shows. Gestures come in as method calls, changes go out as signals."""

    instruments_changed = Signal()
    sounds_changed = Signal()
    """Another instrument's sounds are shown, or the player's own ones changed; `sounds` may be None."""
    corners_changed = Signal()
    """Of any pad."""
    pad_moved = Signal(float, float)
    """The first pad; places of the others are parameters."""
    parameter_changed = Signal(str, float)
    midi_changed = Signal(tuple)
    engine_changed = Signal(bool)
    """Whether an engine runs."""
    measured = Signal(object)
    """The newest Telemetry."""

    def __init__(
        self,
        link: EngineLink,
        saved: Saved,
        parent: QObject | None = None,
        preferences: PreferenceStore | None = None,
    ) -> None:
        super().__init__(saved.patch, link, preferences or PreferenceStore(), saved.octave, parent)
        self._restore(saved.side, saved.preset, saved.other)
        self.settings = saved.settings
        self.listings: list[Listing] = []
        self.sounds: Sounds | None = None
        self.midi: tuple[str, ...] = ()
        """MIDI inputs that are open."""
        self._kept = dict(saved.kept)
        self._base: Sounds | None = None
        self._read: dict[Path, Sounds] = {}
        self._playing = ""
        """What the patch calls the instrument that plays."""
        self._engine = EngineState(link.send)
        self._followed = Followed()
        self.taking = Taking(self, self)
        self.taking.said.connect(self.said)
        link.ready.connect(self._engine_ready)
        link.failed.connect(self._engine_failed)
        link.noticed.connect(self._heard)
        link.ticked.connect(self._measure)

    @property
    def parameters(self) -> dict[str, float]:
        """All parameters by name, in their units."""
        return {name: self.patch.parameter(name) for name in PARAMETERS}

    @property
    def pad(self) -> tuple[float, float]:
        """Place of the first pad."""
        return self.patch.position

    @property
    def corners(self) -> Corners:
        """Numbers of the sounds on the first pad's corners."""
        return self.corners_of(0)

    def corners_of(self, pad: int) -> Corners:
        """Numbers of the sounds on a pad's corners."""
        return changes.corners(self.patch.pads[pad], self.patch, self.sounds) if self.sounds else (0, 0, 0, 0)

    @property
    def loaded(self) -> bool:
        """Whether the engine plays the instrument that is shown."""
        return self._engine.loaded

    # Instruments and sounds

    def find_instruments(self, asked: str = "") -> None:
        """Look for instruments, and choose the one that is asked for, the last session's, or the one to begin with."""
        wanted = asked or self.patch.instrument
        self.listings = catalog.listings(wanted)
        self._read.clear()
        self.instruments_changed.emit()
        listing = catalog.resolve(wanted, self.listings)
        if listing is not None and listing.card is None:
            self.said.emit(Message(messages.sentence(listing.problem), "error"))
            listing = None
        elif listing is None and wanted:
            self.said.emit(Message(self.tr("The instrument {0} is no longer there.").format(wanted), "warning"))
        listing = listing or first_choice(self.listings)
        if listing is None:
            self.sounds = self._base = None
            self.sounds_changed.emit()
        elif self._open(listing):
            name = catalog.name_for(listing, self.listings)
            patch = self.patch if name == self.patch.instrument else self._on(listing, name)
            self._follow(self._fitted(patch))
            self._show_sounds()
            self._tell(self.patch, self.patch)

    def choose(self, listing: Listing) -> None:
        """Show an instrument's sounds and load it into the engine; it has the corners that it had."""
        if listing.card is None:
            self.said.emit(Message(messages.sentence(listing.problem), "error"))
            return
        name = catalog.name_for(listing, self.listings)
        self._read.pop(listing.path, None)
        if name == self.patch.instrument:
            if self._open(listing):
                self._show_sounds()
                if self.link.running:
                    self._engine.load(listing.path)
            return
        self.edit(self._on(listing, name), self.tr("Instrument {0}").format(listing.name))

    def _on(self, listing: Listing, name: str) -> Patch:
        """This patch on another instrument, with what belonged to that one."""
        return edits.with_instrument(self.patch, name, self._kept.get(name) or self._kept.get(listing.name))

    def set_corner(self, corner: int, anchor: int, pad: int = 0) -> None:
        """Put a sound on a corner of a pad."""
        if self.sounds is None or not 0 <= anchor < len(self.sounds.names):
            return
        numbers = [*self.corners_of(pad)]
        numbers[corner] = anchor
        names = tuple(self.sounds.names[number] for number in numbers)
        patch = edits.with_corners(self.patch, pad, names)
        self.edit(patch, self.tr("Corner of pad {0}").format(pad + 1), f"corner:{pad}:{corner}")

    def rename_anchor(self, index: int, name: str) -> None:
        """Rename a sound of the player's own, by its number among all sounds."""
        if (own := self._own_index(index)) is not None:
            try:
                self.edit(edits.with_renamed_anchor(self.patch, own, name), self.tr("Rename {0}").format(name))
            except ValueError as error:
                self.said.emit(Message(messages.sentence(str(error)), "error"))

    def remove_anchor(self, index: int) -> None:
        """Take a sound of the player's own away, by its number among all sounds."""
        if (own := self._own_index(index)) is not None:
            name = self.patch.anchors[own].name
            self.edit(edits.without_anchor(self.patch, own), self.tr("Remove {0}").format(name))

    # Files

    def take_files(self, given: Sequence[Path], *, as_instrument: bool = False) -> None:
        """Open what was dropped: sounds, instruments, presets, MIDI files, tunings."""
        self.taking.take(given, as_instrument=as_instrument)

    def receive_anchor(self, instrument: str, anchor: UserAnchor) -> None:
        """A sound was found in an instrument's latent space; it is added there, even where another one plays now."""
        if instrument == self.patch.instrument:
            self.add_anchor(anchor)
        elif instrument in self._kept:
            self._kept[instrument] = edits.with_anchor(self._kept[instrument], anchor)

    def receive_instrument(self, path: Path) -> None:
        """There is a new instrument: list and choose it."""
        self.find_instruments()
        listing = next((listing for listing in self.listings if listing.path.resolve() == path.resolve()), None)
        if listing is not None:
            self.choose(listing)

    @override
    def close(self) -> None:
        super().close()
        self.taking.close()

    def _own_index(self, index: int) -> int | None:
        own = index - len(self.sounds.own) if self.sounds else -1
        return own if 0 <= own < len(self.patch.anchors) else None

    # The patch arrives

    def _accepted(self, patch: Patch) -> Patch | None:
        """The patch where its instrument can be had; a sentence and None where not."""
        if patch.instrument == self.patch.instrument:
            return self._fitted(patch)
        listing = catalog.resolve(patch.instrument, self.listings)
        if listing is None:
            text = self.tr("The instrument {0} is not here; put it into your folder of instruments and press F5.")
            self.said.emit(Message(text.format(patch.instrument), "error"))
            return None
        return self._fitted(patch) if self._open(listing) else None

    def _open(self, listing: Listing) -> bool:
        """Read an instrument's sounds; a sentence where they cannot be read."""
        path = listing.path
        if listing.card is None:
            self.said.emit(Message(messages.sentence(listing.problem), "error"))
            return False
        if path not in self._read:
            try:
                self._read[path] = catalog.read_sounds(path, listing.card)
            except SirenadeError as error:
                self.said.emit(Message(messages.sentence(str(error)), "error"))
                return False
        self._base = self._read[path]
        return True

    def _fitted(self, patch: Patch) -> Patch:
        """Without sounds of the player's own that were found in another latent space."""
        size = self._base.card.latent_size if self._base else None
        fitting = tuple(anchor for anchor in patch.anchors if size in (None, len(anchor.latent)))
        return patch if fitting == patch.anchors else patch.model_copy(update={"anchors": fitting})

    def _arrive(self, before: Patch, after: Patch, told: bool = False) -> None:
        if before.instrument and before.instrument != after.instrument:
            self._kept[before.instrument] = before
        if before.instrument != after.instrument or before.anchors != after.anchors:
            self._show_sounds()
        if told:
            self._engine.heard(before, after)
        else:
            self._tell(before, after)
        if before.position != after.position:
            if not told:
                self._followed.touch("pad")
            self.pad_moved.emit(*after.position)
        if before.parameters != after.parameters:
            for name in before.parameters.keys() | after.parameters.keys():
                if (value := after.parameter(name)) != before.parameter(name):
                    if not told:
                        self._followed.touch(name)
                    self.parameter_changed.emit(name, value)
        if before.pads != after.pads:
            self.corners_changed.emit()

    def _show_sounds(self) -> None:
        self.sounds = self._base.with_anchors(self.patch.anchors) if self._base else None
        self.sounds_changed.emit()
        self.corners_changed.emit()

    def _tell(self, before: Patch, after: Patch) -> None:
        if self.link.running or self.link.busy:
            self._engine.change(before, after, self.sounds)

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
        kept = {**self._kept, self.patch.instrument: self.patch} if self.patch.instrument else self._kept
        return Saved(
            settings=self.settings,
            patch=self.patch,
            preset=self.preset,
            side=self.side,
            other=self._other(),
            kept=kept,
            octave=self.keys.octave,
            window=window,
        )

    def _go_back(self) -> None:
        """The engine refused what is shown: show and load what it plays, so that a restart finds that, too."""
        refused, patch = self.patch.instrument, self._kept.get(self._playing)
        listing = catalog.resolve(self._playing, self.listings)
        if self._playing == refused or patch is None or listing is None or not self._open(listing):
            return
        last = self.history.last
        if last is not None and last.after.patch.instrument == refused != last.before.patch.instrument:
            self.history.forget_last()
            self.history_changed.emit()
        self._follow(patch)
        self._tell(patch, patch)

    def _engine_ready(self) -> None:
        self.settings = self.link.settings
        self.engine_changed.emit(True)
        self._followed.settle()
        self._engine.begin(self.patch, self.sounds)
        self._send_setup()

    def _engine_failed(self, reason: str) -> None:
        self.engine_changed.emit(False)
        self.said.emit(Message(messages.sentence(reason), "error", Action.SETTINGS))

    def _heard(self, notice: Notice) -> None:
        match notice:
            case InstrumentLoaded(path, _) if self._engine.came(Path(path), self.patch, self.sounds):
                self._playing = self.patch.instrument
            case InstrumentLoaded(path, _) if self.loaded and path != self._engine.asked:
                self._follow_instrument(path)
            case InstrumentRefused(path, _) if self._engine.refused(path):
                self._go_back()
            case EngineRestarted():
                self._followed.settle()
                self._set_recording(None)
            case Problem(text) if self.recording is not None and str(self.recording) in text:
                self._set_recording(None)
            case InputRange():
                self._input_said(notice)
            case ProgramChanged(program, bank):
                self.choose_program(program, bank)
            case MidiPortsChanged(names):
                self.midi = names
                self.midi_changed.emit(names)
        message = messages.of_notice(notice)
        if message is not None:
            self.said.emit(message)

    def _follow_instrument(self, path: str) -> None:
        """Another hand (OSC) has loaded an instrument: show it, with what belonged to it here."""
        listing = catalog.resolve(path, self.listings)
        if listing is None or not self._open(listing):
            return
        name = catalog.name_for(listing, self.listings)
        if name != self.patch.instrument:
            self._engine.asked = path
            self._follow(self._fitted(self._on(listing, name)))
            self._engine.came(listing.path, self.patch, self.sounds)
            self._playing = name

    def _measure(self, now: Telemetry) -> None:
        values = {name: value for name, value in now.parameters.items() if name != "tempo"} if now.clock else now.parameters
        moved = self._followed.news({"pad": now.pad, **values})
        patch = self.patch
        for name, value in moved.items():
            patch = edits.with_position(patch, *value) if isinstance(value, tuple) else edits.with_parameter(patch, name, value)
        if moved:
            self._follow(patch)
        self._turn(now)
        self.taking.look()
        self.measured.emit(now)
