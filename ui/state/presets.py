"""The document's presets: load, save, step, favourites."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from sirenade.errors import PresetError
from synth.presets import bank as banks
from synth.presets.patch import Patch
from synth.presets.preset import Preset, read_preset, write_preset
from ui.state.bank import Bank, PresetListing
from ui.state.document import Document, Sheet
from ui.state.messages import Message, sentence
from ui.state.preferences import Preferences, PreferenceStore
from ui.state.sides import PresetRef


class Presets(Document):
    """A document that comes from presets and becomes some."""

    presets_found = Signal()
    """`bank` was read, or its favourites changed."""

    def __init__(self, patch: Patch, preferences: PreferenceStore, parent: QObject | None = None) -> None:
        super().__init__(patch, parent)
        self.preferences = preferences
        self.bank = Bank(lambda: self.preferences.now.favourites)
        preferences.changed.connect(self._mark_favourites)

    def find_presets(self) -> None:
        """Read the banks."""
        self.bank.look()
        self.presets_found.emit()

    def load_preset(self, listing: PresetListing) -> bool:
        """Make a preset the patch; whether that could be done."""
        if listing.preset is None:
            self.said.emit(Message(sentence(listing.problem), "error"))
            return False
        ref = PresetRef(name=listing.name, bank=listing.bank, path=str(listing.path), patch=listing.preset.patch)
        return self._edit(Sheet(listing.preset.patch, ref), self.tr("Preset {0}").format(listing.name))

    def load_preset_file(self, path: Path) -> bool:
        """Make a preset from anywhere the patch; whether that could be done."""
        try:
            preset = read_preset(path)
        except PresetError as error:
            self.said.emit(Message(sentence(str(error)), "error"))
            return False
        known = self.bank.at(str(path))
        return self.load_preset(known or PresetListing(path, path.parent.name, False, preset))

    def step_preset(self, step: int) -> None:
        """The next preset of those that are shown (-1: the one before)."""
        self._need_bank()
        listing = self.bank.beside(self.preset.path if self.preset else "", step)
        if listing is not None:
            self.load_preset(listing)

    def choose_program(self, program: int, bank: int = 0) -> None:
        """A MIDI keyboard asks for a preset by its number."""
        self._need_bank()
        listing = self.bank.numbered(program, bank, self.preset.path if self.preset else "")
        if listing is None:
            self.said.emit(Message(self.tr("There is no preset number {0} here.").format(program + 1), lasting=False))
        else:
            self.load_preset(listing)

    def overwrites(self, name: str, bank: str) -> Path | None:
        """The file that saving under this name would replace."""
        path = banks.path_for(name, bank)
        return path if path.exists() else None

    def save_preset(
        self,
        name: str,
        bank: str = "",
        author: str = "",
        tags: tuple[str, ...] = (),
        comment: str = "",
        *,
        overwrite: bool = False,
    ) -> bool:
        """Keep the patch as a preset of the user's; whether that was done. Another file is replaced only with `overwrite`."""
        if not overwrite and (path := self.overwrites(name, bank)) is not None:
            text = self.tr("There is a preset called {0} in this bank already; choose another name, or replace it.")
            self.said.emit(Message(text.format(path.stem), "warning"))
            return False
        path = banks.path_for(name, bank)
        try:
            preset = Preset(name=name.strip(), author=author, tags=tags, comment=comment, patch=self.patch)
            write_preset(preset, path)
        except PresetError as error:
            self.said.emit(Message(sentence(str(error)), "error"))
            return False
        except ValueError:
            self.said.emit(Message(self.tr("A preset needs a name of at most 120 characters."), "error"))
            return False
        if author != self.preferences.now.author:
            self.preferences.change(author=author)
        self._be(PresetRef(name=preset.name, bank=path.parent.name, path=str(path), patch=self.patch))
        self.find_presets()
        self.said.emit(Message(self.tr("Saved {0} to {1}.").format(preset.name, path.parent), lasting=False))
        return True

    def toggle_favourite(self, listing: PresetListing | None = None) -> None:
        """Mark a preset (None: the one that plays) as a favourite, or no longer."""
        self._need_bank()
        listing = listing or (self.bank.at(self.preset.path) if self.preset else None)
        if listing is not None:
            self.preferences.change(favourites=self.preferences.now.favourites ^ {listing.key})

    def reset_patch(self) -> None:
        """All controls at their defaults; instrument and the player's own sounds stay."""
        kept = self.patch
        self._edit(Sheet(Patch(instrument=kept.instrument, anchors=kept.anchors)), self.tr("Initial patch"))

    def _be(self, ref: PresetRef) -> None:
        """This patch is that preset from now on."""
        self.sides[self.side].sheet = Sheet(self.patch, ref)
        self.preset_changed.emit()

    def _need_bank(self) -> None:
        if not self.bank.listings:
            self.find_presets()

    def _mark_favourites(self, before: Preferences, after: Preferences) -> None:
        if before.favourites != after.favourites:
            self.bank.mark()
            self.presets_found.emit()
