"""Ways of playing the first moments of a note."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from benchmarks.attacks.notes import PARTIALS, RESIDUAL_S, Levels, Study, fade, smeared
from benchmarks.attacks.siren import FittedAttacks
from training.harmonic.field import BLOCK, band_noise, starting_phases

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Way:
    """How an attack is played, and what it adds: multiply-adds a sample while it sounds, and learnt numbers."""

    name: str
    play: Callable[[int], Floats]
    macs: int = 0
    parameters: int = 0


class Attacks:
    """All ways to play the notes of a study for `seconds`."""

    def __init__(self, study: Study, seconds: float, siren_seconds: float) -> None:
        """`siren_seconds` of processor time are spent on each of the two networks."""
        self.study, self.seconds, self.siren_seconds = study, seconds, siren_seconds

    def ways(self) -> Mapping[str, Way]:
        """By name, the plainest first."""
        tones, trained = PARTIALS + len(self.study.notes.mode_ratios), int((~self.study.notes.held_out).sum())
        ways = [
            Way("none", lambda note: self._play(note, fine=False, phases=self._random)),
            Way("fine noise and tones", lambda note: self._play(note, phases=self._random)),
            Way("fine, without noise", lambda note: self._play(note, phases=self._random, noise=False)),
            Way("fine, sine phases", lambda note: self._play(note, phases=np.zeros_like)),
            Way("fine, recorded phases", lambda note: self._play(note, phases=self._recorded(note)), tones, trained * tones),
            Way("SIREN, note latents", self._with(self._by_note), *self._cost(self._by_note)),
            Way("SIREN, instrument and pitch", self._with(self._by_pitch), *self._cost(self._by_pitch)),
            Way(
                "SIREN, note latents, recorded phases",
                lambda note: self._with(self._by_note, self._recorded(note))(note),
                self._cost(self._by_note)[0] + tones,
                self._cost(self._by_note)[1] + trained * tones,
            ),
            Way("fine, true residual", lambda note: self._spliced(note, self.study.residual(note), self._random)),
        ]
        return {way.name: way for way in ways}

    def _play(
        self,
        note: int,
        *,
        phases: Callable[[Floats], Floats],
        fine: bool = True,
        noise: bool = True,
    ) -> Floats:
        levels = self.study.levels(note)
        if not fine:
            levels = smeared(levels, float(self.study.notes.pitch[note]))
        hz = self.study.tones_hz(note)
        return played(levels, hz, phases(hz), self.study.notes.edges_hz, self.study.rate, self.seconds, noise=noise)

    def _spliced(self, note: int, residual: Floats, phases: Callable[[Floats], Floats]) -> Floats:
        """Tones with `residual` instead of noise at first; levels are fine ones."""
        levels = self.study.levels(note)
        hush = 20.0 * np.log10(np.maximum(1.0 - fade(levels.times), 1e-6))[:, None]
        levels = Levels(levels.times, levels.partials_db, levels.noise_db + hush, levels.modes_db)
        hz = self.study.tones_hz(note)
        out = played(levels, hz, phases(hz), self.study.notes.edges_hz, self.study.rate, self.seconds)
        out[: len(residual)] += residual
        return out

    @staticmethod
    def _random(hz: Floats) -> Floats:
        return starting_phases(len(hz))

    def _recorded(self, note: int) -> Callable[[Floats], Floats]:
        """Those of the nearest note that was trained on."""
        nearest = max(self.study.known(note), key=lambda each: each[1])[0]
        return lambda _: self.study.phases(nearest)

    @cached_property
    def _trained(self) -> NDArray[np.int64]:
        return np.flatnonzero(~self.study.notes.held_out)

    @cached_property
    def _residuals(self) -> tuple[Floats, Floats]:
        """Residuals of the trained notes at unit loudness, and their loudness [n]."""
        found = np.stack([self.study.residual(int(note)) for note in self._trained])
        loudness = np.sqrt(np.mean(found**2, axis=1)) + 1e-9
        return found / loudness[:, None], loudness

    @cached_property
    def _by_note(self) -> FittedAttacks:
        labels = np.arange(len(self._trained))
        return FittedAttacks(self._residuals[0], labels, np.zeros((len(labels), 0)), self.study.rate, self.siren_seconds)

    @cached_property
    def _by_pitch(self) -> FittedAttacks:
        labels = self.study.notes.instrument[self._trained]
        known = np.stack([self._told(int(note)) for note in self._trained])
        return FittedAttacks(self._residuals[0], labels, known, self.study.rate, self.siren_seconds)

    def _told(self, note: int) -> Floats:
        return np.array([(self.study.notes.pitch[note] - 60.0) / 24.0])

    def _cost(self, fitted: FittedAttacks) -> tuple[int, int]:
        return fitted.network.macs, fitted.network.parameters_count + fitted.latents.numel()

    def _with(self, fitted: FittedAttacks, phases: Callable[[Floats], Floats] | None = None) -> Callable[[int], Floats]:
        def play(note: int) -> Floats:
            places = [(int(np.searchsorted(self._trained, own)), share) for own, share in self.study.known(note)]
            loudness = float(np.exp(sum(share * np.log(self._residuals[1][place]) for place, share in places)))
            if fitted is self._by_pitch:
                samples = fitted.play([(int(self.study.notes.instrument[note]), 1.0)], self._told(note))
            else:
                samples = fitted.play(places, np.zeros(0))
            ending = fade(np.arange(round(RESIDUAL_S * self.study.rate)) / self.study.rate)
            return self._spliced(note, loudness * samples * ending, phases or self._random)

        return play


def played(
    levels: Levels, hz: Floats, phases: Floats, edges_hz: Floats, rate: float, seconds: float, *, noise: bool = True
) -> Floats:
    """A note of `seconds` at `rate` Hz as the field plays it: tones at `hz` [K + M] from `phases`, and bands of noise."""
    blocks = int(np.ceil(seconds * rate / BLOCK))
    moments, at = np.arange(blocks + 1) * (BLOCK / rate), np.arange(blocks * BLOCK) / rate
    blend = np.arange(BLOCK) / BLOCK

    def loud(levels_db: Floats) -> Floats:
        """Amplitude at each frame [frames]."""
        ends = 10.0 ** (np.interp(moments, levels.times, levels_db) / 20.0)
        return np.asarray((ends[:-1, None] + blend * np.diff(ends)[:, None]).ravel())

    out = np.zeros(len(at))
    tones = np.concatenate([levels.partials_db, levels.modes_db], 1).T
    for level, own, start in zip(tones, hz, phases, strict=True):
        if level.max() > -120.0 and own < 0.985 * rate / 2:
            out += loud(level) * np.sin(2.0 * np.pi * own * at + start)
    if noise:
        for level, band in zip(levels.noise_db.T, band_noise(edges_hz, rate, len(at)).T, strict=True):
            out += loud(level) * band
    return out[: round(seconds * rate)]
