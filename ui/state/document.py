"""The patch under the player's hands: edits, undo and redo, A and B. What it leads to is the session's business."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal

from synth.parameters import PARAMETERS
from synth.presets import changes, edits
from synth.presets.patch import PadState, Patch, Route, Tuning, UserAnchor, Zone
from ui.state.history import History
from ui.state.sides import OTHER, PresetRef, SavedSide, SideName


@dataclass(frozen=True)
class Sheet:
    """What an edit changes."""

    patch: Patch
    preset: PresetRef | None = None


@dataclass
class Side:
    """A or B."""

    sheet: Sheet
    history: History[Sheet] = field(default_factory=History)


class Document(QObject):
    """The patch and its history. `edit` is the one way a hand changes it."""

    patch_changed = Signal(object, object)
    """The patch before and after."""
    history_changed = Signal()
    preset_changed = Signal()
    """Another preset is the last one, or whether it was modified."""
    ab_changed = Signal(str)
    said = Signal(object)
    """A Message for the banner."""

    def __init__(self, patch: Patch, parent: QObject | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._clock = clock
        self.sides: dict[SideName, Side] = {"A": Side(Sheet(patch), History(clock))}
        self.side: SideName = "A"

    @property
    def patch(self) -> Patch:
        """All that decides how it sounds."""
        return self.sides[self.side].sheet.patch

    @property
    def preset(self) -> PresetRef | None:
        """The preset that this patch comes from."""
        return self.sides[self.side].sheet.preset

    @property
    def modified(self) -> bool:
        """Whether the patch is no longer its preset."""
        return self.preset is not None and self.preset.patch != self.patch

    @property
    def history(self) -> History[Sheet]:
        """What can be undone; A and B have one each."""
        return self.sides[self.side].history

    # The one way in

    def edit(self, patch: Patch, label: str, key: str = "") -> None:
        """A hand changes the patch; edits with the same key within 0.8 s are one. `label` is what the menu says of it."""
        self._edit(Sheet(patch, self.preset), label, key)

    def grip(self, held: bool) -> None:
        """A hand takes hold of a control, or lets go of it: what it does with it is one step of undo."""
        self.history.grip(held)

    def undo(self) -> None:
        """Take the last edit back."""
        entry = self.history.undo()
        if entry is not None and not self._go(
            Sheet(changes.applied(self.patch, entry.after.patch, entry.before.patch), entry.before.preset)
        ):
            self.history.redo()
        self.history_changed.emit()

    def redo(self) -> None:
        """Make the edit again that was taken back last."""
        entry = self.history.redo()
        if entry is not None and not self._go(
            Sheet(changes.applied(self.patch, entry.before.patch, entry.after.patch), entry.after.preset)
        ):
            self.history.undo()
        self.history_changed.emit()

    def swap_ab(self) -> None:
        """Hear the other of A and B; the first time it is a copy."""
        other = OTHER[self.side]
        if other not in self.sides:
            self.copy_ab()
        before, side = self.sides[self.side].sheet, self.side
        target = self.sides[other].sheet
        self.side = other
        self.sides[other].sheet = before  # so that going there is a change like any other
        if not self._go(target):
            self.side, self.sides[other].sheet = side, target
            return
        self.ab_changed.emit(self.side)
        self.history_changed.emit()

    def copy_ab(self) -> None:
        """Make the other of A and B a copy of this one; there it can be undone."""
        other, sheet = OTHER[self.side], self.sides[self.side].sheet
        there = self.sides.setdefault(other, Side(sheet, History(self._clock)))
        if there.sheet != sheet:
            there.history.push(self.tr("Copy of {0}").format(self.side), there.sheet, sheet)
            there.sheet = sheet
        self.ab_changed.emit(self.side)

    # Conveniences

    def set_parameter(self, name: str, value: float) -> None:
        """A hand turns a parameter, in its unit."""
        self.edit(edits.with_parameter(self.patch, name, value), self.tr(PARAMETERS[name].label), f"parameter:{name}")

    def move_pad(self, x: float, y: float, pad: int = 0) -> None:
        """A hand moves a pad, 0..1."""
        self.edit(edits.with_position(self.patch, x, y, pad), self.tr("Move pad {0}").format(pad + 1), f"place:{pad}")

    def set_pad(self, pad: int, state: PadState) -> None:
        """Another mode, other corners or axes of a pad."""
        self.edit(edits.with_pad(self.patch, pad, state), self.tr("Pad {0}").format(pad + 1), f"pad:{pad}")

    def set_route(self, row: int, route: Route | None) -> None:
        """A row of the modulation matrix; None empties it."""
        self.edit(edits.with_route(self.patch, row, route), self.tr("Modulation"), f"route:{row}")

    def set_offset(self, name: str, amount: float) -> None:
        """Move every note along a direction, by so many of its units."""
        self.edit(edits.with_offset(self.patch, name, amount), self.tr("Direction {0}").format(name), f"offset:{name}")

    def set_keymap(self, zones: tuple[Zone, ...]) -> None:
        """Which keys own which sounds."""
        zones = tuple(sorted(zones, key=lambda zone: zone.note))
        self.edit(self.patch.model_copy(update={"keymap": zones}), self.tr("Keymap"), "keymap")

    def set_gesture(self, points: tuple[float, ...]) -> None:
        """The gesture looper's path: time, x, y ..."""
        self.edit(self.patch.model_copy(update={"gesture": points}), self.tr("Gesture"))

    def set_tuning(self, tuning: Tuning) -> None:
        """Another tuning."""
        self.edit(self.patch.model_copy(update={"tuning": tuning}), self.tr("Tuning"))

    # For the session

    def _restore(self, side: SideName, preset: PresetRef | None, other: SavedSide | None) -> None:
        """A and B as they were kept; to be called before anybody listens."""
        self.side = side
        self.sides = {side: Side(Sheet(self.sides["A"].sheet.patch, preset), History(self._clock))}
        if other is not None:
            self.sides[OTHER[side]] = Side(Sheet(other.patch, other.preset), History(self._clock))

    def _other(self) -> SavedSide | None:
        """The other one of A and B, to be kept."""
        there = self.sides.get(OTHER[self.side])
        return SavedSide(patch=there.sheet.patch, preset=there.sheet.preset) if there else None

    def _edit(self, sheet: Sheet, label: str, key: str = "") -> bool:
        """Go to a sheet and remember how to come back; whether it was done."""
        before = self.sides[self.side].sheet
        if sheet == before:
            return True
        if not self._go(sheet):
            return False
        self.history.push(label, before, self.sides[self.side].sheet, key)
        self.history_changed.emit()
        return True

    def _go(self, sheet: Sheet) -> bool:
        """Hear and show a sheet; whether that could be done."""
        before, was_modified = self.sides[self.side].sheet, self.modified
        patch = self._accepted(sheet.patch)
        if patch is None:
            return False
        self.sides[self.side].sheet = Sheet(patch, sheet.preset)
        self._arrive(before.patch, patch)
        self.patch_changed.emit(before.patch, patch)
        if sheet.preset != before.preset or self.modified != was_modified:
            self.preset_changed.emit()
        return True

    def _follow(self, patch: Patch) -> None:
        """The engine was changed by another hand (MIDI, OSC): show that, with nothing to undo."""
        before, was_modified = self.patch, self.modified
        if patch == before:
            return
        self.sides[self.side].sheet = Sheet(patch, self.preset)
        self._arrive(before, patch, told=True)
        self.patch_changed.emit(before, patch)
        if self.modified != was_modified:
            self.preset_changed.emit()

    def _accepted(self, patch: Patch) -> Patch | None:
        """The patch as it can be played, or None."""
        return patch

    def _arrive(self, before: Patch, after: Patch, told: bool = False) -> None:
        """The patch changed; `told`: the engine knows."""

    def add_anchor(self, anchor: UserAnchor) -> None:
        """A sound of the player's own."""
        self.edit(edits.with_anchor(self.patch, anchor), self.tr("Add {0}").format(anchor.name))
