"""The valid bandwidth of a function of time, measured on the graphs themselves, and what lies above the training band.

Every anchor is sampled at 8 times the training rate. Its power spectrum is the mean over its whole length of Hann windows of
32 ms, smoothed over 160 Hz; its bandwidth is the frequency above which this stays 60 dB below its maximum. The instrument's is
that of its widest anchor: mixtures of anchors have been found narrower.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sirenade.errors import TrainingError
from sirenade.files import write_text
from synth.instrument import Instrument
from synth.instrument.card import CARD_FILE
from synth.instrument.contract import SAMPLES
from synth.instrument.loader import open_graphs
from training.metrics.spectral import magnitudes

Samples = NDArray[np.float32]
Floats = NDArray[np.float64]

DENSITY = 8
FALL_DB = -60.0
WINDOW_S, SMOOTHING_HZ = 0.032, 160.0
RAMP_S = 0.002
"""Fades at both ends, so that a sound cut at full level does not count as one with a click."""
BLOCK = 8192
MOST_ANCHORS = 128


@dataclass(frozen=True)
class Spread:
    """One anchor's bandwidth in Hz, and its energy above the training Nyquist frequency in dB re that below."""

    name: str
    bandwidth: float
    image_db: float


def widest(spreads: Sequence[Spread]) -> float:
    """The widest anchor's bandwidth, in whole tens of Hz."""
    return max(10.0, math.ceil(max(spread.bandwidth for spread in spreads) / 10.0) * 10.0)


def measure(instrument: Instrument) -> tuple[Spread, ...]:
    """Bandwidth and images of the anchors (at most 128, spread evenly) at their root pitch.

    Raises TrainingError unless the instrument is a function of time alone.
    """
    sampler, card = Sampler(instrument), instrument.card
    rate, count = card.training_rate * DENSITY, len(instrument.latents.names)
    found = []
    for anchor in np.unique(np.linspace(0, count - 1, min(count, MOST_ANCHORS)).round().astype(int)):
        samples = sampler.sample(int(anchor), card.duration, rate)
        image = image_db(samples, rate, card.training_rate / 2.0)
        found.append(Spread(instrument.latents.names[anchor], bandwidth_hz(samples, rate), image))
    return tuple(found)


def with_measured_bandwidth(instrument: Instrument) -> Instrument:
    """The instrument with its measured bandwidth in the card of its folder; one with a phase keeps the bandwidth it has.

    Partials of a phase are masked by what they would reach, so they end where the model was told to.
    """
    if "phase" in instrument.card.coordinates:
        return instrument
    return write_bandwidth(instrument, widest(measure(instrument)))


def write_bandwidth(instrument: Instrument, bandwidth: float) -> Instrument:
    """Put `bandwidth` in Hz into the card of an instrument's folder, atomically. Raises TrainingError where it is a .zip."""
    if not instrument.path.is_dir():
        raise TrainingError(f"{instrument.path} is not a folder; unpack it, so that its card can be written.")
    card = instrument.card.model_copy(update={"bandwidth": bandwidth})
    write_text(instrument.path / CARD_FILE, card.to_json())
    return replace(instrument, card=card)


class Sampler:
    """A function of time as its graphs give it. Raises TrainingError where the instrument has other coordinates."""

    def __init__(self, instrument: Instrument) -> None:
        card = instrument.card
        if card.coordinates != ("time",) or "time" in card.conditions:
            raise TrainingError(f"{instrument.path} is not a function of time alone; name one of the film family.")
        self._latents = instrument.latents
        self._mapping, self._field = open_graphs(instrument)

    def sample(self, anchor: int, seconds: float, rate: float) -> Samples:
        """`seconds` of an anchor at its root pitch and full velocity, at `rate` Hz: float32 [seconds * rate]."""
        conditions = {
            "latent": self._latents.latents[anchor : anchor + 1],
            "pitch": self._latents.pitches[anchor : anchor + 1],
            "velocity": np.ones(1, np.float32),
        }
        modulations = self._mapping.run({spec.name: conditions[spec.name] for spec in self._mapping.inputs})
        frames = round(seconds * rate)
        pieces = [self._piece(start, min(BLOCK, frames - start), rate, modulations) for start in range(0, frames, BLOCK)]
        return np.concatenate(pieces)

    def _piece(self, start: int, frames: int, rate: float, modulations: Mapping[str, NDArray[Any]]) -> Samples:
        offsets = (np.arange(frames) / rate).astype(np.float32)[None]
        samples: Samples = self._field.run({"time_start": np.array([start / rate]), "time_offset": offsets, **modulations})[
            SAMPLES
        ][0]
        return samples


def bandwidth_hz(samples: Samples, rate: float, fall_db: float = FALL_DB) -> float:
    """Frequency in Hz above which the smoothed power spectrum of samples [T] stays `fall_db` below its maximum."""
    power, spacing = _power(samples, rate)
    width = max(1, round(SMOOTHING_HZ / spacing))
    smooth = np.convolve(power, np.ones(width) / width, "same")
    above = np.flatnonzero(smooth > smooth.max() * 10.0 ** (fall_db / 10.0))
    return float(above[-1] + 1) * spacing if len(above) else 0.0


def image_db(samples: Samples, rate: float, nyquist: float) -> float:
    """Energy of samples [T] above `nyquist` Hz in dB re that below; -200 where there is none."""
    power, spacing = _power(samples, rate)
    first = math.ceil(nyquist / spacing)
    below = power[:first].sum()
    return float(10.0 * np.log10(max(power[first:].sum() / below, 1e-20))) if below > 0.0 else -200.0


def _power(samples: Samples, rate: float) -> tuple[Floats, float]:
    """Power spectrum summed over windows, and the spacing of its bins in Hz."""
    window = 2 * round(WINDOW_S * rate / 2.0)
    faded = np.array(samples, np.float64)
    length = max(1, min(round(RAMP_S * rate), len(faded) // 2))
    ramp = 0.5 - 0.5 * np.cos(np.pi * (np.arange(length) + 0.5) / length)
    faded[:length] *= ramp
    faded[len(faded) - length :] *= ramp[::-1]
    return np.square(magnitudes(faded, window, window // 4)).sum(axis=0), rate / window
