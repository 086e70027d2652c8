"""A short time-SIREN for what tones leave of an attack: a sine network of time with FiLM, at audio rate."""

import math
import time

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from benchmarks.attacks.notes import RESIDUAL_S

Floats = NDArray[np.float64]

WIDTH, HIDDEN, TOLD = 64, 2, 64
LOWEST_HZ, HIGHEST_HZ = 60.0, 12000.0
_NOTES, _POINTS, _RATE = 16, 256, 3e-3


class AttackSiren(nn.Module):
    """(conditions [R, C], seconds [R, N]) -> samples [R, N] of unit loudness."""

    def __init__(self, conditions: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        hz = torch.exp(torch.rand(WIDTH, generator=generator) * math.log(HIGHEST_HZ / LOWEST_HZ)) * LOWEST_HZ
        self.turns = nn.Parameter(hz * (2.0 * math.pi))
        self.start = nn.Parameter(torch.rand(WIDTH, generator=generator) * (2.0 * math.pi))
        hidden = [nn.Linear(WIDTH, WIDTH) for _ in range(HIDDEN)]
        self.hidden = nn.ModuleList(hidden)
        self.last = nn.Linear(WIDTH, 1)
        self.told = nn.Sequential(nn.Linear(conditions, TOLD), nn.LeakyReLU(0.2), nn.Linear(TOLD, (2 * HIDDEN + 1) * WIDTH))
        for layer in hidden:
            nn.init.uniform_(layer.weight, -math.sqrt(6.0 / WIDTH), math.sqrt(6.0 / WIDTH), generator=generator)

    def forward(self, conditions: Tensor, seconds: Tensor) -> Tensor:
        turn, *film = self.told(conditions).unsqueeze(1).chunk(2 * HIDDEN + 1, 2)
        values = torch.sin(seconds.unsqueeze(2) * self.turns + self.start + turn)
        for layer, gain, shift in zip(self.hidden, film[::2], film[1::2], strict=True):
            values = torch.sin(layer(values) * (1.0 + gain) + shift)
        return torch.as_tensor(self.last(values).squeeze(2))

    @property
    def macs(self) -> int:
        """Multiply-adds a sample; its sines come on top."""
        return WIDTH + HIDDEN * WIDTH * WIDTH + WIDTH

    @property
    def parameters_count(self) -> int:
        """Learnt numbers."""
        return sum(each.numel() for each in self.parameters())


class FittedAttacks:
    """Residuals [n, T] fitted with conditions [n, C]: a latent of each row of `labels`, and what `known` says."""

    def __init__(self, residuals: Floats, labels: NDArray[np.int64], known: Floats, rate: float, seconds: float) -> None:
        """`labels` [n] share latents; `known` [n, P] is pitch and the like; `seconds` of processor time are spent."""
        self.rate = rate
        self.latents = nn.Parameter(0.3 * torch.randn(int(labels.max()) + 1, 8, generator=torch.Generator().manual_seed(1)))
        self.network = AttackSiren(8 + known.shape[1])
        self._fit(torch.from_numpy(residuals).float(), torch.from_numpy(labels), torch.from_numpy(known).float(), seconds)

    def play(self, shares: list[tuple[int, float]], known: Floats) -> Floats:
        """Samples over RESIDUAL_S, of unit loudness: latents of `shares` mixed, told `known` [P]."""
        with torch.no_grad():
            latent = torch.stack([share * self.latents[label] for label, share in shares]).sum(0)
            at = torch.arange(round(RESIDUAL_S * self.rate)) / self.rate
            told = torch.cat([latent, torch.from_numpy(known).float()])
            return np.asarray(self.network(told.unsqueeze(0), at.unsqueeze(0))[0].double())

    def _fit(self, wanted: Tensor, labels: Tensor, known: Tensor, seconds: float) -> None:
        network, generator = self.network, torch.Generator().manual_seed(2)
        slow = [network.turns]  # the lesson of plain SIRENs: its frequencies must hardly move
        rest = [each for name, each in network.named_parameters() if name != "turns"]
        groups = [{"params": slow, "lr": 1.0}, {"params": [*rest, self.latents], "lr": _RATE}]
        optimiser = torch.optim.Adam(groups, betas=(0.9, 0.99))
        begin, first = time.process_time(), [group["lr"] for group in optimiser.param_groups]
        while (done := (time.process_time() - begin) / seconds) < 1.0:
            for group, rate in zip(optimiser.param_groups, first, strict=True):
                group["lr"] = rate * 0.5 * (1.0 + math.cos(math.pi * done))
            row = torch.randint(len(wanted), (_NOTES,), generator=generator)
            at = torch.randint(wanted.shape[1], (_NOTES, _POINTS), generator=generator)
            told = torch.cat([self.latents[labels[row]], known[row]], 1)
            loss = (network(told, at / self.rate) - wanted[row].gather(1, at)).square().mean()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_([*rest, self.latents], 1.0)
            optimiser.step()
        self.error = float(loss.detach())
