"""Presets as files: what is written is read, older ones migrate, damaged ones say why, bundled ones fit their instruments."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts import make_presets
from sirenade import paths
from sirenade.errors import PresetError
from synth.instrument import library
from synth.instrument.card import LATENTS_FILE
from synth.instrument.directions import directions
from synth.instrument.latents import Latents
from synth.instrument.loader import MAX_LATENTS_BYTES, read_part
from synth.parameters import PARAMETERS
from synth.presets import bank, edits
from synth.presets.patch import PadState, Patch, Route, Tuning, UserAnchor, Zone
from synth.presets.preset import SUFFIX, Preset, read_preset, write_preset
from synth.routing import LATENT

FULL = Patch(
    instrument="Orchestra",
    pads=(PadState(mode="map"), PadState(corners=("a", "b", "c", "d")), PadState(origin=(1.0, 2.0)), PadState(spherical=True)),
    position=(0.25, 0.75),
    parameters={"attack": 0.5, "pad2_amount": 1.0},
    offsets={"centroid_hz": -1.5},
    routes=(None, Route(source="lfo1", target="latent:pc2", depth=-0.5)),
    keymap=(Zone(note=48.0, anchor="a"), Zone(note=60.0, anchor="b")),
    gesture=(0.0, 0.1, 0.2, 1.0, 0.9, 0.8),
    tuning=Tuning(name="halves", scl="! halves\n!\nhalves of an octave\n 2\n!\n 600.0\n 2/1\n"),
    anchors=(UserAnchor(name="mine", latent=(0.5, -0.5), loop=(0.1, 0.9)),),
)


def test_what_is_written_is_read(tmp_path):
    path = tmp_path / f"a{SUFFIX}"
    preset = Preset(name="Ä name", author="Me", tags=("x", "y"), comment="two\nlines", patch=FULL)
    write_preset(preset, path)
    assert read_preset(path) == preset
    write_preset(Preset(name="Nothing changed", patch=Patch()), path)
    assert read_preset(path).patch == Patch()
    assert len(path.read_text()) < 200  # what is at its default is not in the file


@pytest.mark.parametrize("level", [-6.0, 2.5])
@pytest.mark.parametrize("place", ["{}", "/old/exported_models/{}"])
def test_a_preset_of_version_1_is_as_loud_as_it_was(tmp_path, place, level):
    cards = {listing.path.name: listing.card for listing in library.find_all() if listing.card}
    before = {"hits": -9.1, "small-objects": -8.0, "orchestra": 5.8, "keys-and-mallets": 7.6, "voices-and-winds": 5.9}
    for folder, was in before.items():
        called = place.format(folder if "/" in place else cards[folder].name)
        parameters = {} if level == PARAMETERS["level"].default else {"level": level}
        path = tmp_path / f"{folder}{SUFFIX}"
        patch = {"instrument": called, "parameters": parameters}
        path.write_text(json.dumps({"format": "sirenade-preset", "version": 1, "name": "x", "patch": patch}))
        assert cards[folder].level_db + read_preset(path).patch.parameter("level") == pytest.approx(was + level)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "not a valid preset"),
        ("[]", "not a valid preset"),
        ('{"name": "x"}', "patch"),
        ('{"name": "x", "patch": {}, "version": 99}', "was written for version 99"),
        ('{"name": "x", "patch": {"parameters": {"attack": NaN}}}', "not a valid preset"),
        ('{"name": "x", "patch": {"routes": [{"source": "nobody", "target": "pitch"}]}}', "not a valid preset"),
        ('{"name": "x", "patch": {"pads": []}}', "pads"),
        ('{"name": "x", "patch": {"something": 1}}', "something"),
        ('{"name": "x", "patch": {"tuning": {"scl": "no scale"}}}', "tuning"),
    ],
)
def test_a_damaged_preset_is_refused_with_a_reason(tmp_path, content, words):
    path = tmp_path / f"a{SUFFIX}"
    path.write_text(content)
    with pytest.raises(PresetError, match=words):
        read_preset(path)


@given(st.binary(max_size=200))
def test_garbage_is_refused_and_nothing_else(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / f"garbage{SUFFIX}"
    path.write_bytes(content)
    with pytest.raises(PresetError):
        read_preset(path)


def test_what_is_out_of_range_is_brought_into_it_and_what_is_gone_is_left_out():
    patch = Patch.model_validate({"parameters": {"attack": 1000.0, "a parameter of another day": 1.0, "width": 0.3}})
    assert patch.parameters == {"attack": 10.0}


@pytest.fixture
def folders(tmp_path):
    factory, own = tmp_path / "factory", tmp_path / "own"
    for folder, group, name, tags in (
        (factory, "Strings", "Slow", ("pad", "soft")),
        (factory, "Strings", "Fast", ("lead",)),
        (factory, "Bells", "Tower", ("pad", "long")),
        (own, "Mine", "Slow too", ("Pad",)),
    ):
        author = "Sirenade" if folder == factory else "Me"
        write_preset(Preset(name=name, author=author, tags=tags, patch=FULL), bank.path_for(name, group, folder))
    (own / "Mine" / f"Broken{SUFFIX}").write_text("{")
    return factory, own


def test_banks_are_folders_and_damaged_files_are_listed_with_their_reason(folders):
    found = bank.find_all(*folders)
    names = [(listing.bank, listing.name) for listing in found]
    assert names == [("Bells", "Tower"), ("Strings", "Fast"), ("Strings", "Slow"), ("Mine", "Broken"), ("Mine", "Slow too")]
    assert [listing.name for listing in found if listing.preset is None] == ["Broken"]
    assert "not a valid preset" in found[3].problem


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"words": "slow"}, ["Slow", "Slow too"]),
        ({"words": "PAD strings"}, ["Slow"]),
        ({"words": "orchestra", "author": "Me"}, ["Slow too"]),
        ({"bank": "Strings"}, ["Fast", "Slow"]),
        ({"tags": ("pad",)}, ["Tower", "Slow", "Slow too"]),
        ({"tags": ("pad", "long")}, ["Tower"]),
        ({"favourites": ["user/Mine/Slow too.sirenade-preset"]}, ["Slow too"]),
        ({"words": "nothing"}, []),
    ],
)
def test_search(folders, asked, names):
    assert [listing.name for listing in bank.search(bank.find_all(*folders), **asked)] == names


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "CON:", "  ", "...", "x" * 500, "\0"])
def test_no_name_leads_out_of_the_folder(tmp_path, name):
    path = bank.path_for(name, name, tmp_path).resolve()
    assert path.parent.parent == tmp_path.resolve()


def test_an_unknown_preset_names_those_that_are_there(folders, monkeypatch):
    monkeypatch.setattr(paths, "bundled_presets", lambda: folders[0])
    monkeypatch.setattr(paths, "user_presets", lambda: folders[1])
    assert bank.find("slow").name == "Slow"
    assert bank.find("mine/slow too").author == "Me"
    with pytest.raises(PresetError, match=r"Slow too"):
        bank.find("Loud")


def test_the_bundled_presets_are_those_of_the_table(tmp_path, monkeypatch):
    monkeypatch.setattr(make_presets, "TARGET", tmp_path / "presets")
    make_presets.main()
    made = {path.relative_to(tmp_path / "presets"): path.read_text() for path in (tmp_path / "presets").glob("*/*")}
    bundled = {path.relative_to(paths.bundled_presets()): path.read_text() for path in paths.bundled_presets().glob("*/*")}
    assert made == bundled
    assert len(made) >= 24


def test_the_bundled_presets_fit_their_instruments():
    cards = {listing.name: listing.path for listing in library.find_all()}
    known = {}
    for listing in bank.find_all(own=paths.bundled_presets() / "none"):
        patch = listing.preset.patch
        if patch.instrument not in known:
            content = read_part(cards[patch.instrument], LATENTS_FILE, MAX_LATENTS_BYTES)
            known[patch.instrument] = Latents.from_bytes(content)
        latents = known[patch.instrument]
        named = {name for pad in patch.pads for name in pad.corners if name} | {zone.anchor for zone in patch.keymap}
        assert named <= set(latents.names), listing.name
        moved = {route.target.removeprefix(LATENT) for route in patch.routes if route and route.target.startswith(LATENT)}
        assert moved | set(patch.offsets) <= set(directions(latents)), listing.name
        assert json.loads(listing.path.read_text())["comment"].endswith(".")


def test_hands_on_a_patch():
    patch = edits.with_parameter(Patch(), "attack", 99.0)
    assert patch.parameters == {"attack": 10.0}
    assert edits.with_parameter(patch, "attack", 0.002) == Patch()
    patch = edits.with_route(Patch(), 4, Route(source="lfo1", target="pitch", depth=1.0))
    assert [route is None for route in patch.routes] == [True] * 4 + [False]
    assert edits.with_route(patch, 4, None) == Patch()
    assert edits.with_route(patch, 32, Route(source="lfo1", target="pitch")) == patch
    patch = edits.with_anchor(edits.with_anchor(Patch(), FULL.anchors[0]), FULL.anchors[0])
    assert [anchor.name for anchor in patch.anchors] == ["mine", "mine 2"]
    patch = edits.with_corners(patch, 2, ("a", "mine", "mine 2", "mine"))
    patch = patch.model_copy(update={"keymap": (Zone(note=3.0, anchor="mine"),)})
    renamed = edits.with_renamed_anchor(patch, 0, "yours")
    assert renamed.pads[2].corners == ("a", "yours", "mine 2", "yours")
    assert renamed.keymap[0].anchor == "yours"
    with pytest.raises(ValueError, match="mine 2"):
        edits.with_renamed_anchor(patch, 0, "mine 2")
    gone = edits.without_anchor(renamed, 0)
    assert (gone.pads[2].corners, gone.keymap, len(gone.anchors)) == (("a", "", "mine 2", ""), (), 1)
