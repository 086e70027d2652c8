"""The strip below the pads: brighter, harder, noisier. Each bar moves all sounds along a direction that the anchors show."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from synth.instrument.directions import Direction
from synth.presets.patch import Patch
from ui.panels.pad_options import ends, offered, title
from ui.state.session import Session
from ui.widgets.icons import IconButton
from ui.widgets.pad_bars import Steer


class SteerStrip(QWidget):
    """Descriptors in a row, principal directions behind a button."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.bars: dict[str, Steer] = {}
        self.more = IconButton("add", self.tr("Show the principal directions"), role="segment")
        self.more.setCheckable(True)
        self._named, self._principal = QHBoxLayout(), QHBoxLayout()
        self._second = QWidget()
        self._second.setLayout(self._principal)
        self._second.hide()
        self._empty = QLabel(self.tr("No named direction works well in this instrument."))
        self._empty.setProperty("role", "muted")
        for row in (self._named, self._principal):
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(6)
        self._named.addWidget(self._empty, 1)
        self._named.addWidget(self.more)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(self._named)
        column.addWidget(self._second)
        self.more.toggled.connect(self._show_more)
        session.sounds_changed.connect(self._show_sounds)
        session.patch_changed.connect(self._show_patch)
        self._shown: tuple[str, ...] = ()
        self._show_sounds()

    def _show_sounds(self) -> None:
        sounds = self._session.sounds
        found = offered(sounds.directions) if sounds else []
        shown = tuple(f"{direction.name} {direction.correlation:.3f}" for direction in found)
        if shown != self._shown:
            self._shown = shown
            for bar in self.bars.values():
                bar.setParent(None)
                bar.deleteLater()
            self.bars = {direction.name: self._bar(direction) for direction in found}
        self._empty.setVisible(sounds is not None and not any(direction.descriptor for direction in found))
        self.more.setVisible(bool(found))
        self._show_offsets(self._session.patch)

    def _bar(self, direction: Direction) -> Steer:
        less, more = ends(direction)
        made = Steer(title(direction), less, more)
        made.setToolTip(self._tip(direction))
        made.turned.connect(lambda amount: self._session.set_offset(direction.name, amount))
        if direction.descriptor:
            self._named.insertWidget(self._named.count() - 2, made, 1)
        else:
            self._principal.addWidget(made, 1)
        return made

    def _tip(self, direction: Direction) -> str:
        less, more = ends(direction)
        unit = self.tr("One unit is one standard deviation of this instrument's sounds. Double-click: none.")
        if not direction.descriptor:
            return self.tr("One of the directions in which the sounds differ most.") + "\n" + unit
        works = self.tr("{less} to the left, {more} to the right. Correlation {r:.2f} with sounds that were left out.")
        return works.format(less=less, more=more, r=direction.correlation) + "\n" + unit

    def _show_more(self, shown: bool) -> None:
        self._second.setVisible(shown)
        self.more.show_icon("minus" if shown else "add")
        self.more.show_name(self.tr("Hide the principal directions") if shown else self.tr("Show the principal directions"))

    def _show_patch(self, before: Patch, after: Patch) -> None:
        if before.offsets != after.offsets:
            self._show_offsets(after)

    def _show_offsets(self, patch: Patch) -> None:
        for name, bar in self.bars.items():
            if bar.amount != patch.offsets.get(name, 0.0):
                bar.show_value(patch.offsets.get(name, 0.0))
        if any(name in patch.offsets for name, bar in self.bars.items() if name.startswith("pc")):
            self.more.setChecked(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
