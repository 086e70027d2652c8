"""A decoder's field through PyTorch's compiler."""

import importlib.util
import os
import shutil
from collections.abc import Callable

import torch
from torch import Tensor, nn

from sirenade.errors import TrainingError
from training.config import Config


def compiled(network: nn.Module, config: Config) -> Callable[..., Tensor]:
    """`network` compiled; it shares all parameters. Raises TrainingError where that cannot work.

    The compiler knows no derivatives of derivatives and no forward mode, which some losses need.
    """
    if config.inference.method == "inner-step":
        raise TrainingError("a compiled network has no second derivatives; set compile=false or inference.method=descent.")
    if config.derivative_form == "analytic":
        raise TrainingError("a compiled network has no forward mode; set compile=false or derivative_form=difference.")
    on_cuda = config.device != "cpu" and torch.cuda.is_available()
    if on_cuda and importlib.util.find_spec("triton") is None:
        raise TrainingError("compile=true needs Triton on CUDA; install it or set compile=false.")
    if not on_cuda and not any(shutil.which(name) for name in (os.environ.get("CXX", "c++"), "g++", "clang++", "cl")):
        raise TrainingError("compile=true needs a C++ compiler; install one (such as g++) or set compile=false.")
    field: Callable[..., Tensor] = torch.compile(network, dynamic=False)
    return field
