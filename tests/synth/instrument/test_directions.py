"""Directions: found again where they are known, told apart from chance, and the same for engine and window."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from synth.commands import NoteOn, SetOffset
from synth.engine.synth import Synth
from synth.evaluators import make_playable
from synth.instrument import loader
from synth.instrument.directions import directions
from synth.instrument.latents import Latents

ORCHESTRA = Path(__file__).parents[3] / "exported_models" / "orchestra"


def made(points: NDArray[np.float64], **descriptors: NDArray[np.float64]) -> Latents:
    count = len(points)
    return Latents(
        points.astype(np.float32),
        tuple(map(str, range(count))),
        np.full(count, 60.0, np.float32),
        ("",) * count,
        np.zeros((count, 2), np.float32),
        np.zeros((count, 2)),
        np.ones(count),
        np.column_stack([*descriptors.values()]).astype(np.float32) if descriptors else np.zeros((count, 0), np.float32),
        tuple(descriptors),
    )


def cosine(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


def test_principal_directions_are_the_axes_along_which_the_anchors_were_spread() -> None:
    rng = np.random.default_rng(1)
    spreads = np.array([5.0, 3.0, 2.0, 1.0, 0.2])
    turn, _ = np.linalg.qr(rng.normal(size=(5, 5)))
    points = rng.normal(size=(2000, 5)) * spreads @ turn.T
    found = directions(made(points + 7.0))
    for number in range(4):
        vector = found[f"pc{number + 1}"].vector
        assert abs(cosine(vector, turn[:, number])) > 0.99
        assert np.linalg.norm(vector) == pytest.approx(spreads[number], rel=0.1)
        assert found[f"pc{number + 1}"].correlation == 1.0


def test_a_descriptor_that_depends_on_the_latent_is_walked_along_its_gradient_and_one_that_does_not_is_not_trusted() -> None:
    rng = np.random.default_rng(2)
    points = rng.normal(size=(60, 6))
    brightness = np.array([0.0, 0.6, 0.0, -0.8, 0.0, 0.0])
    found = directions(
        made(
            points,
            centroid_hz=1000.0 * np.exp(points @ brightness),
            attack_s=0.1 * np.exp(-points[:, 5] + rng.normal(size=60)),
            level_db=rng.normal(size=60),
        )
    )
    bright = found["centroid_hz"]
    assert bright.descriptor == "centroid_hz" and bright.works
    assert bright.correlation > 0.999  # of the logarithm: exponentials are not straight lines
    assert cosine(bright.vector, brightness) > 0.999
    assert np.std(points @ brightness) == pytest.approx(np.linalg.norm(bright.vector), rel=0.02)
    attack = found["attack_s"]
    assert 0.4 < attack.correlation < 0.9 and attack.works and attack.vector[5] < 0.0
    assert found["level_db"].correlation < 0.3 and not found["level_db"].works


def test_the_correlation_is_that_of_fits_without_the_anchor_they_predict() -> None:
    """As many dimensions as anchors: a fit that sees them all is perfect, whatever the descriptor is."""
    rng = np.random.default_rng(3)
    trusted = [directions(made(rng.normal(size=(24, 32)), noise=rng.normal(size=24)))["noise"].works for _ in range(40)]
    assert np.mean(trusted) < 0.2


def test_few_or_equal_anchors_say_nothing_and_move_nothing_they_do_not_span() -> None:
    points = np.array([[0.0, 0.0, 1.0], [2.0, 0.0, 1.0], [4.0, 0.0, 1.0]])
    few = directions(made(points, centroid_hz=np.array([100.0, 200.0, 400.0]), flatness=np.full(3, 0.5)))
    assert few["centroid_hz"].correlation == 0.0 and not few["centroid_hz"].works
    assert cosine(few["centroid_hz"].vector, np.array([1.0, 0.0, 0.0])) > 0.999
    assert not few["flatness"].vector.any()
    assert few["pc1"].vector.any() and not few["pc2"].vector.any() and not few["pc2"].works
    one = directions(made(points[:1], centroid_hz=np.array([100.0])))
    assert not any(each.vector.any() or each.works for each in one.values())


def test_orchestra_has_working_directions_and_the_same_ones_each_time() -> None:
    latents = Latents.from_bytes((ORCHESTRA / "latents.npz").read_bytes())
    found, again = directions(latents), directions(replace(latents, names=latents.names))
    assert list(found) == ["pc1", "pc2", "pc3", "pc4", *latents.descriptor_names]
    assert all(np.array_equal(found[name].vector, again[name].vector) for name in found)
    anchors = latents.latents.astype(np.float64)
    for direction in found.values():
        along = (anchors - anchors.mean(0)) @ direction.vector / np.linalg.norm(direction.vector)
        assert np.std(along) == pytest.approx(np.linalg.norm(direction.vector))
        if direction.descriptor:
            column = latents.descriptor_names.index(direction.descriptor)
            ranks = latents.descriptors[:, column].argsort().argsort()
            assert np.corrcoef(along, ranks)[0, 1] > 0.5
    assert found["centroid_hz"].works and found["attack_s"].works and found["flatness"].works


def test_orchestra_gets_brighter_along_its_brightness_and_noisier_along_its_noisiness() -> None:
    playable = make_playable(loader.load(ORCHESTRA), 48000.0)

    def heard(direction: str, amount: float) -> tuple[float, float]:
        """Centroid in Hz and log flatness of a note where all corners of the pad have the same share."""
        synth = Synth(48000.0, 4)
        synth.set_instrument(playable)
        synth.schedule(SetOffset(direction, amount), 0.0)
        synth.schedule(NoteOn(60.0, 0.8), 512.0)
        sound = np.zeros((30000, 2), np.float32)
        synth.render(sound)
        assert synth.failed_blocks == 0
        power = np.abs(np.fft.rfft(sound[6000:].mean(axis=1) * np.hanning(24000))) ** 2
        frequency = np.fft.rfftfreq(24000, 1.0 / 48000.0)
        middle = power[30:8000] + 1e-12
        centroid = float((frequency * np.sqrt(power)).sum() / np.sqrt(power).sum())
        return centroid, float(np.mean(np.log(middle)) - np.log(middle.mean()))

    bright = [heard("centroid_hz", amount)[0] for amount in (-2.0, 0.0, 2.0)]
    noisy = [heard("flatness", amount)[1] for amount in (-2.0, 0.0, 2.0)]
    assert bright[1] > 1.2 * bright[0] and bright[2] > 1.2 * bright[1]
    assert noisy[1] > noisy[0] + 1.0 and noisy[2] > noisy[1] + 1.0
