"""Phase-film as an Experiment: one latent an instrument, fitted to analysed levels over whole cycles of the phase.

For a moment of slow time the film is a function of the phase alone. So its partials are the Fourier series of one cycle, found
exactly from a few hundred samples without a window, and compared with the analysed levels in dB. The recordings' own start
phases are anybody's guess between two pitches, so none enters: partials are asked for at fixed phases, the harmonic field's,
the same for every note, and so no partial's phase moves while a level does.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from typing_extensions import override

from sirenade.errors import TrainingError
from training.config import Config, InferenceConfig
from training.data import Sound
from training.experiments import Evaluation
from training.export.parts import InstrumentParts
from training.harmonic.field import band_noise, starting_phases
from training.harmonic.notes import HIGHEST_HZ, Notes, analyse_notes, nominal_hz
from training.harmonic.tabled import Floats, TabledExperiment
from training.phase_film.network import PhaseFilm, PhaseFilmConfig, cycle

AUDIBLE_DB = 70.0
"""Levels so far below the loudest of their moment weigh next to nothing."""
FLOOR_DB = 80.0
"""Levels so far below the loudest of their moment are silence."""
BLOCK = 64
"""Frames between two control points."""
_LEAST_WEIGHT = 0.03
_NOISE_SHARE, _WAVE_SHARE = 0.5, 10.0
_SILENT_DB = -100.0


def build(config: Config, sounds: Sequence[Sound], device: torch.device) -> "PhaseFilmExperiment":
    """PhaseFilmExperiment for the registry: analyses the sounds first. Raises TrainingError where there are none."""
    network = config.network
    if not isinstance(network, PhaseFilmConfig):
        raise TrainingError("phase-film needs its own section [network].")
    if config.inference != InferenceConfig():
        raise TrainingError("phase-film keeps its latents in a table of its own; leave the section [inference] out.")
    if network.points < 4 * network.harmonics:
        least = 4 * network.harmonics
        raise TrainingError(f"network.points is {network.points}; {network.harmonics} harmonics need at least {least}.")
    notes = analyse_notes(sounds, config.data.seconds, network.points // 2 - 1, network.bands, network.hold_out)
    return PhaseFilmExperiment(config, network, sounds, notes, device)


class PhaseFilmExperiment(TabledExperiment):
    """Network, latents [I, D] (one an instrument) and analysed notes."""

    def __init__(
        self, config: Config, network: PhaseFilmConfig, sounds: Sequence[Sound], notes: Notes, device: torch.device
    ) -> None:
        super().__init__(config, sounds, notes, device, HIGHEST_HZ)
        self.network = PhaseFilm(network, self.duration, self.span, self.bandwidth, self.generator)
        self.network.base_db.copy_(_mean_levels(notes))
        self.network.to(device)
        self.latents = self.drawn_latents(network.latent, network.latent_deviation)
        self._trained = torch.from_numpy(np.flatnonzero(~notes.held_out))
        self._partials = torch.from_numpy(np.where(notes.present[:, None], notes.partials_db, -np.inf)).float().to(device)
        self._noise = torch.from_numpy(notes.noise_db).float().to(device)
        self._instrument = torch.from_numpy(notes.instrument).to(device)
        self._pitch = torch.from_numpy(notes.pitch).float().to(device)
        self._velocity = torch.from_numpy(notes.velocity).float().to(device)
        self._times = torch.from_numpy(notes.times).float().to(device)
        self._limit = self.bandwidth / torch.tensor([nominal_hz(pitch) for pitch in notes.pitch]).float().to(device)
        self._cycle = cycle(network.points, network.harmonics).to(device)
        phases = torch.from_numpy(starting_phases(notes.partials_db.shape[2])).float() - torch.pi / 2.0  # of sines
        self._turned = torch.polar(torch.ones_like(phases), phases).to(device)

    @override
    def networks(self) -> dict[str, nn.Module]:
        """The film."""
        return {"network": self.network}

    def loss(self, generator: torch.Generator, progress: float = 0.0) -> dict[str, Tensor]:
        """Weighted L1 in dB of partials and noise bands, and the squared error of the wave at fixed phases."""
        del progress
        network = self.network.config
        note = self._trained[torch.randint(len(self._trained), (network.rows,), generator=generator)].to(self.device)
        moment = torch.randint(len(self._times), (network.rows,), generator=generator).to(self.device)
        jitter = (torch.randn(network.rows, network.latent, generator=generator) * network.latent_noise).to(self.device)
        series, noise = self._found(note, moment, jitter)
        wanted, heard = self._partials[note, moment], self._noise[note, moment]
        loudest = wanted.amax(1, keepdim=True).clamp(min=_SILENT_DB)
        partials = _distance_db(_decibels(series[:, 1:].abs(), loudest - FLOOR_DB), wanted, loudest)
        hiss = _distance_db(noise, heard, loudest)
        amplitude = 10.0 ** (wanted / 20.0)
        off = series[:, :1].abs().square().sum(1) + (series[:, 1:] - amplitude * self._turned).abs().square().sum(1)
        wave = (off / (amplitude.square().sum(1) + 10.0 ** (_SILENT_DB / 10.0))).mean()
        total = partials + _NOISE_SHARE * hiss + _WAVE_SHARE * wave
        return {"total": total, "partials_db": partials, "noise_db": hiss, "wave": wave}

    def evaluate(self) -> Evaluation:
        """Notes beside what the model makes of them, at their measured pitch and recorded level."""
        return self.scored(self.network.config.scored)

    @override
    @torch.no_grad()
    def played(
        self, latent: Tensor, pitch: float, velocity: float, frames: int, cycles: Callable[[Floats], Floats]
    ) -> NDArray[np.float32]:
        """It is computed at the data's rate, so it aliases as a player's that does not oversample."""
        network, count = self.network.cpu(), -(-frames // BLOCK)
        borders = np.arange(count + 1, dtype=np.float64) * (BLOCK / self.rate)
        phases, moments = torch.from_numpy(cycles(borders)), torch.from_numpy(borders).float()
        told, loud = (torch.full((count + 1,), value) for value in (pitch, velocity))
        slow = network.modulations(latent.detach().cpu().expand(count + 1, -1), told, loud, moments)
        advance, blend = phases.diff().unsqueeze(1), (torch.arange(BLOCK) / BLOCK).expand(count, -1)
        feeds = {
            "phase_start": phases[:-1],
            "phase_offset": (advance * blend).float(),
            "bandlimit": (0.5 * BLOCK / advance[:, 0]).float(),
            "noise": torch.from_numpy(band_noise(self.notes.edges_hz, self.rate, count * BLOCK)).view(count, BLOCK, -1),
            "blend": blend,
        }
        for name, values in slow.items():
            feeds |= {f"{name}_start": values[:-1], f"{name}_end": values[1:]}
        pieces = [network.field({name: each[part] for name, each in feeds.items()}) for part in _parts(count)]
        samples: NDArray[np.float32] = torch.cat(pieces).flatten()[:frames].numpy()
        return samples

    def parts(self) -> InstrumentParts:
        """The instrument's parts (training/phase_film/export.py)."""
        from training.phase_film.export import film_parts  # both modules need each other

        return film_parts(self)

    def _found(self, note: Tensor, moment: Tensor, jitter: Tensor) -> tuple[Tensor, Tensor]:
        """Complex Fourier series [R, P / 2] of the tone from the mean upwards, and levels in dB [R, B] of the noise bands."""
        network, points = self.network, self.network.config.points
        latent = self.latents[self._instrument[note]] + jitter
        film, levels = network.control(latent, self._pitch[note], self._velocity[note], self._times[moment])
        given = self._cycle * network.audible(self._limit[note]).repeat(1, 2).unsqueeze(1)
        waves = network.wave(given, film.unsqueeze(1))
        series = torch.fft.rfft(waves)[:, : points // 2] * (2.0 / points)
        return series * 10.0 ** (levels[:, :1].clamp(max=0.0) / 20.0), levels[:, 1:]


def _distance_db(found: Tensor, wanted: Tensor, loudest: Tensor) -> Tensor:
    """Mean weighted |difference| in dB of levels [R, M] whose moments' loudest partials are `loudest` [R, 1]."""
    wanted = torch.maximum(wanted, loudest - FLOOR_DB)
    found = torch.maximum(found, loudest - FLOOR_DB)
    over = torch.maximum(found.detach(), wanted) - (loudest - AUDIBLE_DB)
    weight = (over / AUDIBLE_DB).clamp(_LEAST_WEIGHT, 1.0)
    return ((weight * (found - wanted).abs()).sum(1) / weight.sum(1)).mean()


def _decibels(amplitude: Tensor, floor_db: Tensor) -> Tensor:
    """Amplitudes in dB over a soft floor, where the gradient fades instead of growing without bound."""
    return 10.0 * torch.log10(amplitude.square() + 10.0 ** (floor_db / 10.0))


def _mean_levels(notes: Notes) -> Tensor:
    """Mean level [1 + B] in dB of all partials together and of each noise band."""
    tone = 10.0 * np.log10((10.0 ** (notes.partials_db / 10.0)).sum(2) + 1e-12).mean()
    return torch.from_numpy(np.concatenate([[tone], np.maximum(notes.noise_db, _SILENT_DB).mean((0, 1))])).float()


def _parts(count: int, length: int = 128) -> list[slice]:
    return [slice(begin, begin + length) for begin in range(0, count, length)]
