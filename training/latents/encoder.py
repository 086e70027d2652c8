"""The convolutional autoencoder's encoder: recording in, latent out (the thesis, section 5.2.2 and appendix A.3.3)."""

from typing import Any

import torch
from torch import Tensor, nn

from sirenade.errors import TrainingError
from training.config import OptimiserConfig
from training.latents.inference import Inference, LossOf

HIGHEST_LR = 1e-3
"""Unless latents have a learning rate of their own: convolutions fall apart at those that small sine networks like."""
CHUNK = 64
"""Recordings encoded at once where no gradients are needed."""
FIRST, STRIDE, POOL, KERNEL = 320, 4, 4, 3
SHORTEST = 2012
"""Samples that leave one frame for the last pooling; shorter recordings are padded."""


class ConvEncoder(nn.Module):
    """Four convolutions of 128, 128, 256 and 512 channels, a mean over time, a linear layer: 714 k numbers for 256 outputs.

    The first filter spans 320 samples (20 ms at 16 kHz). The thesis averages the 14 frames that one second at 16 kHz leaves;
    here the mean is over all there are, so that any length will do.
    """

    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv1d(1, 128, FIRST, STRIDE),
            nn.ReLU(),
            nn.MaxPool1d(POOL),
            nn.Conv1d(128, 128, KERNEL),
            nn.ReLU(),
            nn.MaxPool1d(POOL),
            nn.Conv1d(128, 256, KERNEL),
            nn.ReLU(),
            nn.MaxPool1d(POOL),
            nn.Conv1d(256, 512, KERNEL),
            nn.ReLU(),
            nn.MaxPool1d(POOL),
        )
        self.last = nn.Linear(512, outputs)

    def forward(self, recordings: Tensor) -> Tensor:
        """Outputs [B, outputs] of recordings [B, T]."""
        padded = nn.functional.pad(recordings, (0, max(0, SHORTEST - recordings.shape[1])))
        found: Tensor = self.last(self.layers(padded.unsqueeze(1)).mean(2))
        return found


class Encoder(Inference):
    """Latents are what an encoder makes of the recordings [K, T], which the checkpoint does not hold."""

    recordings: Tensor

    def __init__(self, recordings: Tensor, size: int, generator: torch.Generator) -> None:
        """`size`: D."""
        super().__init__()
        self.register_buffer("recordings", recordings, persistent=False)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(torch.randint(2**31, (), generator=generator)))
            self.network = ConvEncoder(size)

    def forward(self, anchors: Tensor, loss_of: LossOf, generator: torch.Generator) -> Tensor:
        """The encoder's latents of the anchors' recordings."""
        del loss_of, generator
        found: Tensor = self.network(self.recordings[anchors])
        return found

    def table(self) -> Tensor:
        """All recordings encoded, without gradients."""
        return self.encode(self.recordings)

    @torch.no_grad()
    def encode(self, recordings: Tensor) -> Tensor:
        """Latents [B, D] of recordings [B, T] of the training rate and length, a few at a time.

        Raises TrainingError where the length is another one.
        """
        if recordings.shape[1] != self.recordings.shape[1]:
            wanted = self.recordings.shape[1]
            raise TrainingError(f"the encoder takes recordings of {wanted} samples, not {recordings.shape[1]}; fit the length.")
        return torch.cat([self.network(part) for part in torch.split(recordings, CHUNK)])

    def parameter_groups(self, optimiser: OptimiserConfig) -> list[dict[str, Any]]:
        """One group: at latent_lr, or at the run's rate but at most HIGHEST_LR."""
        rate = optimiser.latent_lr or min(optimiser.lr, HIGHEST_LR)
        return [{"params": list(self.parameters()), "lr_scale": rate / optimiser.lr}]
