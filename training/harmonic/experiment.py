"""The harmonic field as an Experiment: one latent per instrument, fitted to analysed levels in dB."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sirenade.errors import TrainingError
from training.config import Config, InferenceConfig
from training.data import Sound
from training.experiments import Evaluation, Reconstruction
from training.export.parts import InstrumentParts
from training.harmonic.field import render_note
from training.harmonic.network import FLOOR_DB, HarmonicConfig, SlowNetwork
from training.harmonic.notes import Notes, analyse_notes
from training.harmonic.pairs import neighbours, partners
from training.harmonic.stiffness import instrument_places
from training.report import HELD_OUT

AUDIBLE_DB = 70.0
"""Levels so far below the loudest of their moment weigh next to nothing."""
_LEAST_WEIGHT = 0.03
_NOISE_SHARE = 0.5
_PLACE_SHARE = 2.0
_HARMONIC_PLACE = 0.2
PITCH_MARGIN = 2.0
BANDWIDTH_SHARE = 0.985


def build(config: Config, sounds: Sequence[Sound], device: torch.device) -> "HarmonicExperiment":
    """HarmonicExperiment for the registry: analyses the sounds first. Raises TrainingError where there are none."""
    network = config.network
    if not isinstance(network, HarmonicConfig):
        raise TrainingError("the harmonic field needs its own section [network].")
    if config.inference != InferenceConfig():
        raise TrainingError("the harmonic field keeps its latents in a table of its own; leave the section [inference] out.")
    notes = analyse_notes(sounds, config.data.seconds, network.partials, network.bands, network.hold_out)
    return HarmonicExperiment(config, network, sounds, notes, device)


class HarmonicExperiment:
    """Slow network, latents [I, D] (one an instrument) and analysed notes."""

    metrics: Sequence[str] = ("lsd_db", "multi_stft", "hiss_db")

    def __init__(
        self, config: Config, network: HarmonicConfig, sounds: Sequence[Sound], notes: Notes, device: torch.device
    ) -> None:
        self.config, self.sounds, self.notes, self.device = config, tuple(sounds), notes, device
        self.rate, self.duration = config.data.rate, float(notes.times[-1])
        self.bandwidth = BANDWIDTH_SHARE * self.rate / 2.0
        generator = torch.Generator().manual_seed(config.seed)
        span = float(notes.pitch.min()) - PITCH_MARGIN, float(notes.pitch.max()) + PITCH_MARGIN
        self.network = SlowNetwork(network, self.duration, span, generator)
        self.network.set_base(_mean_levels(notes))
        self.network.to(device)
        table = torch.randn(len(notes.instruments), network.latent, generator=generator) * network.latent_deviation
        self.latents = nn.Parameter(table.to(device))
        self._trained = torch.from_numpy(np.flatnonzero(~notes.held_out))
        self._partners = torch.from_numpy(partners(notes))
        self._neighbours = torch.from_numpy(neighbours(notes))
        self._levels = torch.from_numpy(np.concatenate([notes.partials_db, notes.noise_db], 2)).flatten(0, 1).to(device)
        self._present = torch.from_numpy(_padded(notes.present, network.bands)).to(device)
        self._instrument = torch.from_numpy(notes.instrument).to(device)
        self._pitch = torch.from_numpy(notes.pitch).float().to(device)
        self._velocity = torch.from_numpy(notes.velocity).float().to(device)
        self._times = torch.from_numpy(notes.times).float().to(device)
        self._places = torch.from_numpy(_places(notes)).float().to(device)

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Network and latents."""
        optimiser = self.config.optimiser
        return [
            {"params": list(self.network.parameters())},
            {"params": [self.latents], "lr_scale": (optimiser.latent_lr or optimiser.lr) / optimiser.lr},
        ]

    def loss(self, generator: torch.Generator, progress: float = 0.0) -> dict[str, Tensor]:
        """Weighted L1 in dB of partials and noise bands, and the distance of the place among the series."""
        del progress
        network = self.network.config
        note = self._trained[torch.randint(len(self._trained), (network.rows,), generator=generator)]
        other, share = self._others(note, generator)
        other, share = other.to(self.device), share.to(self.device)
        jitter = (torch.randn(network.rows, network.latent, generator=generator) * network.latent_noise).to(self.device)
        moment = torch.randint(len(self._times), (network.rows,), generator=generator).to(self.device)
        note = note.to(self.device)
        latents = self.latents[self._instrument]
        latent = torch.lerp(latents[note], latents[other], share.unsqueeze(1)) + jitter
        wanted = self._between(note, other, share, moment)
        pitch = torch.lerp(self._pitch[note], self._pitch[other], share)
        velocity = torch.lerp(self._velocity[note], self._velocity[other], share)
        found, place = self.network(latent, pitch, velocity, self._times[moment])
        partials, noise = _distance_db(found, wanted, self._present[note] & self._present[other], network.partials)
        aim = torch.lerp(self._places[note], self._places[other], share)
        off = torch.where(aim > 0.0, (place - aim).abs(), torch.relu(place - _HARMONIC_PLACE)).mean()
        return {
            "total": partials + _NOISE_SHARE * noise + _PLACE_SHARE * off,
            "partials_db": partials,
            "noise_db": noise,
            "place": off,
        }

    def state_dict(self) -> dict[str, Tensor]:
        """Network and latents."""
        return {"latents": self.latents.detach(), **{f"network.{k}": v for k, v in self.network.state_dict().items()}}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Take over network and latents. Raises TrainingError where they are another network's."""
        try:
            self.network.load_state_dict({k.removeprefix("network."): v for k, v in state.items() if k != "latents"})
            with torch.no_grad():
                self.latents.copy_(state["latents"])
        except (RuntimeError, KeyError):
            raise TrainingError("the checkpoint belongs to another network or data set; train anew.") from None

    def evaluate(self) -> Evaluation:
        """Notes beside what the model makes of them, at their measured pitch and recorded level."""
        count = len(self.sounds)
        wanted = self.network.config.scored or count
        chosen = np.unique(np.linspace(0, count - 1, min(count, wanted)).round().astype(int))
        return Evaluation.of([self.reconstruction(int(index)) for index in chosen], self.metrics)

    def reconstruction(self, index: int) -> Reconstruction:
        """Note `index` beside the model's; the name says where the pitch was held out of training."""
        sound, notes = self.sounds[index], self.notes
        lead = int(notes.leads[index])
        frames = min(len(sound.samples) - lead, round(self.duration * self.rate))
        made = self.render(
            self.latents[self.notes.instrument[index]].detach(),
            sound.pitch,
            sound.velocity,
            hz=notes.tunings[index].first_hz,
            seconds=frames / self.rate,
        )
        gain = 10.0 ** (-notes.gains_db[index] / 20.0) / max(sound.velocity, 1e-3) ** 2
        name = HELD_OUT + sound.name if notes.held_out[index] else sound.name
        return Reconstruction(name, sound.samples[lead : lead + frames], (made * gain).astype(np.float32), self.rate)

    def render(
        self, latent: Tensor, pitch: float, velocity: float, *, hz: float | None = None, seconds: float | None = None
    ) -> NDArray[np.float32]:
        """A note [T] at the data's rate; `hz` defaults to the key's own frequency, `seconds` to the trained duration."""
        played = hz or 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)
        length = seconds or self.duration
        return render_note(
            self.network.cpu(), latent.cpu(), pitch, velocity, played, self.rate, length, self.notes.edges_hz, self.bandwidth
        )

    def parts(self) -> InstrumentParts:
        """The instrument's parts (training/harmonic/export.py)."""
        from training.harmonic.export import harmonic_parts  # both modules need each other

        return harmonic_parts(self)

    def _others(self, note: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """For each row, a second note and its share: another instrument's, a neighbour's, or none (share 0)."""
        network, rows = self.network.config, len(note)
        partner = self._partners[note, torch.randint(self._partners.shape[1], (rows,), generator=generator)]
        neighbour = self._neighbours[note, torch.randint(self._neighbours.shape[1], (rows,), generator=generator)]
        kind, share = torch.rand(rows, generator=generator), torch.rand(rows, generator=generator)
        other = torch.where(kind < network.mix, partner, neighbour)
        return other, torch.where(kind < network.mix + network.slide, share, 0.0)

    def _between(self, note: Tensor, other: Tensor, share: Tensor, moment: Tensor) -> Tensor:
        """Levels [R, K + B] between two notes, interpolated in dB and brought to the loudness between them."""
        frames = len(self._times)
        first = self._levels[note * frames + moment].clamp(min=FLOOR_DB)
        second = self._levels[other * frames + moment].clamp(min=FLOOR_DB)
        middle = torch.lerp(first, second, share.unsqueeze(1))
        aim = torch.lerp(_loudness_db(first), _loudness_db(second), share)
        return (middle + (aim - _loudness_db(middle)).unsqueeze(1)).clamp(min=FLOOR_DB)


def _distance_db(found: Tensor, wanted: Tensor, present: Tensor, partials: int) -> tuple[Tensor, Tensor]:
    """Mean weighted |difference| in dB of partials and of noise; below the floor nothing counts."""
    loudest = wanted[:, :partials].amax(1, keepdim=True)
    error = torch.relu(found - wanted) + torch.relu(wanted - found) * (wanted > FLOOR_DB)
    over = torch.maximum(found.detach(), wanted) - (loudest - AUDIBLE_DB)
    weight = (over / AUDIBLE_DB).clamp(_LEAST_WEIGHT, 1.0) * present
    rows = weight * error
    tonal = rows[:, :partials].sum(1) / weight[:, :partials].sum(1).clamp(min=1e-6)
    noise = rows[:, partials:].sum(1) / weight[:, partials:].sum(1)
    return tonal.mean(), noise.mean()


def _loudness_db(levels: Tensor) -> Tensor:
    return 10.0 * torch.log10((10.0 ** (levels / 10.0)).sum(1))


def _mean_levels(notes: Notes) -> NDArray[np.float32]:
    """Mean level [K + B] in dB over the notes that have the partial."""
    partials = np.maximum(notes.partials_db, FLOOR_DB).mean(1)
    count = np.maximum(notes.present.sum(0), 1)
    tonal = np.where(notes.present.any(0), (partials * notes.present).sum(0) / count, FLOOR_DB)
    return np.concatenate([tonal, np.maximum(notes.noise_db, FLOOR_DB).mean((0, 1))]).astype(np.float32)


def _padded(present: NDArray[np.bool_], bands: int) -> NDArray[np.bool_]:
    return np.pad(present, ((0, 0), (0, bands)), constant_values=True)


def _places(notes: Notes) -> NDArray[np.float64]:
    """Place among the series of each note [n], smooth over an instrument's pitches."""
    places = np.zeros(len(notes.pitch))
    for own in range(len(notes.instruments)):
        mine = notes.instrument == own
        places[mine] = instrument_places(notes.pitch[mine], notes.inharmonicity[mine])
    return places
