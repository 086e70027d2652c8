"""VGGish (Hershey et al. 2017): the network whose embeddings the Frechet audio distance compares.

The network is built here; its weights are a file of the user's, `state_dict` of PyTorch's common port of the published ones
(named `features.0.weight` to `embeddings.4.bias`). They are read with PyTorch's safe loader.
"""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urldefrag, urlparse
from urllib.request import urlopen

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sirenade.errors import TrainingError
from sirenade.files import write_bytes
from sirenade.paths import user_cache
from training.metrics.perceptual import at_rate

Floats = NDArray[np.float64]

RATE = 16000
WINDOW, HOP, SIZE = 400, 160, 512
BANDS, LOWEST_HZ, HIGHEST_HZ, LOG_OFFSET = 64, 125.0, 7500.0, 0.01
PATCH = 96
"""Frames of one patch: 0.96 s."""
EMBEDDING = 128
BATCH = 16
LARGEST_BYTES = 1 << 30
PUBLISHED = "https://github.com/harritaylor/torchvggish/releases/download/v0.1/vggish-10086976.pth#sha256=10086976"
"""The common port of the weights, 288 MB; its name holds the first digits of its SHA-256."""


def log_mel(samples: Floats, rate: float) -> NDArray[np.float32]:
    """Log-mel patches [N, 96, 64] of 0.96 s each; the last part of a sound is dropped, a shorter sound padded with silence.

    Magnitudes of Hann windows of 25 ms every 10 ms, 64 triangular bands from 125 to 7500 Hz, ln(x + 0.01).
    """
    audio = at_rate(samples, rate, RATE).astype(np.float64)
    audio = np.pad(audio, (0, max(0, WINDOW + (PATCH - 1) * HOP - len(audio))))
    frames = np.lib.stride_tricks.sliding_window_view(audio, WINDOW)[::HOP]
    hann = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(WINDOW) / WINDOW)
    magnitudes = np.abs(np.fft.rfft(frames * hann, SIZE, axis=1))
    levels = np.log(magnitudes @ _mel_bands() + LOG_OFFSET)
    count = len(levels) // PATCH
    return levels[: count * PATCH].reshape(count, PATCH, BANDS).astype(np.float32)


def _mel(hertz: Floats) -> Floats:
    mel: Floats = 1127.0 * np.log1p(hertz / 700.0)
    return mel


@lru_cache(maxsize=1)
def _mel_bands() -> Floats:
    """Triangles [257, 64], straight on the mel scale; the constant bin belongs to none."""
    lowest, highest = _mel(np.array([LOWEST_HZ, HIGHEST_HZ]))
    edges = np.linspace(lowest, highest, BANDS + 2)
    bins = _mel(np.linspace(0.0, RATE / 2.0, SIZE // 2 + 1))[:, None]
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    bands: Floats = np.maximum(0.0, np.minimum((bins - low) / (centre - low), (high - bins) / (high - centre)))
    bands[0] = 0.0
    return bands


class VGGish(nn.Module):
    """Log-mel patches [N, 96, 64] -> embeddings [N, 128]; no activation after the last layer (as FAD uses it)."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 1
        for block in ((64,), (128,), (256, 256), (512, 512)):
            for width in block:
                layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
                channels = width
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        dense = (nn.Linear(512 * 6 * 4, 4096), nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, EMBEDDING))
        self.embeddings = nn.Sequential(*dense)

    def forward(self, patches: Tensor) -> Tensor:
        """Embeddings [N, 128]."""
        planes = self.features(patches.unsqueeze(1))
        embeddings: Tensor = self.embeddings(planes.permute(0, 2, 3, 1).flatten(1))  # channels last, as it was trained
        return embeddings


def embed(network: VGGish, sounds: Sequence[Floats], rate: float) -> Floats:
    """Embeddings [N, 128] of all patches of the sounds, one after another."""
    patches = torch.from_numpy(np.concatenate([log_mel(sound, rate) for sound in sounds]))
    with torch.no_grad():
        parts = [network(patches[first : first + BATCH]) for first in range(0, len(patches), BATCH)]
    found: Floats = torch.cat(parts).double().numpy()
    return found


@lru_cache(maxsize=2)
def load(place: str) -> VGGish:
    """The network with the weights at a path or an https URL; `#sha256=...` behind it is checked (first digits will do).

    What is fetched is kept in the folder of caches. Raises TrainingError (not there, another file, not VGGish's weights).
    """
    address, fragment = urldefrag(place)
    digest = fragment.removeprefix("sha256=").lower()
    content = _fetched(address, digest) if urlparse(address).scheme in ("http", "https") else _read(Path(address))
    _check(content, digest, address)
    import io

    network = VGGish()
    try:
        network.load_state_dict(torch.load(io.BytesIO(content), map_location="cpu", weights_only=True))
    except Exception as error:  # a damaged or foreign file fails in many ways
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise TrainingError(f"{address} does not hold VGGish's weights ({first}); name a file of the common port.") from None
    return network.eval()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise TrainingError(f"the weights {path} cannot be read: {error.strerror}.") from None


def _fetched(address: str, digest: str) -> bytes:
    """The file at an https URL; raises TrainingError unless its digest is given, since it was made by others."""
    if not address.startswith("https://") or len(digest) < 8:
        raise TrainingError(f"add #sha256=... to {address}, an https address: weights from elsewhere are only used checked.")
    kept = user_cache() / f"vggish-{digest}.pth"
    if kept.exists():
        return kept.read_bytes()
    try:
        with urlopen(address, timeout=60) as stream:
            content: bytes = stream.read(LARGEST_BYTES)
    except (URLError, OSError, TimeoutError) as error:
        raise TrainingError(f"{address} cannot be fetched ({error}); fetch it elsewhere and name the file.") from None
    _check(content, digest, address)
    write_bytes(kept, content)
    return content


def _check(content: bytes, digest: str, address: str) -> None:
    found = hashlib.sha256(content).hexdigest()
    if digest and not found.startswith(digest):
        raise TrainingError(f"{address} is another file than wanted: its sha256 is {found}, not {digest}...")
