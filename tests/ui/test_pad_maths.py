"""What pads show, as numbers: map, contours, zoom, plane, labels, the finger's way, what hovering lets one hear."""

import numpy as np
import pytest

from synth.instrument.directions import Direction
from synth.presets.patch import PadState
from ui.pads import contours, labels, marks
from ui.pads.atlas import OTHERS, Atlas, plane
from ui.pads.axes import axes, origin
from ui.pads.ear import STRIDE, Ear
from ui.pads.trail import KEPT_S, Trail
from ui.pads.view import View
from ui.state.preferences import Preferences

RNG = np.random.default_rng(7)


def atlas(places, latents=None, tags=None, **descriptors):
    places = np.array(places, float)
    latents = places if latents is None else np.array(latents, float)
    titles = tuple(f"sound {number}" for number in range(len(places)))
    columns = {name: np.array(values, float) for name, values in descriptors.items()}
    return Atlas(places, latents, titles, tags or ("",) * len(places), columns)


def test_zooming_keeps_what_is_under_the_pointer_and_stays_on_the_map():
    view = View()
    for across, up in RNG.random((20, 2)):
        before = view.place(across, up)
        view = view.zoomed(1.3, across, up)
        assert view.place(across, up) == pytest.approx(before)
        assert 0.0 <= view.left <= 1.0 - view.span
    assert not view.whole
    assert view.zoomed(1e-6, 0.3, 0.8) == View()
    assert View(0.4, 0.4, 0.2).scrolled(9.0, -9.0) == View(0.8, 0.0, 0.2)


def test_a_place_out_of_sight_is_brought_into_sight_and_no_farther():
    view = View(0.0, 0.0, 0.25)
    shown = view.showing(0.5, 0.1)
    across, up = shown.picture(0.5, 0.1)
    assert 0.9 < across <= 1.0
    assert shown.bottom == view.bottom
    assert 0.0 <= up <= 1.0
    assert shown.showing(0.5, 0.1) == shown


def test_a_line_of_equal_height_of_a_cone_is_a_circle():
    at = contours.grid((0.0, 0.0, 1.0, 1.0), 65)
    heights = np.hypot(at[:, 0] - 0.5, at[:, 1] - 0.5).reshape(65, 65)
    (line,) = contours.lines(heights, 0.3)
    assert np.hypot(*(line - 0.5).T) == pytest.approx(0.3, abs=2e-3)
    assert line[0] == pytest.approx(line[-1])
    turned = np.unwrap(np.arctan2(line[:, 1] - 0.5, line[:, 0] - 0.5))
    assert abs(turned[-1] - turned[0]) == pytest.approx(2 * np.pi)


def test_lines_that_leave_the_map_are_open_and_saddles_do_not_cross():
    at = contours.grid((-1.0, -1.0, 2.0, 2.0), 20)  # an even side: the saddle lies inside a square
    heights = (at[:, 0] * at[:, 1]).reshape(20, 20)
    found = contours.lines(heights, 1e-4)
    assert len(found) == 2
    for line in found:
        x, y = (2.0 * line - 1.0).T
        assert (np.sign(x) == np.sign(x[0])).all()
        assert (np.sign(y) == np.sign(x[0])).all()
    assert contours.lines(heights, 5.0) == []


def test_a_surface_goes_from_one_sound_to_the_other():
    places = np.array([[0.2, 0.5], [0.8, 0.5]])
    at = np.stack([np.linspace(0.2, 0.8, 13), np.full(13, 0.5)], axis=1)
    shares = contours.weights(places, at)
    assert shares.sum(1) == pytest.approx(1.0)
    assert (np.diff(shares[:, 1]) > 0).all()
    assert shares[6] == pytest.approx([0.5, 0.5])


def test_families_are_those_with_most_sounds_and_the_rest_is_others():
    few = atlas(RNG.random((4, 2)), tags=("brass,loud", "reed", "brass", "reed"))
    assert set(few.families) == {"brass", "reed"}
    assert few.families[few.family[0]] == "brass"
    many = atlas(RNG.random((30, 2)), tags=tuple(f"family{number // 2}" for number in range(30)))
    assert many.families[-1] == OTHERS
    assert many.families[many.family[18]] == OTHERS


def test_near_and_similar_are_what_distance_says():
    places, latents = RNG.random((40, 2)), RNG.standard_normal((40, 6))
    some = atlas(places, latents)
    x, y = 0.4, 0.7
    assert some.near(x, y, 5) == list(np.hypot(*(places - (x, y)).T).argsort()[:5])
    found = some.similar(3, 4)
    away = np.linalg.norm(latents - latents[3], axis=1)
    assert [number for number, _ in found] == list(away.argsort()[1:5])
    assert [distance for _, distance in found] == pytest.approx(np.sort(away)[1:5] / away[away > 0].mean())
    assert atlas([[0.5, 0.5]]).similar(0) == []


def test_arrows_jump_to_the_next_sound_that_way():
    cross = atlas([[0.5, 0.5], [0.9, 0.55], [0.1, 0.5], [0.5, 0.9], [0.52, 0.1]])
    assert [cross.towards(0.5, 0.5, *way) for way in ((1, 0), (-1, 0), (0, 1), (0, -1))] == [1, 2, 3, 4]
    assert cross.towards(0.95, 0.5, 1, 0) == -1


