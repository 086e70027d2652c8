"""Surfaces: what a place on a pad leads to."""

import numpy as np
import pytest

from synth.commands import SetAnchor, SetKeymap, SetOffset, SetSurface
from synth.engine.anchors import Anchors, anchors_of
from synth.engine.scene import Pads, pads_of
from synth.engine.seams import Seams
from synth.engine.surfaces import Map
from synth.evaluators import make_playable
from synth.instrument import load
from synth.instrument.places import NEAR, Ground
from synth.routing import SURFACES
from tests.helpers.bundled import SMALL_OBJECTS

SIZE = 5


def anchors(count: int, seed: int = 3) -> Anchors:
    """That many, with a latent of SIZE numbers each, anywhere on the map."""
    random = np.random.default_rng(seed)
    values = np.concatenate([random.normal(size=(count, SIZE)), random.uniform(40, 80, (count, 1))], axis=1)
    loops = np.sort(random.uniform(0.2, 0.9, (count, 2)), axis=1)
    fades = np.full(count, 0.01)
    seams = Seams(loops, fades, loops, fades, np.zeros(count), 0.05)
    vectors = {"pc1": np.eye(SIZE)[0], "pc2": 2.0 * np.eye(SIZE)[3]}
    ground = Ground(values[:, :-1].astype(np.float32), random.random((count, 2)).astype(np.float32))
    return Anchors(values, np.linspace(1.0, 2.0, count), seams, np.ones(count, bool), ground, vectors)


def pads(surface: str = "corners", count: int = 20, **settings: object) -> Pads:
    made = pads_of(anchors(count), (0, 1, 2, 3))
    made.set_surface(SetSurface(0, SURFACES.index(surface), **settings))  # type: ignore[arg-type]
    return made


