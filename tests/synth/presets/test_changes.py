"""What an engine is told when a patch changes; how one change is carried over to another patch."""

from dataclasses import dataclass, field, replace

from hypothesis import given
from hypothesis import strategies as st

from synth.commands import (
    LoadInstrument,
    MovePad,
    SetAnchor,
    SetCorner,
    SetGesture,
    SetKeymap,
    SetOffset,
    SetParameter,
    SetRoute,
    SetSurface,
    SetTuning,
)
from synth.parameters import PARAMETERS
from synth.presets import changes, edits
from synth.presets.patch import PadState, Patch, Route, UserAnchor, Zone
from synth.protocol import wire
from tests.synth.presets.test_presets import FULL


@dataclass(frozen=True)
class Anchors:
    own: tuple[str, ...] = ("a", "b", "c", "d", "e")
    start: tuple[int, int, int, int] = (0, 1, 2, 3)


MINE = UserAnchor(name="mine", latent=(1.0, 2.0))
NAMES = st.sampled_from(["a", "b", "e", "mine", "nobody", ""])
PADS = st.builds(
    PadState,
    mode=st.sampled_from(["corners", "plane", "map"]),
    corners=st.tuples(NAMES, NAMES, NAMES, NAMES),
    x_range=st.sampled_from([0.5, 1.0]),
)
ROUTES = st.none() | st.builds(
    Route, source=st.sampled_from(["lfo1", "wheel"]), target=st.just("pitch"), depth=st.sampled_from([0.0, 0.5])
)
PATCHES = st.builds(
    Patch,
    instrument=st.just("x"),
    pads=st.tuples(PADS, PADS, PADS, PADS),
    position=st.sampled_from([(0.5, 0.5), (0.0, 1.0)]),
    parameters=st.dictionaries(st.sampled_from(["attack", "width", "pad2_x"]), st.sampled_from([0.3, 0.5, 0.7])),
    offsets=st.dictionaries(st.sampled_from(["pc1", "pc2"]), st.sampled_from([-1.0, 2.0])),
    routes=st.lists(ROUTES, max_size=3).map(tuple),
    keymap=st.sampled_from([(), (Zone(note=1.0, anchor="a"), Zone(note=2.0, anchor="mine"))]),
    gesture=st.sampled_from([(), (0.0, 0.5, 0.5, 1.0, 0.0, 0.0)]),
    anchors=st.sampled_from([(), (MINE,), (MINE, UserAnchor(name="e", latent=(0.0, 0.0)))]),
)


def place_of(command):
    """What a later command must share with this one to replace it; and whether it leaves anything behind."""
    match command:
        case SetParameter(name):
            return name, True
        case SetCorner(corner, _, pad):
            return ("corner", pad, corner), True
        case SetSurface(pad):
            return ("surface", pad), True
        case SetRoute(row, _, source):
            return ("row", row), bool(source)
        case SetAnchor(index, latent=latent):
            return ("anchor", index), bool(latent)
        case SetOffset(name, amount):
            return ("offset", name), bool(amount)
        case SetKeymap(row) | SetGesture(row):
            return type(command), bool(row)
    return type(command), True


@dataclass
class Engine:
    """The newest of everything."""

    state: dict = field(default_factory=dict)

    def take(self, commands):
        for command in commands:
            wire.check(command)
            place, stays = place_of(command)
            self.state.pop(place, None)
            if stays:
                self.state[place] = command
        return self


@given(PATCHES, PATCHES)
def test_the_difference_leads_to_the_same_state_as_a_fresh_start(before, after):
    told = Engine().take(changes.commands(None, before, Anchors())).take(changes.commands(before, after, Anchors()))
    assert told.state == Engine().take(changes.commands(None, after, Anchors())).state


@given(PATCHES)
def test_nothing_changed_is_nothing_told(patch):
    assert changes.commands(patch, patch.model_copy(), Anchors()) == []


@given(PATCHES, PATCHES)
def test_a_change_applied_where_it_began_leads_where_it_led(old, new):
    assert changes.applied(old, old, new) == new
    assert changes.applied(new, new, old) == old


@given(PATCHES)
def test_a_change_of_one_thing_leaves_what_another_hand_moved(patch):
    turned = edits.with_parameter(patch, "decay", 3.0)
    elsewhere = edits.with_parameter(edits.with_position(turned, 0.1, 0.2), "release", 4.0)
    back = changes.applied(elsewhere, turned, patch)
    assert back.position == (0.1, 0.2)
    assert back.parameters == {**patch.parameters, "release": 4.0}


def test_everything_of_a_full_patch_is_told_to_an_engine_that_knows_nothing():
    anchors = replace(Anchors(), own=("a", "b", "c", "d"))
    told = changes.commands(None, FULL, anchors, path="/x/orchestra")
    assert told[0] == LoadInstrument("/x/orchestra")
    assert {command.name for command in told if isinstance(command, SetParameter)} == set(PARAMETERS)
    assert MovePad(0.25, 0.75) in told
    assert SetRoute(1, -0.5, "lfo1", "latent:pc2") in told
    assert SetAnchor(0, 60.0, 1.0, 0.1, 0.9, (0.5, -0.5)) in told
    assert SetKeymap((48.0, 0.0, 60.0, 1.0)) in told
    assert SetOffset("centroid_hz", -1.5) in told
    (tuning,) = (command.notes for command in told if isinstance(command, SetTuning))
    assert [round(tuning[key] - tuning[60], 9) for key in (61, 62, 63)] == [6.0, 12.0, 18.0]
    assert [command.anchor for command in told if isinstance(command, SetCorner) and command.pad == 1] == [0, 1, 2, 3]


def test_another_instrument_gets_all_that_belongs_to_it_again():
    patch = edits.with_corners(Patch(instrument="x"), 0, ("e", "e", "e", "e"))
    told = changes.commands(patch, patch.model_copy(update={"instrument": "y"}), Anchors())
    assert told[0] == LoadInstrument("y")
    assert [command.anchor for command in told if isinstance(command, SetCorner)][:4] == [4, 4, 4, 4]
    assert not any(isinstance(command, SetParameter) for command in told)


def test_a_players_own_sounds_are_numbered_after_the_instruments():
    patch = edits.with_corners(edits.with_anchor(Patch(), MINE), 0, ("mine", "a", "b", "nobody"))
    assert changes.corners(patch.pads[0], patch, Anchors()) == (5, 0, 1, 3)


def test_no_tuning_is_equal_temperament():
    assert changes.notes(Patch().tuning) == ()
