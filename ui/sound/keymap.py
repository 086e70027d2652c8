"""The page of keys that own sounds: drop a sound on a key, or choose key and sound below."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QWidget
from typing_extensions import override

from synth.parameters import PARAMETERS
from synth.presets.edits import with_parameter
from synth.presets.patch import Patch, Zone
from synth.units import note_name
from ui.sound.key_strip import KeyStrip
from ui.sound.page import Page
from ui.state.session import Session
from ui.text import tr
from ui.widgets.choice import Choice
from ui.widgets.field import Field
from ui.widgets.icons import IconButton

NOTES = range(12, 121)
"""Keys that are offered."""


class ZoneList(QListWidget):
    """The zones, lowest key first."""

    def __init__(self, page: "KeymapPage") -> None:
        super().__init__()
        self._page = page
        self.setAccessibleName(tr("Keys and their sounds"))
        self.setToolTip(tr("Delete takes the marked key's sound away"))
        self.setMinimumHeight(48)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.currentRow() >= 0:
            self._page.remove(self.currentRow())
        else:
            super().keyPressEvent(event)


class KeymapPage(Page):
    """Between two keys that own a sound, keys blend the two; the amount blends all of them with the pad."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, tr("Keys"), parent)
        self.keys = KeyStrip()
        self.keys.dropped.connect(self.put)
        self.keys.chosen.connect(self._choose_note)
        self.zones = ZoneList(self)
        self.empty = QLabel(tr("No key has a sound of its own. Drop a sound on a key, or choose both below."))
        self.empty.setProperty("role", "empty")
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.amount: Field = self._field()
        self.note = Choice(tr("Key"), [note_name(note) for note in NOTES])
        self.note.setCurrentIndex(60 - NOTES.start)
        self.sound = Choice(tr("Sound of the key"), [])
        self.sound.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.sound.setMinimumContentsLength(6)
        self.add = IconButton("add", tr("Give the key this sound"), role="")
        self.add.clicked.connect(self._add)
        self.delete = IconButton("remove", tr("Take the marked key's sound away"), role="")
        self.delete.clicked.connect(lambda: self.remove(self.zones.currentRow()))
        self._lay_out()
        session.patch_changed.connect(self._show_patch)
        session.sounds_changed.connect(self._show_sounds)
        self._show_sounds()

    def _field(self) -> Field:
        made = self.bound.knob("keymap", tr("Amount"), kind=Field)
        assert isinstance(made, Field)
        return made

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(self.note, 5)
        line.addWidget(self.sound, 9)
        for button in (self.add, self.delete):
            button.setFixedWidth(30)
        line.addWidget(self.add)
        line.addWidget(self.delete)
        self.body.addWidget(self.amount)
        self.body.addWidget(self.keys)
        self.body.addWidget(self.zones, 1)
        self.body.addWidget(self.empty, 1)
        self.body.addLayout(line)

    def put(self, note: int, anchor: int) -> None:
        """Give a key a sound. The first one switches the keymap on: a sound that is dropped is to be heard."""
        if self.session.sounds is None:
            return
        name = self.session.sounds.names[anchor]
        before = self.session.patch
        zones = tuple(zone for zone in before.keymap if zone.note != note)
        zones = tuple(sorted((*zones, Zone(note=float(note), anchor=name)), key=lambda zone: zone.note))
        after = before.model_copy(update={"keymap": zones})
        if not before.keymap and before.parameter("keymap") == 0.0:
            after = with_parameter(after, "keymap", PARAMETERS["keymap"].high)
        self.session.edit(after, tr("Sound of key {key}").format(key=note_name(note)))

    def remove(self, row: int) -> None:
        """Take a key's sound away."""
        zones = self.session.patch.keymap
        if 0 <= row < len(zones):
            self.session.set_keymap((*zones[:row], *zones[row + 1 :]))

    def _add(self) -> None:
        if self.sound.currentIndex() >= 0:
            self.put(NOTES[self.note.currentIndex()], self.sound.currentIndex())

    def _choose_note(self, note: int) -> None:
        self.note.setCurrentIndex(note - NOTES.start)
        for number, zone in enumerate(self.session.patch.keymap):
            if round(zone.note) == note:
                self.zones.setCurrentRow(number)

    def _show_patch(self, old: Patch, new: Patch) -> None:
        if old.keymap != new.keymap or old.anchors != new.anchors:
            self._show_sounds()

    def _show_sounds(self) -> None:
        sounds = self.session.sounds
        titles = () if sounds is None else sounds.titles
        if [self.sound.itemText(number) for number in range(self.sound.count())] != list(titles):
            self.sound.offer(titles)
        named = {} if sounds is None else dict(zip(sounds.names, sounds.titles, strict=True))
        marked = self.zones.currentRow()
        self.zones.clear()
        for zone in self.session.patch.keymap:
            text = f"{note_name(round(zone.note))}    {named.get(zone.anchor, zone.anchor)}"
            QListWidgetItem(text, self.zones)
        self.zones.setCurrentRow(min(marked, self.zones.count() - 1))
        self.zones.setVisible(self.zones.count() > 0)
        self.empty.setVisible(self.zones.count() == 0)
        self.delete.setEnabled(self.zones.count() > 0)
        self.keys.show_zones(tuple(round(zone.note) for zone in self.session.patch.keymap))