@pytest.mark.parametrize("count", [1, 3, NEAR, NEAR + 1, 40, 2000])
def test_on_a_dot_of_the_map_there_is_nothing_but_its_anchor_bit_for_bit(count: int) -> None:
    made = pads("map", count)
    for anchor in range(0, count, max(1, count // 50)):
        made.move(*made.anchors.dots[anchor].tolist())
        assert np.array_equal(made.scene().base, made.anchors.values[anchor])
        spot = made.anchors.spot(made.scene().mix(made.scene().places, 60.0))
        assert (spot.duration, spot.loop.start) == (made.anchors.durations[anchor], made.anchors.seams.loops[anchor, 0])


@pytest.mark.parametrize("count", [5, 30, 1000])
def test_nothing_jumps_on_a_map_when_its_neighbours_change(count: int) -> None:
    """A path through the whole map, ever finer: the largest step shrinks as the steps do."""
    surface = Map(anchors(count))
    largest = []
    for steps in (4000, 40000):
        way = np.linspace(0.0, 1.0, steps)
        path = np.stack([way, 0.5 + 0.4 * np.sin(40.0 * way)], axis=-1)
        largest.append(np.abs(np.diff(surface.values(path), axis=0)).max())
    assert largest[1] < 0.2 * largest[0]


def test_places_of_any_shape_lead_where_each_of_them_does() -> None:
    places = np.random.default_rng(1).random((3, 4, 2))
    for made in (pads(), pads(spherical=True), pads("plane"), pads("map", 300), pads("map", 30)):
        surface = made.scene().surfaces[0]
        together = surface.values(places)
        assert together.shape == (3, 4, SIZE + 1)
        for index in np.ndindex(3, 4):
            assert together[index] == pytest.approx(surface.values(places[index]), abs=1e-9)


def test_a_dot_shared_by_more_anchors_than_are_heard_at_once_blends_them_evenly() -> None:
    shared = anchors(30)
    shared.dots[:12] = 0.25
    _, weights = Map(shared).weigh(np.array([0.25, 0.25]))
    assert weights == pytest.approx(np.full(NEAR, 1 / NEAR))
    _, weights = Map(shared).weigh(np.array([0.25, 0.27]))
    assert np.isfinite(weights).all()


def test_spherical_corners_keep_their_distance_from_the_middle() -> None:
    made, flat = pads(spherical=True), pads()
    centre = made.anchors.mean[:-1]
    lengths = np.linalg.norm(made.anchors.values[:4, :-1] - centre, axis=1)
    for corner, place in enumerate([(0, 0), (1, 0), (0, 1), (1, 1)]):
        made.move(*place)
        assert made.scene().base == pytest.approx(made.anchors.values[corner], abs=1e-9)
    made.move(0.5, 0.0)
    flat.move(0.5, 0.0)
    away, direct = (each.scene().base[:-1] - centre for each in (made, flat))
    assert np.linalg.norm(away) == pytest.approx(lengths[:2].mean())
    assert np.linalg.norm(direct) < 0.95 * lengths[:2].mean()
    units = [(made.anchors.values[corner, :-1] - centre) / lengths[corner] for corner in (0, 1)]
    angles = [np.arccos(away @ unit / np.linalg.norm(away)) for unit in units]
    assert angles[0] == pytest.approx(angles[1])
    assert made.scene().base[-1] == flat.scene().base[-1]


def test_a_plane_leads_along_its_directions_from_its_origin() -> None:
    origin = tuple(np.arange(SIZE, dtype=float).tolist())
    made = pads("plane", x_axis="pc1", y_axis="pc2", x_range=3.0, y_range=0.5, origin=origin)
    made.move(1.0, 0.5)
    assert made.scene().base[:-1] - origin == pytest.approx(3.0 * np.eye(SIZE)[0])
    made.move(0.5, 0.0)
    assert made.scene().base[:-1] - origin == pytest.approx(-1.0 * np.eye(SIZE)[3])
    made.set_surface(SetSurface(0, SURFACES.index("plane"), x_axis="there is none"))
    made.move(1.0, 0.5)
    assert made.scene().base[:-1] == pytest.approx(made.anchors.mean[:-1])


def test_a_plane_through_an_anchor_has_its_pitch_and_loop_there() -> None:
    anchor = anchors(20).values[7]
    made = pads("plane", origin=tuple(anchor[:-1].tolist()))
    assert made.scene().base == pytest.approx(anchor)
    assert made.anchors.spot(made.scene().mix(made.scene().places, 60.0)).duration == made.anchors.durations[7]


def test_pads_after_the_first_are_blended_over_it_or_push_it() -> None:
    made = pads()
    made.move(0.0, 0.0)
    first = made.scene().base
    made.set_corner(3, 9, pad=1)
    for name, value in (("pad2_x", 1.0), ("pad2_y", 1.0), ("pad2_amount", 0.25)):
        assert made.set_parameter(name, value)
    second = made.scene().base
    assert second == pytest.approx(0.75 * first + 0.25 * made.anchors.values[9])
    made.set_parameter("pad2_amount", 1.0)
    assert np.array_equal(made.scene().base, made.anchors.values[9])
    made.set_surface(SetSurface(2, SURFACES.index("plane"), x_range=2.0))
    made.set_parameter("pad3_x", 1.0)
    made.set_parameter("pad3_amount", 0.5)
    assert made.scene().base - made.anchors.values[9] == pytest.approx([1.0, *[0.0] * SIZE])
    made.set_offset(SetOffset("pc2", -1.5))
    assert made.scene().base[3] - made.anchors.values[9, 3] == pytest.approx(-3.0)


def test_keys_own_anchors_and_blend_in_between() -> None:
    made = pads()
    made.set_keymap(SetKeymap((48.0, 4.0, 60.0, 5.0, 72.0, 99.0, 84.0, 6.0)))
    assert made.scene().keys is None  # while nothing of it is heard
    made.set_parameter("keymap", 1.0)
    keys = made.scene().keys
    assert keys is not None
    rows = made.anchors.values
    heard = keys.values(np.array([0.0, 48.0, 54.0, 60.0, 66.0, 84.0, 127.0]))
    wanted = [rows[4], rows[4], (rows[4] + rows[5]) / 2, rows[5], 0.75 * rows[5] + 0.25 * rows[6], rows[6], rows[6]]
    assert heard == pytest.approx(np.array(wanted))  # there is no anchor 99
    mix = keys.mix(54.0)
    assert (mix.anchors.tolist(), mix.weights.tolist()) == ([4, 5], [0.5, 0.5])


def test_anchors_of_the_players_own_come_after_the_instruments() -> None:
    made = pads(count=20)
    latent = tuple(np.linspace(-1, 1, SIZE).tolist())
    made.set_anchor(SetAnchor(2, 64.0, 3.0, 0.5, 1.5, latent))
    made.set_corner(0, 22)
    made.set_corner(1, 21)  # between, but not there
    assert made.corners == [22, 1, 2, 3]
    made.move(0.0, 0.0)
    assert made.scene().base.tolist() == [*latent, 64.0]
    spot = made.anchors.spot(made.scene().mix(made.scene().places, 60.0))
    assert (spot.duration, spot.loop.start, spot.loop.end) == (3.0, 0.5, 1.5)
    made.set_anchor(SetAnchor(2))
    assert not made.anchors.has(22)
    assert made.scene().base.tolist() == [*latent, 64.0]  # what is in use does not jump
    made.set_anchor(SetAnchor(0, latent=(1.0, 2.0)))
    assert not made.anchors.has(20)  # of another instrument's size


@pytest.mark.parametrize("count", [1, 20, 200])
def test_a_sound_of_the_players_own_has_a_dot_of_its_own_on_the_map(count: int) -> None:
    made = pads("map", count=count)
    latent = tuple(made.anchors.values[0, :-1].tolist())
    before = made.anchors.dots.copy()
    made.set_anchor(SetAnchor(0, 64.0, 3.0, 0.5, 1.5, latent))
    made.set_anchor(SetAnchor(2, 65.0, 2.0, 0.5, 1.5, latent))
    dots = made.anchors.dots
    assert np.array_equal(dots[:count], before)
    assert np.isinf(dots[count + 1]).all()
    for anchor, pitch in ((count, 64.0), (count + 2, 65.0)):
        made.move(*dots[anchor].tolist())
        assert made.scene().base.tolist() == [*latent, pitch]
    made.set_anchor(SetAnchor(0))
    made.move(*dots[count].tolist())
    assert made.scene().base[-1] != 64.0  # it is no longer there
    assert np.isfinite(made.scene().base).all()


def test_a_plane_through_a_sound_of_the_players_own_has_its_pitch_and_loop_there() -> None:
    latent = tuple(np.linspace(-1, 1, SIZE).tolist())
    made = pads("plane", origin=latent)
    made.set_anchor(SetAnchor(1, 64.0, 3.0, 0.5, 1.5, latent))
    assert made.scene().base == pytest.approx([*latent, 64.0])
    assert made.anchors.spot(made.scene().mix(made.scene().places, 60.0)).duration == 3.0


def test_a_loop_of_the_players_own_lasts_whole_periods_where_pitch_is_speed() -> None:
    playable = make_playable(load(SMALL_OBJECTS), 48000.0)
    made = anchors_of(playable.latents, playable.seams, playable.ground, playable.vectors)
    pads_ = pads_of(made, (0, 1, 2, 3))
    spot = made.spot(pads_.scene().mix(pads_.scene().places, 60.0))
    looped = made.looped(spot, 0.25, 0.5)
    period = 1.0 / (440.0 * 2.0 ** ((spot.root - 69.0) / 12.0))
    assert looped.loop.start == 0.25 * spot.duration
    turns = (looped.loop.end - looped.loop.start) / period
    assert turns == pytest.approx(round(turns))
    assert abs(looped.loop.end - 0.5 * spot.duration) <= period
