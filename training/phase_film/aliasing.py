"""How much of what a phase-film makes folds back into what is heard, over pitch and oversampling.

While slow time stands still the film has the phase's period, so its spectrum is a line at every harmonic, and where each line
folds to at a rate is arithmetic: nothing is rendered. `python -m training.phase_film.aliasing RUN` prints the table of a run.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from torch import Tensor

from sirenade.errors import SirenadeError
from training.harmonic.notes import nominal_hz
from training.phase_film.network import PhaseFilm, cycle

HEARD_HZ = 20000.0
POINTS = 8192
"""Samples of a cycle: half as many harmonics are looked at."""
RATE = 48000.0
FACTORS = (1, 2, 4, 8)
PITCHES = (36, 48, 60, 72, 84, 96)
MOMENTS = (0.01, 0.05, 0.2, 0.5, 1.0)
"""Seconds after the onset."""
_LEAST = 1e-30


def alias_db(network: PhaseFilm, latents: Tensor, pitch: float, rate: float = RATE) -> NDArray[np.float64]:
    """What folds to below 20 kHz when `pitch` is computed at each of FACTORS times `rate` Hz, in dB below the note there.

    Takes latents [I, D] and gives float64 [factors, I, moments].
    """
    power = line_powers(network, latents, pitch, rate)
    lines = np.arange(1, power.shape[2] + 1) * nominal_hz(pitch)
    found = []
    for factor in FACTORS:
        whole = rate * factor
        heard, beyond = np.abs(lines - whole * np.round(lines / whole)) < HEARD_HZ, lines > whole / 2.0
        folded, wanted = (power[:, :, which].sum(2) + _LEAST for which in (heard & beyond, heard & ~beyond))
        found.append(10.0 * np.log10(folded / wanted))
    return np.stack(found)


@torch.no_grad()
def line_powers(network: PhaseFilm, latents: Tensor, pitch: float, rate: float) -> NDArray[np.float64]:
    """Power of harmonics 1..POINTS / 2 - 1 of the tone on a device of `rate` Hz, float64 [I, moments, harmonics]."""
    network = network.double()
    waves = cycle(POINTS, network.config.harmonics).double()
    limits = torch.tensor([min(network.bandwidth, rate / 2.0) / nominal_hz(pitch)], dtype=torch.float64)
    waves = waves * network.audible(limits).repeat(1, 2)
    powers = []
    for latent in latents.double():
        told = latent.expand(len(MOMENTS), -1)
        note, loud = (torch.full((len(MOMENTS),), value, dtype=torch.float64) for value in (pitch, 1.0))
        film, _ = network.control(told, note, loud, torch.tensor(MOMENTS, dtype=torch.float64))
        series = torch.stack([torch.fft.rfft(network.wave(waves, each)) for each in film])
        powers.append(series[:, 1:-1].abs().square().numpy())
    network.float()
    return np.stack(powers)


def table(network: PhaseFilm, latents: Tensor, rate: float = RATE, pitches: Sequence[float] = PITCHES) -> str:
    """Markdown: the worst of all instruments and moments in dB for each pitch and factor, and the median."""
    lines = ["| MIDI | " + " | ".join(f"{factor}x" for factor in FACTORS) + " |", "|---|" + "---|" * len(FACTORS)]
    for pitch in pitches:
        cells = (f"{each.max():.0f} ({np.median(each):.0f})" for each in alias_db(network, latents, float(pitch), rate))
        lines.append(f"| {pitch} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(run: Path) -> None:
    """Print the table of a run's phase-film. Ends with a sentence where the run is none, or has not got a checkpoint."""
    from training import runs
    from training.phase_film.experiment import PhaseFilmExperiment

    try:
        experiment = runs.load(run)[1]
    except SirenadeError as error:
        raise SystemExit(str(error)) from None
    if not isinstance(experiment, PhaseFilmExperiment):
        raise SystemExit(f"{run} is no run of phase-film.")
    print(table(experiment.network.cpu(), experiment.latents.detach().cpu()))


if __name__ == "__main__":
    typer.run(main)
