"""The latent inference that a configuration asks for."""

import torch
from torch import Tensor

from sirenade.errors import TrainingError
from training.config import Config
from training.latents.encoder import Encoder
from training.latents.inference import Autodecoder, Inference
from training.latents.stepped import Descent, InnerStep
from training.latents.variational import Variational
from training.models.decoder import DecoderConfig

STEPPED = {"inner-step": InnerStep, "descent": Descent}


def build_inference(config: Config, network: DecoderConfig, recordings: Tensor, generator: torch.Generator) -> Inference:
    """Inference of config.inference for K anchors, given a recording [K, T] of each.

    Raises TrainingError where the configuration asks for what does not go together.
    """
    wanted, size, start = config.inference, network.latent, network.latent_deviation
    if wanted.method == "encoder" and config.latents == "instrument":
        raise TrainingError("an encoder makes a latent of each recording; set latents=note, or another inference.method.")
    if wanted.kl and wanted.method in STEPPED:
        raise TrainingError(f"{wanted.method} has no variances; set inference.kl=0 (inference.mmd works), or another method.")
    outputs = 2 * size if wanted.kl else size
    anchors, frames = recordings.shape
    inference: Inference
    if wanted.method == "encoder":
        inference = Encoder(recordings, outputs, generator)
    elif wanted.method in STEPPED:
        rate = wanted.step * min(config.coordinates, frames)
        inference = STEPPED[wanted.method](anchors, size, start, rate, generator)
    else:
        inference = Autodecoder(anchors, outputs, start, generator)
    if wanted.kl:
        inference = Variational(inference, size, start, wanted.kl)
    inference.mmd, inference.deviation = wanted.mmd, wanted.deviation
    return inference
