"""How well a fitted function resamples, beside soxr: a table for docs/training.md.

    python benchmarks/resample_quality.py --steps 2000

A sound whose formula is known (decaying partials and a chirp, below 7 kHz) is sampled at 22 050 Hz. A function is fitted to
those samples; it and soxr (very high quality) are then asked for the sound at other rates, and both are compared with the
formula itself. Recordings have no formula: for a SoundFont note (where fluidsynth is installed) soxr is the reference.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import soundfile

from synth.instrument import load
from training.data import fluidsynth
from training.data.files import resample
from training.data.soundfont import Request, make
from training.metrics import to_markdown
from training.metrics.waveform import snr_db
from training.single import fit_samples, sample

SOURCE_RATE = 22050
RATES = (16000, 22050, 44100, 48000, 96000)
SECONDS = 0.75
HOURS = 36000.0
EDGE = 0.02
"""Share of the length left out at both ends, where soxr's filter meets the edge."""


def formula(rate: int) -> np.ndarray:
    time = np.arange(round(SECONDS * rate)) / rate
    partials = sum(np.sin(2 * np.pi * 220.0 * k * time) * np.exp(-(2 + k) * time) / k for k in range(1, 21))
    chirp = 0.2 * np.sin(2 * np.pi * (500.0 * time + 3500.0 * time**2)) * np.hanning(len(time))
    return (0.4 * partials + chirp).astype(np.float32)


def distance(reference: np.ndarray, found: np.ndarray) -> float:
    frames = min(len(reference), len(found))
    inner = slice(int(EDGE * frames), int((1.0 - EDGE) * frames))
    return snr_db(reference[inner].astype(np.float64), found[inner].astype(np.float64))


def recording(place: Path) -> np.ndarray:
    make(Request(place, (11,), (72,), rate=SOURCE_RATE, seconds=SECONDS))
    samples: np.ndarray = soundfile.read(next((place / "audio").glob("*.wav")), dtype="float32")[0]
    return samples


def compare(
    name: str, source: np.ndarray, references: dict[int, np.ndarray], soxr: bool, steps: int
) -> dict[str, dict[str, float]]:
    with tempfile.TemporaryDirectory() as place:
        fit_samples(source, SOURCE_RATE, "sound", Path(place) / "function", "film-4x128", HOURS, [f"steps={steps}"])
        function = load(Path(place) / "function")
        rows: dict[str, dict[str, float]] = {f"{name}: {what}": {} for what in ("function", *(["soxr"] * soxr))}
        for rate, reference in references.items():
            found = sample(function, len(source) / SOURCE_RATE, SOURCE_RATE, rate)
            rows[f"{name}: function"][f"{rate} Hz"] = distance(reference, found)
            if soxr:
                rows[f"{name}: soxr"][f"{rate} Hz"] = distance(reference, resample(source, SOURCE_RATE, rate))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=2000, help="steps of fitting per sound")
    steps = parser.parse_args().steps
    rows = compare("known formula", formula(SOURCE_RATE), {rate: formula(rate) for rate in RATES}, True, steps)
    if fluidsynth.DEFAULT_FONT.exists():
        with tempfile.TemporaryDirectory() as place:
            source = recording(Path(place))
        references = {rate: resample(source, SOURCE_RATE, rate) for rate in RATES}
        rows |= compare("vibraphone (soxr as reference)", source, references, False, steps)
    print(to_markdown(rows, "SNR in dB"))


if __name__ == "__main__":
    main()
