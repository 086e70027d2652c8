"""Waveforms as a lesson: pieces of recordings beside what the field makes of them, by their spectra.

Training on analysed levels needs no audio, but inherits what the analysis got wrong. So the last part of a training also plays
pieces of the trained notes through the field, at their recorded pitch and with another phase and other noise each time, and
follows the multi-resolution STFT distance to the recordings (Yamamoto et al. 2020, section 2.2).
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from training.data import Sound
from training.harmonic.field import BLOCK, band_noise, field
from training.harmonic.network import SlowNetwork
from training.harmonic.notes import Notes
from training.metrics.spectral import FLOOR_DB, RESOLUTIONS

PIECES, BLOCKS = 4, 96
"""Pieces in a step, and their length in blocks of the field: 0.13 s at 48 kHz."""
AT_ONSET = 0.4
"""Share of the pieces that begin where their note does."""
NOISE_S = 4.0


class Waveforms:
    """Trained notes as recordings, and how far the field's notes are from them."""

    def __init__(self, sounds: Sequence[Sound], notes: Notes, rate: int, duration: float, bandwidth: float) -> None:
        """`sounds` are the recordings of `notes`; `duration` in s is how much of each was analysed."""
        self._notes, self._rate, self._bandwidth = notes, rate, bandwidth
        self._recordings = [sound.samples[int(lead) :] for sound, lead in zip(sounds, notes.leads, strict=True)]
        self._blocks = [int(min(len(each), duration * rate)) // BLOCK for each in self._recordings]
        self._usable = [int(n) for n in np.flatnonzero(~notes.held_out) if self._blocks[n] >= BLOCKS]
        self._noise = torch.from_numpy(band_noise(notes.edges_hz, rate, int(NOISE_S * rate)))

    def distance(self, network: SlowNetwork, latents: Tensor, generator: torch.Generator) -> Tensor:
        """Multi-resolution STFT distance [] of PIECES pieces of trained notes; `latents` [I, D] are the instruments'.

        0 where every note is shorter than a piece.
        """
        if not self._usable:
            return torch.zeros((), device=latents.device)
        chosen = torch.randint(len(self._usable), (PIECES,), generator=generator).tolist()
        pairs = [self._piece(self._usable[each], network, latents, generator) for each in chosen]
        distance = stft_distance(torch.stack([wanted for wanted, _ in pairs]), torch.stack([found for _, found in pairs]))
        return distance.to(latents.device)

    def _piece(self, note: int, network: SlowNetwork, latents: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """A piece of a recording [BLOCKS BLOCK] at the level that the field is trained at, and the field's."""
        notes = self._notes
        at_onset, place, start, hiss = torch.rand(4, generator=generator).tolist()
        begin = 0 if at_onset < AT_ONSET else int(place * (self._blocks[note] - BLOCKS + 1))
        velocity = max(float(notes.velocity[note]), 1e-3)
        gain = 10.0 ** (notes.gains_db[note] / 20.0) * velocity**2
        recorded = torch.from_numpy(self._recordings[note][begin * BLOCK : (begin + BLOCKS) * BLOCK])
        borders = np.arange(begin, begin + BLOCKS + 1, dtype=np.float64) * (BLOCK / self._rate)
        told = (
            latents[notes.instrument[note]].unsqueeze(0),
            torch.tensor([float(notes.pitch[note])], device=latents.device),
            torch.tensor([velocity], device=latents.device),
        )
        moments = torch.from_numpy(borders).float().to(latents.device)
        slow = network.modulations(*told, moments, self._bandwidth)
        cycles = torch.from_numpy(notes.cycles(note, borders) + start)
        advance = (cycles[1:] - cycles[:-1]).unsqueeze(1)
        blend = (torch.arange(BLOCK) / BLOCK).expand(BLOCKS, -1)
        heard = int(hiss * (len(self._noise) - BLOCKS * BLOCK))
        feeds = {
            "phase_start": cycles[:-1],
            "phase_offset": (advance * blend).float(),
            "bandlimit": (0.5 * BLOCK / advance[:, 0]).float(),
            "noise": self._noise[heard : heard + BLOCKS * BLOCK].view(BLOCKS, BLOCK, -1),
            "blend": blend,
        }
        for name, values in slow.items():
            ends = values.cpu()
            feeds |= {f"{name}_start": ends[:-1], f"{name}_end": ends[1:]}
        return recorded * gain, field(feeds, network.layout.partials, network.layout.mode_ratios).flatten()


def stft_distance(wanted: Tensor, found: Tensor) -> Tensor:
    """Spectral convergence plus L1 of natural-log magnitudes of sounds [R, N], mean over resolutions and sounds.

    Magnitudes are floored 80 dB below the loudest bin that each sound should have.
    """
    total = torch.zeros(())
    for size in RESOLUTIONS:
        window = torch.hann_window(size)
        target, made = (
            torch.stft(each, size, size // 4, window=window, center=False, return_complex=True).abs()
            for each in (wanted, found)
        )
        floor = (target.amax((1, 2), keepdim=True) * 10.0 ** (FLOOR_DB / 20.0)).clamp(min=1e-7)
        convergence = (target - made).norm(dim=(1, 2)) / target.norm(dim=(1, 2)).clamp(min=1e-6)
        logarithmic = (torch.maximum(target, floor).log() - torch.maximum(made, floor).log()).abs().mean((1, 2))
        total = total + (convergence + logarithmic).mean()
    return total / len(RESOLUTIONS)
