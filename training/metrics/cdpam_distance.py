"""CDPAM (Manocha et al. 2021): a distance learnt from listeners' judgements. Network and weights are the package cdpam's.

Its package is not imported, since that brings in a good deal more: the network is taken from its file, and the weights, an old
pickle that PyTorch's safe loader cannot read, only where they are the very file that is known.
"""

import hashlib
import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sirenade.errors import TrainingError
from training.metrics.needs import need
from training.metrics.perceptual import at_rate

if TYPE_CHECKING:
    import torch
    from torch import Tensor

Floats = NDArray[np.float64]

RATE = 22050
FULL_SCALE = 32768.0
WEIGHTS = Path("CDPAM_trained") / "scratchJNDdefault_best_model.pth"
WEIGHTS_SHA256 = "453c8b6edee1a94f0120236156436ff28fe4d8d884485e4a67695c8e8570bdfe"
BATCH = 4
KNOWN = 4096
"""Embeddings that are kept: a reference is heard once, however many models are compared with it. 2 KB each."""


@dataclass(frozen=True)
class _Network:
    """What is used of the package's network: sounds [N, 1, T] -> (all, acoustics, content), and the distance of two."""

    encoder: "Callable[[Tensor], tuple[Tensor, Tensor, Tensor]]"
    distance: "Callable[[Tensor, Tensor], Tensor]"
    device: "torch.device"


_heard: dict[bytes, "Tensor"] = {}


def cdpam(reference: Floats, estimate: Floats, rate: float) -> float:
    """Perceptual distance, 0 for equal sounds, lower is better; level counts. A core takes 3 to 4 s a second of sound.

    Raises TrainingError where the package cdpam is missing or its weights are not those that are known.
    """
    return cdpam_many([reference], [estimate], rate)[0]


def cdpam_many(references: Sequence[Floats], estimates: Sequence[Floats], rate: float) -> list[float]:
    """`cdpam` of each pair; every sound is heard once, `BATCH` of one length together."""
    import torch

    network = _network()
    wanted, found = (_embeddings(network, sounds, rate) for sounds in (references, estimates))
    with torch.no_grad():
        return [float(each) for each in network.distance(wanted, found)]


def _embeddings(network: _Network, sounds: Sequence[Floats], rate: float) -> "Tensor":
    """Unit vectors [N, 512] of the acoustic half of the encoder's output."""
    import torch

    inputs = [np.round(at_rate(sound, rate, RATE) * FULL_SCALE).astype(np.float32) for sound in sounds]
    keys = [hashlib.sha256(samples.tobytes()).digest() for samples in inputs]
    missing = {key: samples for key, samples in zip(keys, inputs, strict=True) if key not in _heard}
    if len(_heard) + len(missing) > KNOWN:
        _heard.clear()
        missing = dict(zip(keys, inputs, strict=True))
    for length in {len(samples) for samples in missing.values()}:
        together = [key for key, samples in missing.items() if len(samples) == length]
        for first in range(0, len(together), BATCH):
            chosen = together[first : first + BATCH]
            with torch.no_grad():
                batch = torch.from_numpy(np.stack([missing[key] for key in chosen])).unsqueeze(1)
                _, acoustics, _ = network.encoder(batch.to(network.device))
            _heard.update(zip(chosen, torch.nn.functional.normalize(acoustics, dim=1), strict=True))
    return torch.stack([_heard[key] for key in keys])


@lru_cache(maxsize=1)
def _network() -> _Network:
    """The package's network with its weights, for evaluation, on a GPU where there is one."""
    import torch

    need("cdpam")
    package = importlib.util.find_spec("cdpam")
    places = list(package.submodule_search_locations or []) if package else []
    folder = Path(places[0]) if places else Path()
    state = _known_weights(folder / WEIGHTS)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network = _models(folder / "models.py").FINnet(
        dev=device, encoder_layers=16, encoder_filters=64, ndim=[16, 6], classif_dp=0.05, classif_BN=0, input_size=512
    )
    network.load_state_dict(state)
    network.to(device).eval()
    return _Network(network.base_encoder, network.model_dist, device)


def _known_weights(path: Path) -> dict[str, "Tensor"]:
    import io

    import torch

    try:
        content = path.read_bytes()
    except OSError:
        raise TrainingError(f"there are no weights at {path}; install them anew: pip install 'cdpam==0.0.6'") from None
    if hashlib.sha256(content).hexdigest() != WEIGHTS_SHA256:
        raise TrainingError("the weights of the package cdpam are not those of version 0.0.6; pip install 'cdpam==0.0.6'")
    state: dict[str, Tensor] = torch.load(io.BytesIO(content), map_location="cpu", weights_only=False)["state"]
    return state


def _models(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("sirenade_cdpam_models", path)
    if spec is None or spec.loader is None:
        raise TrainingError("the package cdpam is damaged; install it anew: pip install 'cdpam==0.0.6'")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
