"""Recordings between their samples: what a function of time should be there, how it should rise, what it should not hold.

Fitted at a recording's samples, a network may do anything between them: energy above the Nyquist frequency looks there like any
other error. So the coordinates of training lie off the grid, where the target is the recording's band-limited interpolation
(windowed sinc, Kaiser's window), and errors above the band are heard by themselves in short windows of four times the rate.
"""

import torch
from torch import Tensor

REACH = 32
"""Samples on either side that the interpolation takes: errors stay 78 dB below tones up to 0.46 of the rate."""
KAISER_BETA = 8.0
PHASES = 4096
"""Places between two samples at which the kernels are known; in a straight line between them, 150 dB below the signal."""
DENSE = 4
"""Points per recorded sample in the windows that listen above the band."""
WINDOW = 64
"""Points of such a window."""
TAPS = 31
HIGH_PASS_BETA = 5.0


class Recordings:
    """Recordings [S, T] as functions of a fractional frame; silent before their start and after their end."""

    def __init__(self, samples: Tensor) -> None:
        self._padded = torch.nn.functional.pad(samples, (REACH, 2 * REACH))
        taps = torch.arange(1 - REACH, REACH + 1, device=samples.device)
        distances = torch.linspace(0.0, 1.0, PHASES + 1, dtype=torch.float64, device=samples.device).unsqueeze(1) - taps
        self._kernels, self._slopes = _kernel(distances).to(samples.dtype), _kernel_slope(distances).to(samples.dtype)

    def runs(self, chosen: Tensor, starts: Tensor, length: int) -> Tensor:
        """Runs [B, R, length] of recordings `chosen` [B], in steps of one frame from frames `starts` [B, R] (float64)."""
        return self._through(self._kernels, chosen, starts, length)

    def slopes(self, chosen: Tensor, starts: Tensor, length: int) -> Tensor:
        """Derivatives per frame of what `runs` gives."""
        return self._through(self._slopes, chosen, starts, length)

    def samples(self, chosen: Tensor, starts: Tensor, length: int) -> Tensor:
        """What `runs` gives where all of `starts` are whole frames, without interpolation."""
        frames = REACH + starts.long().unsqueeze(-1) + torch.arange(length, device=starts.device)
        return self._padded[chosen[:, None, None], frames]

    def _through(self, table: Tensor, chosen: Tensor, starts: Tensor, length: int) -> Tensor:
        whole = starts.floor()
        place = (starts - whole) * PHASES
        below = place.long()  # a fraction is below one, so there is always a kernel after it
        share = (place - below).to(table.dtype).unsqueeze(-1)
        kernels = torch.lerp(table[below], table[below + 1], share)
        around = whole.long().unsqueeze(-1) + torch.arange(1, length + 2 * REACH, device=starts.device)
        samples = self._padded[chosen[:, None, None], around].unfold(2, 2 * REACH, 1)
        return torch.einsum("brlt,brt->brl", samples, kernels)

    def windows(self, chosen: Tensor, starts: Tensor) -> Tensor:
        """Dense windows [B, WINDOW] of recordings `chosen` [B] from frames `starts` [B] on: their values at `points`."""
        phases = starts.unsqueeze(1) + torch.arange(DENSE, device=starts.device) / DENSE
        return self.runs(chosen, phases, WINDOW // DENSE).transpose(1, 2).flatten(1)


def points(starts: Tensor) -> Tensor:
    """Frames [B, WINDOW] of the dense windows that begin at frames `starts` [B]."""
    return starts.unsqueeze(1) + torch.arange(WINDOW, device=starts.device) / DENSE


def above_band(errors: Tensor) -> Tensor:
    """Dense windows [B, WINDOW] through a high-pass, 6 dB down at the recordings' Nyquist: [B, WINDOW - TAPS + 1]."""
    place = torch.arange(TAPS, dtype=torch.float64) - TAPS // 2
    low = torch.sinc(place / DENSE) * torch.kaiser_window(TAPS, False, HIGH_PASS_BETA, dtype=torch.float64)
    taps = -low / low.sum()
    taps[TAPS // 2] += 1.0
    return errors.unfold(-1, TAPS, 1) @ taps.to(errors)


def _kernel(distance: Tensor) -> Tensor:
    """The interpolation's weights at distances in frames."""
    falling = torch.special.i0(KAISER_BETA * (1.0 - (distance / REACH).square()).clamp(min=0.0).sqrt())
    weights: Tensor = torch.sinc(distance) * falling / torch.special.i0(distance.new_tensor(KAISER_BETA))
    return weights


def _kernel_slope(distance: Tensor) -> Tensor:
    """The derivative of `_kernel` by the distance."""
    angle = torch.pi * distance
    sinc = torch.sinc(distance)
    sinc_slope = torch.where(
        distance == 0.0, 0.0, (angle.cos() - sinc) / distance.where(distance != 0.0, torch.ones_like(distance))
    )
    inside = KAISER_BETA * (1.0 - (distance / REACH).square()).clamp(min=0.0).sqrt()
    whole = torch.special.i0(distance.new_tensor(KAISER_BETA))
    window = torch.special.i0(inside) / whole
    bessel = torch.where(inside == 0.0, 0.5, torch.special.i1(inside) / inside.where(inside != 0.0, torch.ones_like(inside)))
    window_slope = -((KAISER_BETA / REACH) ** 2) * distance * bessel / whole
    slope: Tensor = sinc_slope * window + sinc * window_slope
    return slope
