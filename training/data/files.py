"""Sound files -> mono float32 at the wanted rate."""

import io
import os
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from sirenade.errors import DatasetError

SUFFIXES = frozenset({".wav", ".flac", ".ogg", ".aif", ".aiff"})
MIN_RATE, MAX_RATE = 1000, 768000
RESAMPLER_SECONDS = 0.25
"""Read beyond a cut, so that the resampler's filter does not see the end before it must."""


def read_channels(path: Path, seconds: float | None = None) -> tuple[NDArray[np.float32], int]:
    """Samples [T, channels] and rate in Hz of a sound file, or of its first `seconds` only.

    Raises DatasetError: missing, not to be read, damaged, empty or not finite.
    """
    try:
        with soundfile.SoundFile(path) as stream:
            rate = int(stream.samplerate)
            samples = stream.read(-1 if seconds is None else round(seconds * rate), dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, OSError) as error:
        if not path.exists():
            raise DatasetError(f"there is no file {path}.") from None
        if not os.access(path, os.R_OK):
            raise DatasetError(f"{path} may not be read by you; change its permissions or remove it.") from None
        reason = getattr(error, "error_string", str(error))
        raise DatasetError(
            f"{path} cannot be read as a sound file ({str(reason).rstrip('.')}); remove or replace it."
        ) from None
    except UnicodeEncodeError:
        shown = str(path).encode("utf-8", "replace").decode()
        raise DatasetError(f"{shown} has a name that is not UTF-8; rename it.") from None
    if not MIN_RATE <= rate <= MAX_RATE:
        raise DatasetError(f"{path} says it has a rate of {rate} Hz; replace or remove it.")
    if not len(samples):
        raise DatasetError(f"{path} holds no samples; remove or replace it.")
    if not np.isfinite(samples).all():
        raise DatasetError(f"{path} holds samples that are not finite; remove or replace it.")
    return samples, rate


def read_mono(path: Path, rate: int, seconds: float | None = None) -> NDArray[np.float32]:
    """Mean of the channels of a sound file, resampled to `rate` Hz (soxr, very high quality), cut to `seconds`.

    Of a long file hardly more than `seconds` is decoded. Raises DatasetError.
    """
    if seconds is None:
        samples, found = read_channels(path)
        return resample(samples.mean(axis=1), found, rate)
    samples, found = read_channels(path, seconds + RESAMPLER_SECONDS)
    return resample(samples.mean(axis=1), found, rate)[: round(seconds * rate)]


def to_wav(samples: NDArray[np.float32], rate: int) -> bytes:
    """Samples [T] as a WAV file of 16 bits."""
    stream = io.BytesIO()
    soundfile.write(stream, samples, rate, format="WAV", subtype="PCM_16")
    return stream.getvalue()


def resample(samples: NDArray[np.float32], rate: float, wanted: float) -> NDArray[np.float32]:
    """Samples [T] or [T, channels] from `rate` to `wanted` Hz with soxr at its best quality."""
    if not MIN_RATE <= wanted <= MAX_RATE:
        raise DatasetError(f"a rate of {wanted} Hz is out of range; choose {MIN_RATE} to {MAX_RATE}.")
    if rate == wanted:
        return samples
    return np.asarray(soxr.resample(samples, rate, wanted, quality="VHQ"), dtype=np.float32)
