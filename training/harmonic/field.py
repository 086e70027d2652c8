"""The field in PyTorch: partials of a phase plus shaped noise. The graph is nulled against it; recordings are met with it."""

import itertools
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

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
    hz: float,
    rate: int,
    seconds: float,
    edges_hz: NDArray[np.float64],
    bandwidth: float,
) -> NDArray[np.float32]:
    """One note [T] at `rate` Hz: latent [D], sounding at `hz` whatever `pitch` (MIDI) the network is told."""
    count = int(np.ceil(seconds * rate / BLOCK))
    moments = torch.arange(count + 1) * (BLOCK / rate)

    def rows(value: float) -> Tensor:
        return torch.full((count + 1,), value)

    slow = network.modulations(latent.expand(count + 1, -1), rows(pitch), rows(velocity), moments, bandwidth)
    noise = torch.from_numpy(band_noise(edges_hz, rate, count * BLOCK)).view(count, BLOCK, -1)
    offsets = (torch.arange(BLOCK) * (hz / rate)).expand(count, -1)
    blend = (torch.arange(BLOCK) / BLOCK).expand(count, -1)
    pieces = []
    for begin in range(0, count, 256):
        part = slice(begin, begin + 256)
        after = slice(begin + 1, min(begin + 256, count) + 1)
        feeds = {
            "phase_start": moments[:-1][part].double() * hz,
            "phase_offset": offsets[part],
            "bandlimit": rows(0.5 * rate / hz)[:-1][part],
            "noise": noise[part],
            "blend": blend[part],
        }
        for name, values in slow.items():
            feeds |= {f"{name}_start": values[:-1][part], f"{name}_end": values[after]}
        pieces.append(field(feeds, network.config.partials).flatten())
    samples: NDArray[np.float32] = torch.cat(pieces)[: round(seconds * rate)].numpy()
    return samples


def band_noise(edges_hz: NDArray[np.float64], rate: float, frames: int) -> NDArray[np.float32]:
    """Noise of unit RMS in each band, float32 [frames, B]; always the same."""
    hz = np.fft.rfftfreq(frames, 1.0 / rate)
    spectrum = np.fft.rfft(np.random.default_rng(7).standard_normal(frames))
    bands = []
    for low, high in itertools.pairwise(edges_hz):
        band = np.fft.irfft(np.where((hz >= low) & (hz < high), spectrum, 0.0), frames)
        bands.append(band / max(float(np.sqrt(np.mean(band**2))), 1e-12))
    return np.stack(bands, 1).astype(np.float32)
