"""The field in PyTorch: partials of a phase plus shaped noise. The graph is nulled against it; recordings are met with it."""

import itertools
from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from synth.instrument.noise_bands import band_gains
from training.harmonic.network import SlowNetwork
from training.harmonic.stiffness import SLOTS, series_ratios

FADE_FROM = 0.92
"""Partials fade linearly from this share of the band limit to nothing at it."""
BLOCK = 64
"""Frames between two control points."""
SILENT = 1e-7


def starting_phases(partials: int) -> NDArray[np.float64]:
    """Phases in radians [K] at the onset: fixed and random, so that no two partials peak together."""
    return np.random.default_rng(1822).uniform(0.0, 2.0 * np.pi, partials)


def field(feeds: dict[str, Tensor], partials: int, mode_ratios: Sequence[float] = ()) -> Tensor:
    """Samples [V, N] for the field graph's feeds (synth.instrument.contract), in the type of its `blend`.

    sample = sum over series s and partials k of A_sk sin(2 pi r_sk phase + theta_k), plus the same of the modes m with
    amplitudes B_m at the constant ratios rho_m [M], plus gain times noise of each band.
    """
    dtype, bandlimit = feeds["blend"].dtype, feeds["bandlimit"].double().unsqueeze(1)
    slots = torch.maximum(feeds["series_start"], feeds["series_end"]).topk(SLOTS, 1).indices
    ratios = torch.from_numpy(series_ratios(partials))[slots].flatten(1)
    phases = torch.from_numpy(starting_phases(partials + len(mode_ratios)))
    thetas = phases[:partials].repeat(SLOTS)
    modes = torch.tensor(mode_ratios, dtype=torch.float64)
    if len(mode_ratios):
        ratios = torch.cat([ratios, modes.expand(len(ratios), -1)], 1)
        thetas = torch.cat([thetas, phases[partials:]])
    audible = ((1.0 - ratios / bandlimit) / (1.0 - FADE_FROM)).clamp(0.0, 1.0).to(dtype)
    ends = [_tones(feeds, end, slots) * audible for end in ("start", "end")]
    active = torch.nonzero(torch.maximum(*ends).amax(0) > SILENT).squeeze(1)
    turns = (feeds["phase_start"].double().unsqueeze(1) * ratios[:, active]) % 1.0
    start = (turns * (2.0 * torch.pi) + thetas[active]).to(dtype)
    speed = (ratios[:, active] * (2.0 * torch.pi)).to(dtype)
    waves = torch.sin(feeds["phase_offset"].unsqueeze(2) * speed.unsqueeze(1) + start.unsqueeze(1))
    both = waves @ torch.stack([end[:, active] for end in ends], 2)
    both = both + feeds["noise"] @ torch.stack([feeds["hiss_start"], feeds["hiss_end"]], 2)
    return both[..., 0] + feeds["blend"] * (both[..., 1] - both[..., 0])


def _tones(feeds: dict[str, Tensor], end: str, slots: Tensor) -> Tensor:
    """Amplitudes of the slots' partials, slot by slot, then of the modes: [V, SLOTS K + M]."""
    partials = (feeds[f"series_{end}"].gather(1, slots).unsqueeze(2) * feeds[f"partials_{end}"].unsqueeze(1)).flatten(1)
    return torch.cat([partials, feeds[f"modes_{end}"]], 1) if f"modes_{end}" in feeds else partials


@torch.no_grad()
def render_note(
    network: SlowNetwork,
    latent: Tensor,
    pitch: float,
    velocity: float,
    cycles: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    rate: int,
    frames: int,
    bandwidth: float,
) -> NDArray[np.float32]:
    """One held note [frames] at `rate` Hz: latent [D] at `pitch` (MIDI), as the network is told.

    `cycles` gives the phase of its first partial, unwrapped, at times in s: what it sounds at, whatever `pitch`.
    """
    count = -(-frames // BLOCK)
    borders = np.arange(count + 1, dtype=np.float64) * (BLOCK / rate)
    phases = torch.from_numpy(cycles(borders))
    note = latent.unsqueeze(0), torch.tensor([pitch]), torch.tensor([velocity])
    slow = network.modulations(*note, torch.from_numpy(borders).float(), bandwidth)
    noise = torch.from_numpy(band_noise(np.array(network.layout.edges_hz), rate, count * BLOCK)).view(count, BLOCK, -1)
    advance = (phases[1:] - phases[:-1]).unsqueeze(1)
    blend = (torch.arange(BLOCK) / BLOCK).expand(count, -1)
    pieces = []
    for begin in range(0, count, 256):
        part = slice(begin, min(begin + 256, count))
        after = slice(begin + 1, part.stop + 1)
        feeds = {
            "phase_start": phases[part],
            "phase_offset": (advance[part] * blend[part]).float(),
            "bandlimit": (0.5 * BLOCK / advance[part, 0]).float(),
            "noise": noise[part],
            "blend": blend[part],
        }
        for name, values in slow.items():
            feeds |= {f"{name}_start": values[part], f"{name}_end": values[after]}
        pieces.append(field(feeds, network.layout.partials, network.layout.mode_ratios).flatten())
    samples: NDArray[np.float32] = torch.cat(pieces)[:frames].numpy()
    return samples


def band_noise(edges_hz: NDArray[np.float64], rate: float, frames: int) -> NDArray[np.float32]:
    """Noise of unit RMS in each band, float32 [frames, B], bands shaped as the engine shapes them; always the same."""
    hz = np.fft.rfftfreq(frames, 1.0 / rate).astype(np.float64)
    spectrum = np.fft.rfft(np.random.default_rng(7).standard_normal(frames))
    bands = np.fft.irfft(band_gains(list(itertools.pairwise(edges_hz.tolist())), hz) * spectrum, frames, axis=1)
    loud = np.sqrt(np.mean(bands**2, axis=1, keepdims=True))
    return np.asarray((bands / np.maximum(loud, 1e-12)).T, np.float32)
