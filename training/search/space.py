"""The space of a search: which keys of a configuration are varied, and over what."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sirenade.errors import TrainingError
from training import registry
from training.config import Config, apply_settings
from training.metrics import CATALOGUE

SHORT = {
    "first": "network.omega_first",
    "hidden": "network.omega_hidden",
    "factor": "network.coordinate",
    "lr": "optimiser.lr",
}
"""Short names that a space may use for keys of the configuration."""

OMEGAS = ("first=1..2000", "hidden=1..2000")
FACTOR = ("factor=1..3000",)
"""What the thesis searches (section 5.7): the omegas of sine networks, the factor on the coordinate of IM-NET."""

LOSS_KEYS = (
    "derivative",
    "image_penalty",
    "balance",
    "segment",
    "off_grid",
    "network.envelope",
    "optimiser.weight_regularisation",
)
"""Keys that change what the loss means: trials that differ in them cannot be compared by it."""

Value = float | int | str | bool
Params = Mapping[str, Value]


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both included; whole ones where `whole`, evenly spread over decades where `log`."""

    key: str
    low: float
    high: float
    whole: bool = False
    log: bool = False

    def __str__(self) -> str:
        return f"{self.key}={self.low:g}..{self.high:g}{':log' if self.log else ''}"

    @property
    def ends(self) -> tuple[Value, ...]:
        """The lowest and the highest value."""
        return (int(self.low), int(self.high)) if self.whole else (self.low, self.high)

    def suggest(self, trial: Any) -> Value:  # noqa: ANN401 (optuna is not typed for us)
        """The value of a trial."""
        if self.whole:
            return int(trial.suggest_int(self.key, int(self.low), int(self.high), log=self.log))
        return float(trial.suggest_float(self.key, self.low, self.high, log=self.log))


@dataclass(frozen=True)
class Choice:
    """One of several values."""

    key: str
    values: tuple[Value, ...]

    def __str__(self) -> str:
        return f"{self.key}={'|'.join(str(value) for value in self.values)}"

    @property
    def ends(self) -> tuple[Value, ...]:
        """All values."""
        return self.values

    def suggest(self, trial: Any) -> Value:  # noqa: ANN401
        """The value of a trial."""
        value: Value = trial.suggest_categorical(self.key, self.values)
        return value


Dimension = Range | Choice


def parse(texts: Sequence[str], config: Config) -> tuple[Dimension, ...]:
    """The space of texts like "first=1..2000,optimiser.lr=1e-5..1e-2:log" or "optimiser.name=adam|muon"; none:
    what the thesis searches in such a network.

    A range is of whole numbers where the key's value in `config` is one. Raises TrainingError for what cannot be read, for a
    key that the model does not have, and for a bound that the configuration refuses.
    """
    pieces = [piece.strip() for text in texts for piece in text.split(",") if piece.strip()] or _defaults(config)
    space = tuple(_dimension(piece, config) for piece in pieces)
    keys = [dimension.key for dimension in space]
    for key in keys:
        if keys.count(key) > 1:
            raise TrainingError(f"the space names {key} twice; name it once.")
    for dimension in space:
        for end in dimension.ends:
            placed(config, {dimension.key: end}, f"--space {dimension}")
    return space


def placed(config: Config, params: Params, where: str) -> Config:
    """`config` with the values of `params` (key like "network.omega_first" -> value). Raises TrainingError."""
    tree = config.model_dump(mode="json", exclude_none=True)
    for key, value in params.items():
        *sections, name = key.split(".")
        place = tree
        for section in sections:
            place = place.setdefault(section, {})
            if not isinstance(place, dict):
                raise TrainingError(f"{where}: {section} is not a section.")
        place[name] = value
    return registry.to_config(tree, where)


def value_of(config: Config, key: str) -> Any:  # noqa: ANN401 (any value of a configuration)
    """The value of a key like "network.omega_first", None where there is none."""
    place: Any = config.model_dump(mode="json")
    for name in key.split("."):
        place = place.get(name) if isinstance(place, dict) else None
    return place


def need_comparable(space: Iterable[Dimension], measure: str) -> None:
    """Raise TrainingError where there is no such measure, or trials are compared by a loss that the space itself changes."""
    if measure not in ("loss", *CATALOGUE):
        raise TrainingError(f"there is no measure {measure!r}; choose loss or one of {', '.join(CATALOGUE)}.")
    changing = [dimension.key for dimension in space if dimension.key in LOSS_KEYS]
    if measure == "loss" and changing:
        raise TrainingError(f"{changing[0]} changes what the loss means; compare by a metric, such as --measure lsd_db.")


def _defaults(config: Config) -> list[str]:
    """Networks without a sine have no omega to search, and one whose first layer alone is a sine has no hidden one."""
    if value_of(config, "network.activation") == "relu" and value_of(config, SHORT["factor"]) is not None:
        return list(FACTOR)
    found = [piece for piece in OMEGAS if value_of(config, SHORT[piece.partition("=")[0]]) is not None]
    if not found:
        raise TrainingError(f"{config.model} has no omega; say what to search, such as --space lr=1e-5..1e-2:log.")
    return found[:1] if value_of(config, "network.sines") == "first" else found


def _dimension(piece: str, config: Config) -> Dimension:
    name, separator, text = piece.partition("=")
    key = SHORT.get(name.strip(), name.strip())
    low, dots, rest = text.partition("..")
    high, colon, scale = rest.partition(":")
    if not separator or not key or (colon and scale.strip() != "log"):
        raise TrainingError(_unreadable(piece))
    if dots:
        return _range(piece, key, low.strip(), high.strip(), bool(colon), config)
    values = tuple(apply_settings({}, [f"value={part.strip()}"])["value"] for part in text.split("|"))
    if len(values) < 2 or not all(isinstance(value, int | float | str) and value != "" for value in values):
        raise TrainingError(_unreadable(piece))
    return Choice(key, values)


def _range(piece: str, key: str, low: str, high: str, log: bool, config: Config) -> Range:
    try:
        ends = float(low), float(high)
    except ValueError:
        raise TrainingError(_unreadable(piece)) from None
    if not ends[0] < ends[1] or ends[1] == float("inf"):
        raise TrainingError(f"--space {piece}: the lower bound must be below the upper one.")
    if log and ends[0] <= 0:
        raise TrainingError(f"--space {piece}: a logarithmic range must begin above 0.")
    now = value_of(config, key)
    whole = isinstance(now, int) or (now is None and low.isdigit() and high.isdigit())
    if isinstance(now, bool | str):
        raise TrainingError(f"--space {piece}: {key} is no number; list its values, such as {key}={str(now).lower()}|...")
    if whole and not (low.isdigit() and high.isdigit()):
        raise TrainingError(f"--space {piece}: {key} is a whole number; give whole bounds.")
    return Range(key, *ends, whole=whole, log=log)


def _unreadable(piece: str) -> str:
    return f"--space {piece} is not of the form key=low..high, key=low..high:log or key=one|two|three."
