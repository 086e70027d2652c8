"""Every measure by its name: what it is, in which unit, which way is better, and where it comes from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sirenade.errors import TrainingError
from training.metrics import cdpam_distance, dft, perceptual, resolutions, spectral, speech, waveform

Floats = NDArray[np.float64]
Pairwise = Callable[[Floats, Floats, float], float]
Many = Callable[[Sequence[Floats], Sequence[Floats], float], list[float]]
Better = Literal["lower", "higher"]

INFINITE = float("inf")


@dataclass(frozen=True)
class Metric:
    """One measure: `function(reference, estimate, rate)` of two float64 arrays [T] and a rate in Hz.

    span     lowest and highest value
    source   where it is defined
    needs    package that must be installed for it
    times    factor tables print it with, as the thesis does ("MSE x1000")
    many     the same for lists of sounds, where that is faster
    """

    function: Pairwise
    unit: str
    better: Better
    span: tuple[float, float]
    source: str
    needs: str = ""
    times: float = 1.0
    many: Many | None = None

    def heading(self, name: str) -> str:
        """How tables head its column: the name, and the factor where there is one."""
        return name if self.times == 1.0 else f"{name} x{self.times:g}"


def _any_rate(function: Callable[[Floats, Floats], float]) -> Pairwise:
    """A measure of samples alone as one that is also told the rate."""
    return lambda reference, estimate, _rate: function(reference, estimate)


def _item(number: str) -> str:
    return f"thesis section 5.8.1, item {number}"


_ERROR, _POSITIVE = (0.0, INFINITE), (0.0, INFINITE)
_DB = (-waveform.SNR_LIMIT_DB, waveform.SNR_LIMIT_DB)
_HU = "Hu & Loizou 2008, without its limits of 1 and 5"
_RATING = (-INFINITE, 5.0)

METRICS: dict[str, Metric] = {
    "snr_db": Metric(_any_rate(waveform.snr_db), "dB", "higher", _DB, _item("4")),
    "lsd_db": Metric(_any_rate(spectral.lsd_db), "dB", "lower", _POSITIVE, "Gray & Markel 1976, frame by frame, floor -80 dB"),
    "multi_stft": Metric(_any_rate(spectral.multi_stft), "1", "lower", _POSITIVE, "Yamamoto et al. 2020, section 2.2"),
    "hiss_db": Metric(_any_rate(spectral.hiss_db), "dB", "lower", (-120.0, 0.0), "ours: energy where the reference is silent"),
    "mse": Metric(_any_rate(waveform.mse), "full scale^2", "lower", _ERROR, "thesis eq. 5.4", times=1000.0),
}
"""Those of every training report: quick, and each says another thing."""

_MORE: dict[str, Metric] = {
    "derivative_mse": Metric(
        _any_rate(waveform.derivative_mse), "(full scale a sample)^2", "lower", _ERROR, _item("2"), times=1000.0
    ),
    "mse_and_derivative": Metric(
        _any_rate(waveform.mse_and_derivative), "full scale^2", "lower", _ERROR, _item("3") + ", eq. 4.7", times=1000.0
    ),
    "mae": Metric(_any_rate(waveform.mae), "full scale", "lower", _ERROR, "HyperSound"),
    "segmental_snr_db": Metric(waveform.segmental_snr_db, "dB", "higher", (-10.0, 35.0), _item("5") + "; Hu & Loizou 2008"),
    "si_snr_db": Metric(_any_rate(waveform.si_snr_db), "dB", "higher", _DB, "Le Roux et al. 2019"),
    "psnr_db": Metric(_any_rate(waveform.psnr_db), "dB", "higher", _DB, "HyperSound; range of the reference"),
    "dft_magnitude_mse": Metric(_any_rate(dft.dft_magnitude_mse), "full scale^2", "lower", _ERROR, _item("6"), times=1000.0),
    "dft_magnitude_wasserstein": Metric(dft.dft_magnitude_wasserstein, "Hz", "lower", _POSITIVE, _item("7")),
    "dft_phase_mse": Metric(_any_rate(dft.dft_phase_mse), "rad^2", "lower", (0.0, float(np.pi**2)), _item("8")),
    "dft_magnitude_positive": Metric(_any_rate(dft.dft_magnitude_positive), "full scale", "lower", _ERROR, _item("9")),
    "dft_magnitude_negative": Metric(_any_rate(dft.dft_magnitude_negative), "full scale", "lower", _ERROR, _item("9")),
    "lsd": Metric(_any_rate(resolutions.lsd), "1", "lower", _POSITIVE, "thesis eq. 5.3", times=10.0),
    "multi_stft_mse": Metric(_any_rate(resolutions.multi_stft_mse), "full scale^2", "lower", _ERROR, "thesis eq. 5.2"),
    "multi_stft_wasserstein": Metric(resolutions.multi_stft_wasserstein, "Hz", "lower", _POSITIVE, _item("12")),
    "multi_stft_positive": Metric(_any_rate(resolutions.multi_stft_positive), "full scale", "lower", _ERROR, _item("13")),
    "multi_stft_negative": Metric(_any_rate(resolutions.multi_stft_negative), "full scale", "lower", _ERROR, _item("13")),
    "llr": Metric(speech.llr, "1", "lower", _POSITIVE, "Hu & Loizou 2008, section II"),
    "wss": Metric(speech.wss, "dB^2", "lower", _POSITIVE, "Klatt 1982"),
    "csig": Metric(speech.csig, "MOS", "higher", _RATING, _HU, "pesq"),
    "cbak": Metric(speech.cbak, "MOS", "higher", (-INFINITE, 6.1), _HU, "pesq"),
    "covl": Metric(speech.covl, "MOS", "higher", (-INFINITE, 5.4), _HU, "pesq"),
    "pesq": Metric(perceptual.pesq, "MOS", "higher", (1.0, 4.65), "ITU-T P.862.2, package pesq", "pesq"),
    "stoi": Metric(perceptual.stoi, "1", "higher", (-1.0, 1.0), "Taal et al. 2011, package pystoi", "pystoi"),
    "cdpam": Metric(
        cdpam_distance.cdpam,
        "1",
        "lower",
        _POSITIVE,
        "Manocha et al. 2021, package cdpam",
        "cdpam",
        many=cdpam_distance.cdpam_many,
    ),
}

CATALOGUE: dict[str, Metric] = {**METRICS, **_MORE}
"""Every measure of a pair of sounds. The Frechet audio distance compares sets: `training.metrics.frechet.fad`."""

PAPER = (
    *("mse", "derivative_mse", "mse_and_derivative", "snr_db", "segmental_snr_db", "dft_magnitude_mse"),
    *("dft_magnitude_wasserstein", "dft_phase_mse", "dft_magnitude_positive", "dft_magnitude_negative", "lsd"),
    *("multi_stft_mse", "multi_stft_wasserstein", "multi_stft_positive", "multi_stft_negative"),
    *("csig", "cbak", "covl", "pesq", "cdpam"),
)
"""The thesis's list (section 5.8.1) but for FAD, in its order."""

SETS: Mapping[str, tuple[str, ...]] = {
    "report": tuple(METRICS),
    "paper": PAPER,
    "quick": tuple(dict.fromkeys([*METRICS, *(name for name in PAPER if not CATALOGUE[name].needs)])),
    "all": tuple(CATALOGUE),
}
"""Named choices: a run's report, the thesis's, both without what needs further packages, everything."""


def choose(text: str) -> tuple[str, ...]:
    """Names of a text like "paper" or "mse,lsd,cdpam"; names of sets and of measures may be mixed. Raises TrainingError."""
    names: list[str] = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        if part not in SETS and part not in CATALOGUE:
            known = ", ".join([*SETS, *CATALOGUE])
            raise TrainingError(f"there is no measure {part}; there are {known}.")
        names += SETS.get(part, (part,))
    if not names:
        raise TrainingError(f"name measures, separated by commas, or a set of them: {', '.join(SETS)}.")
    return tuple(dict.fromkeys(names))
