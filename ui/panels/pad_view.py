"""One pad with what belongs to it: name plates in corners, directions in a plane, colours and lines on a map."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QInputDialog, QMenu, QVBoxLayout, QWidget
from typing_extensions import override

from synth.commands import ChannelPressure
from synth.parameters import PARAMETERS
from synth.presets import edits
from synth.presets.patch import PadState, Patch, UserAnchor
from synth.telemetry import Telemetry
from synth.units import corner_weights
from ui.pads import marks
from ui.pads.atlas import Atlas, plane
from ui.pads.axes import axes, origin
from ui.pads.looks import CornersLook, Look
from ui.pads.map_look import MapLook
from ui.pads.plane_look import PlaneLook
from ui.pads.view import View
from ui.panels.pad_menu import SoundMenu
from ui.panels.pad_options import MapBar, PlaneBar, ends, offered
from ui.state.pad import LOWER_LEFT, LOWER_RIGHT, UPPER_LEFT, UPPER_RIGHT
from ui.state.session import AUDITION_NOTE, AUDITION_VELOCITY, Session
from ui.widgets.corner import Corner
from ui.widgets.icons import IconButton
from ui.widgets.pad_similar import SimilarList
from ui.widgets.xy_pad import XYPad

if TYPE_CHECKING:
    from ui.state.present import Place


class PadView(QWidget):
    """Pad `number`, 0..3. `tiled`: one of four beside each other, without plates and bars."""

    picked = Signal(int)
    """A sound was chosen on the pad."""
    corner_asked = Signal(int)

    def __init__(self, session: Session, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.number = number
        self._tiled, self._current = False, True
        self._view = View()
        self._marked: tuple[int, ...] = ()
        self._plays = False
        self.pad = XYPad()
        self.pad.setAccessibleName(self.tr("Sound pad {0}").format(number + 1))
        self.corners = [Corner(corner) for corner in (LOWER_LEFT, LOWER_RIGHT, UPPER_LEFT, UPPER_RIGHT)]
        self.sphere = IconButton("sphere", self.tr("Blend along a sphere: as far from the middle as the corners are"))
        self.sphere.setCheckable(True)
        self.plane, self.map = PlaneBar(), MapBar()
        self.menu = SoundMenu(session, number, self.pad)
        self.similar = SimilarList(self.pad)
        self._lay_out()
        self._connect()
        self.refresh()

    @property
    def state(self) -> PadState:
        """What this pad is."""
        return self._session.patch.pads[self.number]

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self._above, self._below = self._plates(UPPER_LEFT, UPPER_RIGHT), self._plates(LOWER_LEFT, LOWER_RIGHT)
        column.addWidget(self._above)
        column.addWidget(self.pad, 1)
        column.addWidget(self._below)
        column.addWidget(self.plane)
        column.addWidget(self.map)

    def _plates(self, left: int, right: int) -> QWidget:
        plates = QWidget()
        row = QHBoxLayout(plates)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.corners[left], 8)
        row.addStretch(1)
        if left == LOWER_LEFT:
            row.addWidget(self.sphere)
            row.addStretch(1)
        row.addWidget(self.corners[right], 8)
        return plates

    def _connect(self) -> None:
        session, pad, number = self._session, self.pad, self.number
        pad.moved.connect(lambda x, y: session.move_pad(x, y, number))
        pad.taken.connect(self._take)
        pad.taken.connect(session.grip)
        pad.pressed_hard.connect(lambda pressure: session.link.send(ChannelPressure(pressure)))
        pad.auditioned.connect(lambda anchor, x, y, on: session.audition(anchor, number, x, y, on))
        pad.corner_dropped.connect(lambda corner, anchor: session.set_corner(corner, anchor, number))
        pad.corner_asked.connect(self.corner_asked)
        pad.picked.connect(self.picked)
        pad.menu_asked.connect(self.open_menu)
        pad.view_changed.connect(self._show_view)
        for corner in self.corners:
            corner.picked.connect(lambda place, anchor: session.set_corner(place, anchor, number))
            corner.menu_asked.connect(self.open_menu)
        self.sphere.clicked.connect(lambda on: self._set(self.state.model_copy(update={"spherical": on})))
        self.plane.chosen.connect(self._set)
        self.plane.centre_asked.connect(self.centre_here)
        self.map.chosen.connect(lambda color, lines: session.preferences.change(map_colour=color, map_lines=lines))
        self.map.zoomed.connect(self._zoom)
        self.menu.similar_asked.connect(self.show_similar)
        self.similar.chosen.connect(self.menu.hear)
        self.similar.closed.connect(lambda: self._mark(()))
        session.sounds_changed.connect(self._show_sounds)
        session.corners_changed.connect(self.refresh)
        session.preferences.changed.connect(lambda *_: self.refresh())
        if number == 0:
            session.pad_moved.connect(self._show_place)
        session.parameter_changed.connect(self._follow)

    # What is shown

    def show_tiled(self, *, tiled: bool, current: bool) -> None:
        """Be one of four tiles, of which one is the current one, or alone."""
        if (tiled, current) != (self._tiled, self._current):
            self._tiled, self._current = tiled, current
            self.refresh()

    def refresh(self) -> None:
        """Show the pad as the session has it."""
        state, sounds = self.state, self._session.sounds
        self._above.setVisible(state.mode == "corners" and not self._tiled)
        self._below.setVisible(state.mode == "corners" and not self._tiled)
        self.plane.setVisible(state.mode == "plane" and not self._tiled)
        self.map.setVisible(state.mode == "map" and not self._tiled)
        self.sphere.setChecked(state.spherical)
        self.setEnabled(sounds is not None)
        titles = marks.titles(sounds, self._session.preferences.now) if sounds else ()
        for corner, anchor in zip(self.corners, self._session.corners_of(self.number), strict=True):
            corner.show_sounds(titles, anchor if sounds else -1)
            corner.setEnabled(sounds is not None)
        if sounds is not None:
            self.plane.show_state(state, offered(sounds.directions), first=self.number == 0)
        look = self._look(titles)
        look.badge, look.badge_lit = self._badge() if self._tiled else "", self._current
        self.pad.show_look(look)
        self.pad.setToolTip(self._tip())
        self._show_place(*edits.position(self._session.patch, self.number))

    def _look(self, titles: tuple[str, ...]) -> Look:
        state, sounds = self.state, self._session.sounds
        if sounds is None:
            return CornersLook()
        corners = self._session.corners_of(self.number)
        if state.mode == "corners":
            return CornersLook(tuple(titles[anchor] for anchor in corners) if self._tiled else (), state.spherical)
        latents = sounds.latents
        wanted = self._session.preferences.now
        atlas = Atlas.of(latents, titles, marks.tags(sounds, wanted))
        names = [name for name in atlas.descriptors if atlas.differs(name)]
        self.map.show_choices(names, wanted.map_colour, wanted.map_lines)
        if state.mode == "map":
            return MapLook(atlas, self._view, wanted.map_colour, wanted.map_lines, self._marked, corners)
        middle = origin(state, sounds.instrument_latents.latents)
        edges = axes(state, sounds.directions, atlas.latents.shape[1])
        words = [ends(sounds.directions.get(name)) for name in (state.x_axis, state.y_axis)]
        return PlaneLook(plane(atlas, middle, *edges), (*words[0], *words[1]), wanted.map_colour)

    def _badge(self) -> str:
        amount = amount_parameter(self.number)
        share = f"   {100 * self._session.patch.parameter(amount):.0f} %" if amount else ""
        return self.tr("Pad {0}").format(self.number + 1) + share

    def show_sound(self, now: Telemetry) -> None:
        """The sound as it is: called at each tick of the display."""
        self.pad.show_glow(min(1.0, 2.5 * now.rms) ** 0.6)
        if self.number == 0:
            places = zip(getattr(now, "note_x", ()), getattr(now, "note_y", ()), now.notes, strict=False)
            self.pad.show_notes(tuple(places))

    def show_gesture(self) -> None:
        """The recorded path while it plays."""
        patch = self._session.patch
        path = patch.gesture if self.number == 0 and patch.parameter("gesture") > 0.0 else ()
        self.pad.show_gesture(tuple(zip(path[1::3], path[2::3], strict=True)))

    def _show_place(self, x: float, y: float) -> None:
        if not self.pad.held:
            self.pad.show_place(x, y)
        for corner, share in zip(self.corners, corner_weights(x, y), strict=True):
            corner.show_share(share)

    def _follow(self, name: str, value: float) -> None:
        if name in (f"pad{self.number + 1}_x", f"pad{self.number + 1}_y"):
            self._show_place(*edits.position(self._session.patch, self.number))
        elif name == amount_parameter(self.number) and self._tiled:
            self.refresh()

    def _show_sounds(self) -> None:
        self._view, self._marked = View(), ()
        self.similar.hide()
        self.refresh()

    def _show_view(self, view: View) -> None:
        self._view = view
        self.refresh()

    def _zoom(self, factor: float) -> None:
        across, up = self._view.picture(*self.pad.place)
        self._show_view(self._view.zoomed(factor, across, up) if factor else View())

    def _mark(self, anchors: tuple[int, ...]) -> None:
        self._marked = anchors
        self.refresh()

    def show_similar(self, anchor: int) -> None:
        """List the sounds that are like one, and ring their dots."""
        sounds = self._session.sounds
        if sounds is None:
            return
        titles = marks.titles(sounds, self._session.preferences.now)
        found = Atlas.of(sounds.latents, titles).similar(anchor)
        self._mark((anchor, *(number for number, _ in found)))
        self.similar.show_sounds(titles[anchor], [(number, titles[number], distance) for number, distance in found])

    def _tip(self) -> str:
        ways = {
            "corners": self.tr("Drag to blend the four corners; drop a sound on a corner"),
            "plane": self.tr("Drag to move along two directions of the sound"),
            "map": self.tr("Drag to move between the sounds; Ctrl+drag carries one to a corner, a right click does more"),
        }
        return ways[self.state.mode] + "\n" + self.tr("With Alt held you hear what is under the pointer.")

    # Hands

    def set_mode(self, mode: str) -> None:
        """Corners, plane or map. The first pad's plane begins where it was, so that nothing is heard of the change."""
        state = self.state
        if mode == state.mode:
            return
        if mode == "plane" and self.number == 0:
            self.centre_here()
        else:
            self._set(PadState.model_validate({**state.model_dump(), "mode": mode}))

    def centre_here(self) -> None:
        """Make what this pad plays the middle of its plane, and go there: nothing is heard of it."""
        patch, own = self._session.patch, self._session.patch.parameters
        beside = {name: value for name, value in own.items() if not name.endswith("_amount") and name != "keymap"}
        here = self._place(patch.model_copy(update={"offsets": {}, "parameters": beside}))
        if here is not None:
            values = {**self.state.model_dump(), "mode": "plane", "origin": tuple(here.latent.tolist())}
            patch = edits.with_pad(patch, self.number, PadState.model_validate(values))
            self._session.edit(edits.with_position(patch, 0.5, 0.5, self.number), self.tr("Centre the plane"))

    def keep_place(self, name: str) -> None:
        """Make what is heard now a sound of the player's own."""
        here = self._place(self._session.patch)
        if here is not None:
            loop = (here.loop[0] * here.duration, here.loop[1] * here.duration)
            latent = tuple(here.latent.tolist())
            made = UserAnchor(name=name, latent=latent, pitch=here.root, duration=here.duration, loop=loop)
            self._session.add_anchor(made)

    def _place(self, patch: Patch) -> "Place | None":
        from ui.state.present import Present  # the engine's arithmetic is not needed before somebody asks

        if self._session.sounds is None:
            return None
        present = Present(self._session.sounds)
        present.follow(patch)
        return present.place()

    def _set(self, state: PadState) -> None:
        self._session.set_pad(self.number, state)

    def _take(self, taken: bool) -> None:
        """While the pointer lets one hear, a press plays a note that follows the hand."""
        if taken and self.pad.hears:
            self._plays = True
            self._session.note_on(round(AUDITION_NOTE), AUDITION_VELOCITY)
        elif not taken and self._plays:
            self._plays = False
            self._session.note_off(round(AUDITION_NOTE))

    def open_menu(self, anchor: int, place: QPoint) -> None:
        """The menu of a sound, or (-1) of the pad, at a place on the screen."""
        if self._session.sounds is None:
            return
        menu = self.menu.make(anchor) if anchor >= 0 else self._own_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)

    def _own_menu(self) -> QMenu:
        """What can be done with the pad where no sound is pointed at."""
        menu = QMenu(self.pad)
        menu.addAction(self.tr("Keep what sounds here as a sound\u2026"), self.ask_name)
        menu.addAction(self.tr("Go to the middle"), lambda: self._session.move_pad(0.5, 0.5, self.number))
        if self.state.mode == "map" and not self._view.whole:
            menu.addAction(self.tr("Show the whole map"), lambda: self._zoom(0.0))
        if self.state.mode == "plane" and self.number == 0:
            menu.addAction(self.tr("Centre here"), self.centre_here)
        return menu

    def ask_name(self) -> QInputDialog:
        """Ask for a name for what sounds, and keep it as a sound of the player's own."""
        dialog = self.menu.ask(self.tr("Keep a sound"), self.tr("Name of the new sound"), self.tr("My sound"))
        dialog.textValueSelected.connect(lambda text: self.keep_place(text.strip()) if text.strip() else None)
        return dialog

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        if self.similar.isVisible():
            self.similar.place()
        super().resizeEvent(event)


def amount_parameter(number: int) -> str:
    """Name of the parameter that says how much of a pad is heard; empty for the first one."""
    name = f"pad{number + 1}_amount"
    return name if name in PARAMETERS else ""
