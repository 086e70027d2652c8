"""What is known of each anchor: its place on the map, its loop, its length, how it sounds."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from synth.instrument.latents import Latents
from training.data import Sound
from training.metrics.spectral import magnitudes

Samples = NDArray[np.float32]

DESCRIPTORS = ("centroid_hz", "flatness", "attack_s", "level_db")
SILENCE_DB = -50.0
SUSTAIN_DB = -12.0
MIN_LOOP = 0.15
FRAME = 256


def describe_anchors(latents: Samples, names: Sequence[str], sounds: Sequence[Sound], heard: Sequence[Samples]) -> Latents:
    """Anchors of latents [K, D]: one name, one original sound and one rendering [T] each."""
    # of the recordings, so that what a model leaves of hiss after a sound's end is never played
    durations = np.array([sounding(sound.samples, sound.rate) for sound in sounds])
    loops = [
        find_loop(samples, sound.rate, duration) for samples, sound, duration in zip(heard, sounds, durations, strict=True)
    ]
    described = [list(describe(samples, sound.rate).values()) for samples, sound in zip(heard, sounds, strict=True)]
    return Latents(
        latents=np.asarray(latents, np.float32),
        names=tuple(names),
        pitches=np.array([sound.pitch for sound in sounds], np.float32),
        tags=tuple(",".join(filter(None, (sound.family, *sound.tags))) for sound in sounds),
        map=plane(latents),
        loops=np.array(loops, np.float64),
        durations=durations,
        descriptors=np.array(described, np.float32),
        descriptor_names=DESCRIPTORS,
    )


def plane(latents: Samples) -> Samples:
    """Latents [K, D] on their first two principal axes, each scaled to [0, 1]; the middle where they do not differ."""
    centred = np.asarray(latents, np.float64) - np.mean(latents, axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    places = np.zeros((len(latents), 2))
    flat = centred @ axes[:2].T
    places[:, : flat.shape[1]] = flat
    low, span = places.min(axis=0), np.ptp(places, axis=0)
    scaled = np.where(span > 1e-12, (places - low) / np.where(span > 1e-12, span, 1.0), 0.5)
    return scaled.astype(np.float32)


def describe(samples: Samples, rate: int) -> dict[str, float]:
    """Spectral centroid in Hz, spectral flatness 0..1, attack in s (start to 90 % of the peak envelope), level in dB (RMS)."""
    power = (magnitudes(np.asarray(samples, np.float64)) ** 2).sum(axis=0) + 1e-12
    frequencies = np.linspace(0.0, rate / 2.0, len(power))
    envelope = _envelope(samples)
    attack = int(np.argmax(envelope >= 0.9 * envelope.max())) * FRAME / rate
    values = (
        float((frequencies * power).sum() / power.sum()),
        float(np.exp(np.log(power).mean()) / power.mean()),
        attack,
        float(10.0 * np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-12)),
    )
    return dict(zip(DESCRIPTORS, values, strict=True))


def sounding(samples: Samples, rate: int) -> float:
    """Seconds until the sound stays 50 dB below its loudest frame; its whole length where it never does."""
    envelope = _envelope(samples)
    loud = np.flatnonzero(envelope > envelope.max() * 10.0 ** (SILENCE_DB / 20.0))
    last = (int(loud[-1]) + 1) * FRAME if len(loud) else len(samples)
    return max(min(last, len(samples)), 1) / rate


def sustains(samples: Samples, rate: int, duration: float) -> bool:
    """Whether a sound's level late in its life is within 12 dB of its loudest, so that a held note may well loop."""
    envelope = _envelope(samples[: round(duration * rate)])
    late = envelope[int(len(envelope) * 0.8) : int(len(envelope) * 0.95)]
    return bool(len(late)) and bool(late.min() > envelope.max() * 10.0 ** (SUSTAIN_DB / 20.0))


def find_loop(samples: Samples, rate: int, duration: float) -> tuple[float, float]:
    """Start and end in s of the part that repeats itself best, late in the sound, for players who hold it.

    The end lies at 92 % of the duration; the start is where the 30 ms before it have the highest normalised correlation with
    those before the end. Sounds too short for that loop over their last half.
    """
    window = int(0.03 * rate)
    end = int(0.92 * duration * rate) - window
    starts = np.arange(int(0.35 * duration * rate), end - int(MIN_LOOP * rate))
    if not len(starts):
        return 0.5 * duration, duration
    pattern = np.asarray(samples[end : end + window], np.float64)
    views = np.lib.stride_tricks.sliding_window_view(np.asarray(samples, np.float64), window)[starts]
    likeness = views @ pattern / (np.linalg.norm(views, axis=1) * np.linalg.norm(pattern) + 1e-12)
    return float(starts[int(np.argmax(likeness))]) / rate, float(end) / rate


def _envelope(samples: Samples) -> NDArray[np.float64]:
    """RMS of frames of 256 samples."""
    padded = np.pad(np.asarray(samples, np.float64), (0, -len(samples) % FRAME))
    envelope: NDArray[np.float64] = np.sqrt(np.mean(padded.reshape(-1, FRAME) ** 2, axis=1)) + 1e-12
    return envelope
