"""Where the pads lead, by the engine's own arithmetic."""

import numpy as np
import pytest

from sirenade import paths
from synth.instrument.places import APART
from synth.presets.patch import PadState, Patch, UserAnchor, Zone
from tests.helpers.tiny_instrument import make_time_instrument
from ui.state import catalog
from ui.state.present import Present


@pytest.fixture
def sounds(tmp_path):
    folder = make_time_instrument(tmp_path / "time")
    return catalog.read_sounds(folder, catalog.card_of(folder))


def latent(present, patch):
    present.follow(patch)
    return present.place().latent


def test_a_corner_is_its_anchor_and_an_edge_lies_between(sounds):
    present, anchors = Present(sounds), sounds.instrument_latents.latents
    first, second = (anchors[sounds.start[corner]] for corner in (0, 1))
    assert latent(present, Patch(position=(0.0, 0.0))) == pytest.approx(first)
    assert latent(present, Patch(position=(0.25, 0.0))) == pytest.approx(0.75 * first + 0.25 * second)


def test_everything_of_a_patch_counts_and_can_be_taken_back(sounds):
    present, anchors = Present(sounds), sounds.instrument_latents.latents
    plain = Patch(position=(0.0, 0.0))
    base = latent(present, plain)
    assert latent(present, plain.model_copy(update={"offsets": {"pc1": 1.5}})) == pytest.approx(
        base + 1.5 * sounds.directions["pc1"].vector
    )
    owned = plain.model_copy(update={"keymap": (Zone(note=60, anchor="loud"),), "parameters": {"keymap": 1.0}})
    assert latent(present, owned) == pytest.approx(anchors[3])
    mapped = plain.model_copy(update={"pads": (PadState(mode="map"), *plain.pads[1:]), "position": (1.0, 1.0)})
    assert latent(present, mapped) == pytest.approx(anchors[3])
    second = plain.model_copy(update={"parameters": {"pad2_amount": 1.0, "pad2_x": 1.0, "pad2_y": 1.0}})
    assert latent(present, second) == pytest.approx(anchors[sounds.start[3]])
    assert latent(present, plain) == pytest.approx(base)


def test_a_sound_of_the_players_own_can_sit_on_a_corner(sounds):
    own = UserAnchor(name="mine", latent=(5.0, -5.0), pitch=72.0, duration=2.0, loop=(0.5, 1.0))
    patch = Patch(position=(0.0, 0.0), anchors=(own,), pads=(PadState(corners=("mine", "", "", "")), *Patch().pads[1:]))
    present = Present(sounds.with_anchors(patch.anchors))
    present.follow(patch)
    place = present.place()
    assert place.latent == pytest.approx(np.array(own.latent))
    assert (place.root, place.duration) == pytest.approx((72.0, 2.0))
    assert place.loop == pytest.approx((0.25, 0.5), abs=0.01)


def test_where_the_window_draws_a_sound_of_the_players_own_the_engine_plays_exactly_that(sounds):
    size = sounds.card.latent_size
    between = sounds.instrument_latents.latents[:2].mean(0)
    own = tuple(
        UserAnchor(name=name, latent=tuple((between + step).tolist()), pitch=60.0 + number, duration=2.0, loop=(0.5, 1.0))
        for number, (name, step) in enumerate([("a", np.zeros(size)), ("b", np.zeros(size)), ("c", np.full(size, 0.1))])
    )
    shown = sounds.with_anchors(own)
    dots = shown.latents.map
    assert dots[:4].tolist() == sounds.instrument_latents.map.tolist()
    assert np.hypot(*(dots[:, None] - dots).transpose(2, 0, 1))[~np.eye(len(dots), dtype=bool)].min() >= APART - 1e-6
    assert np.abs(dots[4] - dots[:2].mean(0)).max() < 2 * APART
    present = Present(shown)
    for anchor, dot in zip(own, dots[4:].tolist(), strict=True):
        patch = Patch(anchors=own, pads=(PadState(mode="map"), *Patch().pads[1:]), position=tuple(dot))
        present.follow(patch)
        assert (present.place().latent.tolist(), present.place().root) == (list(anchor.latent), anchor.pitch)


def test_whatever_sounds_can_be_kept_as_a_sound():
    """Also where a blend of loops that end with their sounds ends a rounding error after it."""
    folder = paths.bundled_instruments() / "keys-and-mallets"
    sounds = catalog.read_sounds(folder, catalog.card_of(folder))
    present = Present(sounds)
    for x, y in np.random.default_rng(1).random((60, 2)):
        present.follow(Patch(position=(x, y)))
        here = present.place()
        times = (here.loop[0] * here.duration, here.loop[1] * here.duration)
        own = UserAnchor(name="mine", latent=tuple(here.latent.tolist()), duration=here.duration, loop=times)
        assert sounds.with_anchors((own,)).latents.names[-1] == "mine"


def test_a_kept_loop_that_runs_backwards_is_turned_round(sounds):
    own = UserAnchor(name="mine", latent=(5.0, -5.0), duration=2.0, loop=(1.5, 0.5))
    assert sounds.with_anchors((own,)).latents.loops[-1].tolist() == [0.5, 1.5]
