"""The configuration of a run: frozen, typed, kept as TOML beside the run."""

import tomllib
from collections.abc import Iterable
from typing import Annotated, Any, Literal

import pydantic
import tomli_w
from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny

from sirenade.errors import TrainingError

Positive = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]


class Section(BaseModel):
    """Base of the sections: immutable; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class NetworkConfig(Section):
    """Base of a family's own section [network]; each family subclasses it."""


class DataConfig(Section):
    """[data]: which recordings, and how much of each."""

    folder: str = ""
    """NSynth's layout or any folder of sound files."""
    rate: Annotated[int, Field(ge=1000, le=768000)] = 16000
    """Hz"""
    seconds: Positive = 1.0
    """Longer sounds are cut, shorter ones padded with zeros."""
    limit: Annotated[int, Field(ge=0)] = 0
    """Use the first so many sounds; 0: all."""


class OptimiserConfig(Section):
    """[optimiser]"""

    name: Literal["adabelief", "adam", "muon"] = "adam"
    """muon: Adam, but Muon for the hidden matrices of sine networks."""
    lr: Positive = 3e-3
    latent_lr: Positive | None = None
    """Learning rate of the latents; unset: lr."""
    matrix_lr: Positive = 0.02
    """Learning rate of the matrices that Muon steps: the share of a spectral norm of one that a step may change."""
    betas: tuple[float, float] = (0.9, 0.99)
    schedule: Literal["constant", "plateau", "cosine"] = "cosine"
    """plateau: lr is multiplied by 0.95 where the loss has not fallen for `patience` steps."""
    patience: Count = 1000
    warm_up: Annotated[int, Field(ge=0)] = 100
    """Steps over which lr rises from 0."""
    clip: NotNegative = 1.0
    """Largest norm of the gradient; 0: no clipping."""
    weight_regularisation: NotNegative = 0.0
    """lambda: half of it times the mean square of the INR's weights is added to the loss (thesis, equation 5.1)."""
    weight_regularisation_course: Literal["constant", "falling"] = "constant"
    """falling: in a straight line to zero over the first half of the training."""


class InferenceConfig(Section):
    """[inference]: where the latents of the training sounds come from (docs/latents.md)."""

    method: Literal["autodecoder", "inner-step", "descent", "encoder"] = "autodecoder"
    """autodecoder: a table that the optimiser owns; inner-step, descent: one that each step moves; encoder: a network."""
    step: Positive = 0.3
    """Rate at which inner-step and descent move latents along the gradient of the loss, summed over coordinates."""
    kl: NotNegative = 0.0
    """Weight of the divergence (nats per sound) of variational latents from the prior; 0: latents are points."""
    mmd: NotNegative = 0.0
    """Weight of the squared maximum mean discrepancy of a step's latents from the prior."""
    deviation: Positive = 1.0
    """Standard deviation of the prior, a normal distribution around 0."""


class Config(Section):
    """A whole run."""

    model: str
    """A name in training/registry.py."""
    network: SerializeAsAny[NetworkConfig]
    data: DataConfig = DataConfig()
    optimiser: OptimiserConfig = OptimiserConfig()
    inference: InferenceConfig = InferenceConfig()
    latents: Literal["note", "instrument"] = "note"
    """One latent per note, or one shared by all notes of an instrument."""
    conditions: tuple[Literal["pitch", "velocity"], ...] = ()
    """What the mapping network takes beside the latent."""
    steps: Count = 5000
    max_seconds: NotNegative = 0.0
    """End training after so much wall-clock time, whatever the step; 0: no budget. A schedule then runs over the budget."""
    batch: Count = 16
    """Sounds per step."""
    coordinates: Count = 2000
    """Coordinates per sound and step: evenly spaced, with a random phase per sound."""
    segment: Count = 1
    """Coordinates come in runs of so many neighbours, over which the derivative is taken; 1: single ones."""
    derivative: NotNegative = 1.0
    """Weight of the mean squared error of the derivative."""
    derivative_form: Literal["difference", "analytic"] = "difference"
    """difference: forward, of neighbouring coordinates; analytic: the network's own derivative, by forward mode, against that
    of the recording's band-limited interpolation, both per frame."""
    off_grid: bool = True
    """Place the coordinates anywhere between the recording's samples, not on them only."""
    image_penalty: NotNegative = 300.0
    """Weight of the mean square of what lies above the recording's Nyquist frequency, seen through a dense window per sound."""
    balance: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    """Weight of a sound's error: its energy to the power of minus this; 0: as it is, 1: all sounds count alike."""
    seed: int = 0
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["float32", "bfloat16"] = "float32"
    """bfloat16: the matrix products of the INR under autocast; all else stays float32."""
    compile: bool = False
    """Compile the network (needs a C++ compiler, on CUDA Triton): faster after a minute; no inner-step, no analytic slopes."""
    log_every: Count = 20
    checkpoint_every: Count = 500
    preview_every: Annotated[int, Field(ge=0)] = 0
    """Write audio and pictures of some sounds every so many steps; 0: at the end only."""
    previews: Annotated[int, Field(ge=0)] | None = None
    """Sounds of which the end leaves audio and pictures; unset: all."""

    def to_toml(self) -> str:
        """The whole configuration, defaults included."""
        return tomli_w.dumps(self.model_dump(mode="json", exclude_none=True))


def apply_settings(tree: dict[str, Any], settings: Iterable[str]) -> dict[str, Any]:
    """A copy of a configuration tree with `section.key=value` settings applied; values are TOML, or plain text.

    Raises TrainingError where a setting has no "=" or names a key below something that is not a section.
    """
    merged: dict[str, Any] = {key: dict(value) if isinstance(value, dict) else value for key, value in tree.items()}
    for setting in settings:
        key, separator, text = setting.partition("=")
        if not separator or not key:
            raise TrainingError(f"--set {setting} is not of the form key=value.")
        *sections, name = key.strip().split(".")
        place = merged
        for section in sections:
            inner = place.setdefault(section, {})
            if not isinstance(inner, dict):
                raise TrainingError(f"--set {setting}: {section} is not a section.")
            place = inner
        place[name] = _value(text.strip())
    return merged


def parse_toml(text: str, where: str) -> dict[str, Any]:
    """The tree of a TOML text; `where` is named in errors. Raises TrainingError."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TrainingError(f"{where} is not valid TOML: {error}.") from None


def validated(model: type[pydantic.BaseModel], tree: Any, where: str) -> Any:  # noqa: ANN401 (an instance of `model`)
    """`tree` as an instance of `model`. Raises TrainingError that names the first bad key."""
    try:
        return model.model_validate(tree)
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        reason = "there is no such key" if first["type"] == "extra_forbidden" else first["msg"]
        raise TrainingError(f"{where}: {key or 'configuration'}: {reason}.") from None


def _value(text: str) -> Any:  # noqa: ANN401 (any TOML value)
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
