"""What a step of the harmonic field's training sees: moments of notes, and of what lies between two notes.

A high note has few partials: a step's notes are sorted by how many they have, and computed in parts that leave out the others.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.harmonic.network import FLOOR_DB, HarmonicConfig
from training.harmonic.notes import Notes
from training.harmonic.pairs import neighbours, partners
from training.harmonic.stiffness import instrument_places

AUDIBLE_DB = 75.0
"""Levels so far below the loudest of their moment weigh next to nothing."""
_LEAST_WEIGHT = 0.05
_RELEASED_NOTES, _RELEASED_MOMENTS = 12, 8
_PARTS = 2
_LOG_POWER = math.log(10.0) / 10.0


@dataclass(frozen=True)
class Lesson:
    """N notes, each between two (the share of the second may be 0), at T moments each, of whose partials `partials` count.

    instruments  [N, 2] of both; share [N]; jitter [N, D] for the latents
    pitch, velocity, place (among the series), fall (dB/s beyond the end), vibrato_hz  [N]
    times        [N, T] s
    levels       [N, T, partials + M + B] dB; present [N, partials + M + B] whether both notes can have them
    drift, vibrato  [N, T] cents
    """

    partials: int
    instruments: Tensor
    share: Tensor
    jitter: Tensor
    pitch: Tensor
    velocity: Tensor
    place: Tensor
    fall: Tensor
    vibrato_hz: Tensor
    times: Tensor
    levels: Tensor
    present: Tensor
    drift: Tensor
    vibrato: Tensor

    def mixed(self, pairs: Tensor) -> Tensor:
        """Of what both notes have [N, 2, D], what lies between them [N, D]."""
        return torch.lerp(pairs[:, 0], pairs[:, 1], self.share.unsqueeze(1))


class Lessons:
    """The analysed notes as tensors on the training's device, and random lessons of them."""

    def __init__(self, notes: Notes, network: HarmonicConfig, device: torch.device) -> None:
        self.network, self.device = network, device
        self._trained = torch.from_numpy(np.flatnonzero(~notes.held_out))
        self._released = torch.from_numpy(np.flatnonzero(~notes.held_out & notes.has_release))
        self._partners = torch.from_numpy(partners(notes))
        self._neighbours = torch.from_numpy(neighbours(notes))
        self._partials = torch.from_numpy(np.maximum(notes.partials_db, FLOOR_DB)).to(device)
        rest = np.concatenate([notes.modes_db, notes.noise_db], 2)
        self._rest = torch.from_numpy(np.maximum(rest, FLOOR_DB)).to(device)
        pairs = zip(self._partials, self._rest, strict=True)
        self._loudness = torch.stack([_loudness_db(torch.cat(pair, 1)) for pair in pairs])
        self._present = torch.from_numpy(_present(notes)).to(device)
        self._heard = torch.from_numpy(notes.present.sum(1))
        self._release = torch.from_numpy(notes.release_db).to(device)

        def numbers(values: NDArray[np.floating]) -> Tensor:
            return torch.from_numpy(np.asarray(values, np.float32)).to(device)

        self.instrument = torch.from_numpy(notes.instrument).to(device)
        self.pitch, self.velocity = numbers(notes.pitch), numbers(notes.velocity)
        self._times, self._release_times = numbers(notes.times), numbers(notes.release_times)
        self._places, self._falls = numbers(_places(notes)), numbers(-notes.tail_db_s)
        self._drift, self._vibrato, self._rates = (
            numbers(each) for each in (notes.drift_cents, notes.vibrato_cents, notes.vibrato_hz)
        )

    def draw(self, generator: torch.Generator) -> list[Lesson]:
        """One step's lessons, equally large but for the last; all randomness is the generator's."""
        count, moments = self.network.notes, self.network.moments
        first = self._trained[torch.randint(len(self._trained), (count,), generator=generator)]
        second, share = self._others(first, generator)
        jitter = torch.randn(count, self.network.latent, generator=generator) * self.network.latent_noise
        moment = torch.randint(len(self._times), (count, moments), generator=generator)
        heard = torch.minimum(self._heard[first], self._heard[second])
        lessons = []
        for part in torch.argsort(heard, stable=True).chunk(_PARTS):
            rows = (each[part].to(self.device) for each in (first, second, share, jitter, moment))
            lessons.append(self._lesson(*rows, partials=int(heard[part].max())))
        return lessons

    def _lesson(self, first: Tensor, second: Tensor, share: Tensor, jitter: Tensor, moment: Tensor, *, partials: int) -> Lesson:
        def between(values: Tensor) -> Tensor:
            return torch.lerp(values[first], values[second], share)

        def over_time(values: Tensor) -> Tensor:
            one, two = values[first.unsqueeze(1), moment], values[second.unsqueeze(1), moment]
            return torch.lerp(one, two, share.view(-1, *[1] * (one.dim() - 1)))

        middle = torch.cat([over_time(self._partials[:, :, :partials]), over_time(self._rest)], 2)
        present = self._present[first] & self._present[second]
        louder = over_time(self._loudness) - _loudness_db(middle)  # a mean of levels in dB is quieter than both
        return Lesson(
            partials=partials,
            instruments=torch.stack([self.instrument[first], self.instrument[second]], 1),
            share=share,
            jitter=jitter,
            pitch=between(self.pitch),
            velocity=between(self.velocity),
            place=between(self._places),
            fall=between(self._falls),
            vibrato_hz=between(self._rates),
            times=self._times[moment],
            levels=(middle + louder.unsqueeze(2)).clamp(min=FLOOR_DB),
            present=torch.cat([present[:, :partials], present[:, self._partials.shape[2] :]], 1),
            drift=over_time(self._drift),
            vibrato=over_time(self._vibrato),
        )

    def released(self, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Numbers of notes [N], s since their end [N, S], levels re that [N, S, K + M + B] in dB, which are present."""
        note = self._released[torch.randint(len(self._released), (_RELEASED_NOTES,), generator=generator)]
        shape = (_RELEASED_NOTES, _RELEASED_MOMENTS)
        moment = torch.randint(len(self._release_times), shape, generator=generator).to(self.device)
        note = note.to(self.device)
        return note, self._release_times[moment], self._release[note.unsqueeze(1), moment], self._present[note]

    def _others(self, note: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """For each row, a second note and its share: another instrument's, a neighbour's, or none (share 0)."""
        network, rows = self.network, len(note)
        partner = self._partners[note, torch.randint(self._partners.shape[1], (rows,), generator=generator)]
        neighbour = self._neighbours[note, torch.randint(self._neighbours.shape[1], (rows,), generator=generator)]
        kind, share = torch.rand(rows, generator=generator), torch.rand(rows, generator=generator)
        other = torch.where(kind < network.mix, partner, neighbour)
        return other, torch.where(kind < network.mix + network.slide, share, 0.0)


def distance_db(found: Tensor, wanted: Tensor, present: Tensor, bands: int) -> tuple[Tensor, Tensor]:
    """Mean weighted |difference| in dB of [N, T, L] levels: of tones, and of the last `bands`; below the floor none counts.

    What is audible in either weighs more; `present` [N, L].
    """
    tones = found.shape[2] - bands
    loudest = wanted[..., :tones].amax(2, keepdim=True)
    with torch.no_grad():
        over = torch.maximum(found, wanted) - (loudest - AUDIBLE_DB)
        weight = (over * (1.0 / AUDIBLE_DB)).clamp(_LEAST_WEIGHT, 1.0) * present.unsqueeze(1)
        counted = weight * ((found > wanted) | (wanted > FLOOR_DB))
    rows = counted * (found - wanted).abs()
    tonal = rows[..., :tones].sum(2) / weight[..., :tones].sum(2).clamp(min=1e-6)
    noise = rows[..., tones:].sum(2) / weight[..., tones:].sum(2)
    return tonal.mean(), noise.mean()


def sum_of(terms: Iterable[Tensor]) -> Tensor:
    """The sum of scalars."""
    return torch.stack(list(terms)).sum()


def mean_levels(notes: Notes) -> NDArray[np.float32]:
    """Mean level [K + M + B] in dB over the notes that have it."""
    parts = (notes.partials_db, notes.modes_db, notes.noise_db)
    means = np.concatenate([[np.maximum(note, FLOOR_DB).mean(0) for note in part] for part in parts], 1)
    present = _present(notes)
    total = (means * present).sum(0) / np.maximum(present.sum(0), 1)
    return np.where(present.any(0), total, FLOOR_DB).astype(np.float32)


def _loudness_db(levels: Tensor) -> Tensor:
    return torch.log(torch.exp(levels * _LOG_POWER).sum(-1)) * (1.0 / _LOG_POWER)


def _present(notes: Notes) -> NDArray[np.bool_]:
    """Whether each note's recording can hold each level [n, K + M + B]."""
    first = np.array([tuning.first_hz for tuning in notes.tunings])
    modes = first[:, None] * notes.mode_ratios < 0.98 * notes.edges_hz[-1]
    bands = np.ones((len(first), notes.noise_db.shape[2]), np.bool_)
    return np.concatenate([notes.present, modes, bands], 1)


def _places(notes: Notes) -> NDArray[np.float64]:
    """Place among the series of each note [n], smooth over an instrument's pitches."""
    places = np.zeros(len(notes.pitch))
    for own in range(len(notes.instruments)):
        mine = notes.instrument == own
        places[mine] = instrument_places(notes.pitch[mine], notes.inharmonicity[mine])
    return places