def test_descriptors_are_compared_as_ears_do():
    heard = atlas([[0, 0], [0.5, 0], [1, 0]], centroid_hz=[100, 1000, 10000], level_db=[-30, -20, -10])
    assert heard.shares("centroid_hz") == pytest.approx([0, 0.5, 1])
    assert heard.shares("level_db") == pytest.approx([0, 0.5, 1])
    assert heard.unheard("centroid_hz", float(heard.heard("centroid_hz")[1])) == pytest.approx(1000)
    assert heard.unheard("centroid_hz", heard.rounded("centroid_hz", np.log(1234.0))) == pytest.approx(1200)
    assert not atlas([[0, 0], [1, 0]], flatness=[0.0, 0.0]).differs("flatness")


def test_a_plane_shows_each_sound_where_the_pad_plays_what_is_nearest_to_it():
    size = 5
    x_axis, y_axis, middle = RNG.standard_normal((3, size))
    on_plane = middle + 0.5 * x_axis - 0.25 * y_axis
    away = np.linalg.svd(np.stack([x_axis, y_axis]))[2][-1]  # at right angles to both
    shown = plane(atlas([[0, 0]] * 3, [on_plane, on_plane + 3.0 * away, middle]), middle, x_axis, y_axis)
    assert shown.places[0] == pytest.approx([0.75, 0.375])
    assert shown.places[1] == pytest.approx([0.75, 0.375])
    assert shown.places[2] == pytest.approx([0.5, 0.5])
    assert shown.far == pytest.approx([0.0, 1.0, 0.0], abs=1e-9)


def test_a_plane_without_directions_shows_everything_in_its_middle():
    flat = plane(atlas(RNG.random((3, 2))), np.zeros(2), np.zeros(2), np.zeros(2))
    assert (flat.places == 0.5).all()


def test_axes_and_middle_of_a_plane():
    directions = {"pc1": Direction("pc1", "Principal 1", np.array([1.0, 0.0]), 1.0)}
    state = PadState(mode="plane", x_axis="pc1", y_axis="nothing", x_range=2.0)
    x_axis, y_axis = axes(state, directions, 2)
    assert x_axis.tolist() == [2.0, 0.0]
    assert y_axis.tolist() == [0.0, 0.0]
    anchors = np.array([[0.0, 2.0], [2.0, 4.0]], np.float32)
    assert origin(state, anchors).tolist() == [1.0, 3.0]
    assert origin(state.model_copy(update={"origin": (5.0, 6.0)}), anchors).tolist() == [5.0, 6.0]
    assert origin(state.model_copy(update={"origin": (5.0,)}), anchors).tolist() == [1.0, 3.0]


def test_names_neither_leave_the_pad_nor_cover_names_or_dots():
    dots = [(float(x), float(y)) for x, y in 20 + 360 * RNG.random((60, 2))]
    boxes = labels.arrange(dots, [(70.0, 14.0)] * 60, (0.0, 0.0, 400.0, 400.0), [(0.0, 380.0, 400.0, 20.0)])
    placed = [box for box in boxes if box is not None]
    assert len(placed) > 10
    assert boxes[0] is not None
    for number, box in enumerate(placed):
        assert labels.inside(box, (0.0, 0.0, 400.0, 380.0))
        assert not any(labels.overlap(box, other) for other in placed[:number])
    for number, box in enumerate(boxes):
        others = [dot for other, dot in enumerate(dots) if other != number]
        assert box is None or not any(box[0] < x < box[0] + box[2] and box[1] < y < box[1] + box[3] for x, y in others)


def test_the_fingers_way_fades_and_is_forgotten():
    trail = Trail()
    for step in range(1000):
        trail.add(step * 0.01, 0.5 + 0.4 * np.sin(step / 10), 0.5)
    points = trail.points(10.0)
    ages = [age for _, _, age in points]
    assert ages == sorted(ages, reverse=True)
    assert ages[0] <= 1.0
    assert points[-1][0] == pytest.approx(0.5 + 0.4 * np.sin(99.9))
    assert trail.fades(10.0)
    assert not trail.fades(10.0 + 2 * KEPT_S)
    assert not len(trail.points(10.0 + 2 * KEPT_S))


def test_hovering_is_struck_anew_on_another_sound_or_far_enough_away():
    ear = Ear()
    assert ear.hover(-1, 0.5, 0.5) == (-1, 0.5, 0.5)
    assert ear.hover(-1, 0.5 + 0.4 * STRIDE, 0.5) is None
    assert ear.hover(-1, 0.5 + 1.1 * STRIDE, 0.5) is not None
    assert ear.hover(3, 0.56, 0.5) == (3, 0.56, 0.5)
    assert ear.hover(3, 0.9, 0.9) is None
    assert ear.leave()
    assert not ear.leave()
    assert ear.hover(3, 0.56, 0.5) is not None


def test_a_players_own_title_is_kept_and_forgotten():
    kept = marks.with_mark({}, "Orchestra", "Celesta", "Bells", "Celesta")
    assert kept == {"Orchestra": {"Celesta": "Bells"}}
    assert Preferences(titles=kept).titles == kept
    assert marks.with_mark(kept, "Orchestra", "Celesta", "", "Celesta") == {}
    assert marks.with_mark(kept, "Orchestra", "Celesta", "Celesta", "Celesta") == {}
    assert marks.with_mark(kept, "Hits", "Clap", "Snap", "Clap") == {**kept, "Hits": {"Clap": "Snap"}}
