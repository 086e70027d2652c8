"""What can be done with one sound: the menu of a dot or of a row of the list of sounds."""

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from synth.presets import edits
from ui.pads import marks
from ui.state.pad import CORNER_NAMES, nearest_corner
from ui.state.session import Session
from ui.text import tr

HEARD_MS = 1500


class SoundMenu(QObject):
    """Makes the menu; one pad's, `number` 0..3."""

    similar_asked = Signal(int)

    def __init__(self, session: Session, number: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._number = number
        self._widget = parent
        self._silence = QTimer(self, interval=HEARD_MS, singleShot=True)
        self._silence.timeout.connect(lambda: session.audition(on=False))

    def make(self, anchor: int) -> QMenu:
        """The menu of a sound; it deletes itself when it is closed."""
        sounds = self._session.sounds
        assert sounds is not None
        menu = QMenu(self._widget)
        heading = menu.addAction(marks.titles(sounds, self._session.preferences.now)[anchor])
        heading.setEnabled(False)
        menu.addSeparator()
        menu.addAction(tr("Hear it"), lambda: self.hear(anchor))
        menu.addAction(tr("Start from it"), lambda: self.start_from(anchor))
        corners = menu.addMenu(tr("Put on corner"))
        for corner, name in enumerate(CORNER_NAMES):
            put = corners.addAction(f"{tr(name.capitalize())}\t{corner + 1}")
            put.triggered.connect(lambda _=False, corner=corner: self._put(corner, anchor))
        menu.addAction(tr("Find similar sounds"), lambda: self.similar_asked.emit(anchor))
        menu.addSeparator()
        menu.addAction(tr("Rename\u2026"), lambda: self.ask_title(anchor))
        menu.addAction(tr("Tags\u2026"), lambda: self.ask_tags(anchor))
        if anchor >= len(sounds.own):
            menu.addAction(tr("Remove"), lambda: self._session.remove_anchor(anchor))
        return menu

    def hear(self, anchor: int) -> None:
        """Audition a sound for a moment."""
        self._session.audition(anchor, self._number)
        self._silence.start()

    def start_from(self, anchor: int) -> None:
        """Let this sound be what the pad plays now: on a map its dot, in a plane the middle, else the nearest corner."""
        session, number = self._session, self._number
        sounds, patch = session.sounds, session.patch
        if sounds is None:
            return
        state = patch.pads[number]
        x, y = edits.position(patch, number)
        if state.mode == "map":
            x, y = (float(value) for value in sounds.latents.map[anchor])
        elif state.mode == "plane":
            middle = tuple(float(value) for value in sounds.latents.latents[anchor])
            patch = edits.with_pad(patch, number, state.model_copy(update={"origin": middle}))
            x = y = 0.5
        else:
            corner = nearest_corner(x, y)
            names = [sounds.names[other] for other in session.corners_of(number)]
            names[corner] = sounds.names[anchor]
            patch = edits.with_corners(patch, number, (names[0], names[1], names[2], names[3]))
            x, y = float(corner % 2), float(corner >= 2)
        title = marks.titles(sounds, session.preferences.now)[anchor]
        session.edit(edits.with_position(patch, x, y, number), tr("Start from {name}").format(name=title))

    def _put(self, corner: int, anchor: int) -> None:
        self._session.set_corner(corner, anchor, self._number)

    # Titles and tags

    def ask_title(self, anchor: int) -> QInputDialog:
        """Ask for another title; the player's own sounds are renamed, the instrument's are called otherwise in this app."""
        sounds = self._session.sounds
        assert sounds is not None
        now = marks.titles(sounds, self._session.preferences.now)[anchor]
        dialog = self.ask(tr("Rename {name}").format(name=now), tr("Name (empty: as the instrument calls it)"), now)
        dialog.textValueSelected.connect(lambda text: self._rename(anchor, text.strip()))
        return dialog

    def ask_tags(self, anchor: int) -> QInputDialog:
        """Ask for other tags."""
        sounds = self._session.sounds
        assert sounds is not None
        now = marks.tags(sounds, self._session.preferences.now)[anchor]
        title = tr("Tags of {name}").format(name=marks.titles(sounds, self._session.preferences.now)[anchor])
        dialog = self.ask(title, tr("Tags, separated by commas; the first is the family"), now)
        dialog.textValueSelected.connect(lambda text: self._tag(anchor, text))
        return dialog

    def ask(self, title: str, label: str, text: str) -> QInputDialog:
        """A dialog for a line of text; it deletes itself when it is closed."""
        dialog = QInputDialog(self._widget)
        dialog.setWindowTitle(title)
        dialog.setLabelText(label)
        dialog.setTextValue(text)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def _rename(self, anchor: int, text: str) -> None:
        session, sounds = self._session, self._session.sounds
        if sounds is None:
            return
        if anchor >= len(sounds.own):
            session.rename_anchor(anchor, text)
            return
        name, store = sounds.names[anchor], session.preferences
        store.change(titles=marks.with_mark(store.now.titles, sounds.card.name, name, text, sounds.titles[anchor]))

    def _tag(self, anchor: int, text: str) -> None:
        sounds, store = self._session.sounds, self._session.preferences
        if sounds is not None:
            kept = ",".join(part.strip() for part in text.split(",") if part.strip())
            usual = sounds.latents.tags[anchor]
            store.change(tags=marks.with_mark(store.now.tags, sounds.card.name, sounds.names[anchor], kept, usual))
