"""A recorded note as the magnitudes of its tones and of bands of noise over slow time.

The pitch is held still first (course.py). Then Hann-windowed pieces are looked at: short ones in the attack, longer ones where
the note has settled. The tones of a whole piece are fitted together by least squares, so that they do not leak into each
other, then subtracted; what is left is noise, its energy read band by band (after Serra and Smith 1990).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.harmonic.attack import unexplained_power
from training.harmonic.course import Course, follow
from training.harmonic.hiss import noise_ceiling
from training.harmonic.onset import SPAN_S, Attack, fine_power, onset_s
from training.harmonic.tuning import Tuning

Floats = NDArray[np.float64]

FLOOR_DB = -140.0
FIRST_STEP_S = 0.0015
"""Between the first time stamps; ..."""
STEP_GROWTH, LONGEST_STEP_S = 0.05, 0.025
"""... later ones lie so much of their time apart, and never further."""
_PERIODS = 4.0
_WINDOWS = ((0.0, 0.01), (0.03, 0.02), (0.15, 0.04), (0.4, 0.06))
"""From this time on in s, pieces last so long, or _PERIODS where that is longer."""
_GAP = 0.17  # half the width of the gap between partials that noise is read from, in partial distances
_TOP = 0.985  # partials this close to the Nyquist frequency are not trusted
_AROUND = 5  # moments that decide together whether there is a tone
_UNSEEN = 1e-12  # energy of the part of a window that lies after the onset, where there is none
_DOUBT = 1.5  # powers of what noise shows that a tone has to surpass


@dataclass(frozen=True)
class NoteAnalysis:
    """What one note is made of.

    tuning       measured fundamental and inharmonicity
    course       how its pitch moves around that
    times        float64 [T]     s since the note's start
    partials_db  float64 [T, K]  peak amplitude of each partial in dB re full scale; FLOOR_DB where it has none
    modes_db     float64 [T, M]  peak amplitude of each further tone
    noise_db     float64 [T, B]  RMS of each noise band in dB re full scale
    """

    tuning: Tuning
    course: Course
    times: Floats
    partials_db: Floats
    modes_db: Floats
    noise_db: Floats


def slow_times(seconds: float) -> Floats:
    """Time stamps in s up to `seconds`, float64 [T]: dense in the attack, sparser by and by."""
    times = [0.0]
    while times[-1] < seconds:
        times.append(times[-1] + min(max(FIRST_STEP_S, STEP_GROWTH * times[-1]), LONGEST_STEP_S))
    return np.array(times[:-1])


def analyse(
    samples: Floats,
    rate: float,
    nominal_hz: float,
    partials: int,
    edges_hz: Floats,
    times: Floats,
    inharmonicity: float | None = None,
) -> NoteAnalysis:
    """Analyse the note in `samples` [N] (its onset at 0) at `rate` Hz, meant to be `nominal_hz`, at `times` [T] in s.

    `partials` is K; `edges_hz` [B + 1] are the noise bands' edges; `inharmonicity` fixes B instead of measuring it.
    """
    held, tuning, course = follow(samples, rate, nominal_hz, inharmonicity)
    return analyse_held(held, rate, tuning, course, partials, edges_hz, times)


def analyse_held(
    held: Floats,
    rate: float,
    tuning: Tuning,
    course: Course,
    partials: int,
    edges_hz: Floats,
    times: Floats,
    mode_ratios: Floats | None = None,
    since: Floats | None = None,
) -> NoteAnalysis:
    """As `analyse`, of what `follow` found: the note `held` [N] still, its tuning and course.

    `mode_ratios` [M] are further tones, relative to the first partial, infinite where the note has none. `since` [T] is the
    time in s since something happened to the note, by which pieces are as short as its attack needs; its default is `times`.
    """
    at = course.straight(times)
    harmonic = tuning.partials_hz(partials)
    tones = np.concatenate([harmonic, tuning.first_hz * (np.zeros(0) if mode_ratios is None else mode_ratios)])
    audible = np.flatnonzero(tones < _TOP * rate / 2)
    partials_hz = harmonic[harmonic < _TOP * rate / 2]
    power, noise = np.zeros((len(times), len(tones))), np.zeros((len(times), len(edges_hz) - 1))
    waves = np.zeros((len(times), len(tones)), np.complex128)
    begin = onset_s(held, rate)
    lengths = _lengths(times if since is None else since, rate, tuning.f0_hz)
    for length in np.unique(lengths):
        mine = np.flatnonzero(lengths == length)
        window = np.hanning(length + 2)[1:-1]
        weights, residual = _fit(_frames(held, rate, at[mine], length), _basis(tones[audible], rate, length), window)
        # Before the onset there is silence: a piece that reaches there saw the note through part of its window only.
        seen = _share_after_onset(at[mine] - begin, rate, window)[:, None]
        waves[np.ix_(mine, audible)] = (weights[:, : len(audible)] - 1j * weights[:, len(audible) :]) / seen
        power[np.ix_(mine, audible)] = (weights[:, : len(audible)] ** 2 + weights[:, len(audible) :] ** 2) / seen**2
        noise[mine] = (_band_levels(residual * window, rate, edges_hz, window, partials_hz) / seen) ** 2
    noise = np.minimum(noise, noise_ceiling(held, rate, partials_hz, edges_hz, at))
    # pieces begin at whole samples
    waves *= np.exp(-2j * np.pi * (np.round(at * rate) / rate)[:, None] * np.where(np.isfinite(tones), tones, 0.0))
    attack = Attack(held, rate, begin, tones[audible], lengths[0])
    waves[:, audible] = attack.anchored(waves[:, audible], at)
    begun = at < begin + 0.5 * lengths[0] / rate
    power[begun] = np.abs(waves[begun]) ** 2
    power[at < begin - 0.5 * FIRST_STEP_S] = 0.0
    early = np.flatnonzero(at < SPAN_S)
    knocks = _knocks(attack.rest(waves[:, audible], at), rate, begin, at[early], lengths[early], edges_hz, partials_hz)
    first = held[: int(2.0 * SPAN_S * rate)]
    most = unexplained_power(first, rate, edges_hz, at[early], tones[audible], power[np.ix_(early, audible)])
    noise[early] = np.minimum(knocks, most)
    levels = _decibels(power * _certainty(power, noise, tones, edges_hz, lengths / rate, at))
    return NoteAnalysis(tuning, course, times, levels[:, :partials], levels[:, partials:], _decibels(noise))


def _certainty(power: Floats, noise: Floats, tones: Floats, edges_hz: Floats, seconds: Floats, times: Floats) -> Floats:
    """Share of the `power` [T, K] of `tones` that is theirs: 1 well above what `noise` [T, B] alone would show, else less.

    Noise of density S shows a tone of squared amplitude 3 S / length in a Hann window of so many s. Without this every
    partial above the last real one would play the noise floor a second time. The attack is left as it is.
    """
    band = np.clip(np.searchsorted(edges_hz, tones) - 1, 0, noise.shape[1] - 1)
    chance = (3.0 * noise / np.diff(edges_hz))[:, band] / seconds[:, None]
    chance *= np.clip(times / SPAN_S - 0.5, 0.0, 1.0)[:, None]
    around = np.ones(_AROUND) / _AROUND
    smooth = np.stack([np.convolve(np.pad(tone, _AROUND // 2, mode="edge"), around, "valid") for tone in power.T], 1)
    return np.asarray(np.clip(1.0 - _DOUBT * chance / np.maximum(smooth, 1e-30), 0.0, 1.0))


def _lengths(since: Floats, rate: float, f0_hz: float) -> NDArray[np.int64]:
    """Length in samples, odd, of the piece that is looked at at times [T] since something happened."""
    lengths = np.zeros(len(since), np.int64)
    for begin, seconds in _WINDOWS:
        lengths[since >= begin] = int(max(seconds, _PERIODS / f0_hz) * rate) | 1
    return lengths


def _frames(samples: Floats, rate: float, times: Floats, length: int) -> Floats:
    """Pieces [T, length] centred on `times`; silence outside the recording."""
    half = length // 2
    padded = np.pad(samples, (half, length))
    starts = np.minimum(np.round(times * rate).astype(np.int64), len(samples))
    return np.asarray(padded[starts[:, None] + np.arange(length)])


def _basis(frequencies: Floats, rate: float, length: int) -> Floats:
    """Cosines, then sines, of the tones: [length, 2 K]."""
    angle = 2.0 * np.pi / rate * (np.arange(length) - length // 2)[:, None] * frequencies
    return np.concatenate([np.cos(angle), np.sin(angle)], 1)


def _fit(frames: Floats, basis: Floats, window: Floats) -> tuple[Floats, Floats]:
    """Weights [T, 2 K] that fit `basis` to each frame (window-weighted), and the residual [T, length]."""
    weighted = basis * window[:, None]
    gram = basis.T @ weighted
    gram[np.diag_indices_from(gram)] += 1e-4 * window.sum()  # keeps two tones that nearly coincide apart
    weights = np.linalg.solve(gram, weighted.T @ frames.T).T
    return np.asarray(weights), np.asarray(frames - weights @ basis.T)


def _share_after_onset(times: Floats, rate: float, window: Floats) -> Floats:
    """Share of the window that lies at or after time 0: [T], from one half to 1; nothing is made up for before it."""
    total = np.concatenate([[0.0], np.cumsum(window)])
    before = np.clip(len(window) // 2 - np.round(times * rate).astype(np.int64), 0, len(window))
    return np.asarray(np.maximum(1.0 - total[before] / total[-1], 0.5))


def _knocks(
    rest: Floats, rate: float, begin: float, times: Floats, lengths: NDArray[np.int64], edges_hz: Floats, partials_hz: Floats
) -> Floats:
    """Power of each noise band [T, B] at `times` [T] of what is left of an attack without its tones.

    How much there is is read between the partials, in pieces of `lengths`; when it is there, in much shorter ones.
    """
    end = max(times[-1] + 0.5 * lengths.max() / rate, begin + FIRST_STEP_S)
    fine = np.arange(begin, end, FIRST_STEP_S)
    knock = fine_power(rest, rate, edges_hz, fine) + 1e-20
    out = np.zeros((len(times), len(edges_hz) - 1))
    for index, (time, length) in enumerate(zip(times, lengths, strict=True)):
        window = np.hanning(length + 2)[1:-1]
        after = window[int(np.clip(length // 2 - round((time - begin) * rate), 0, length)) :]
        piece = _frames(rest, rate, times[index : index + 1], int(length)) * window
        seen = max(np.sum(after**2), _UNSEEN)
        gaps = _band_levels(piece, rate, edges_hz, window, partials_hz)[0] ** 2 * (np.sum(window**2) / seen)
        weight = np.sin(0.5 * np.pi * np.clip(1.0 - np.abs(fine - time) / (0.5 * length / rate), 0.0, 1.0)) ** 4 + 1e-9
        now = np.array([np.interp(time, fine, band) for band in knock.T])
        out[index] = np.minimum(now, gaps * now / (weight @ knock / weight.sum()))
    return out


def _band_levels(windowed: Floats, rate: float, edges_hz: Floats, window: Floats, partials_hz: Floats) -> Floats:
    """RMS of each band [T, B] of residual frames [T, length] that were multiplied by `window`.

    Noise is read half way between partials, and interpolated across them: what stands close to a partial is its own
    modulation (beats, what is left of a vibrato), which would be heard as hiss.
    """
    size = 1 << int(np.ceil(np.log2(4 * windowed.shape[1])))
    power = np.abs(np.fft.rfft(windowed, size)) ** 2 * (2.0 / (size * np.sum(window**2)))
    hz = np.arange(power.shape[1]) * (rate / size)
    inside = hz[hz < (partials_hz[-1] if len(partials_hz) else 0.0)]
    if len(partials_hz) > 1:
        ladder = np.interp(inside, np.concatenate([[0.0], partials_hz]), np.arange(len(partials_hz) + 1))
        between = np.abs(ladder % 1.0 - 0.5) < _GAP
        gap = ladder[between].astype(np.int64)
        counts = np.maximum(np.bincount(gap, minlength=len(partials_hz)), 1)
        means = np.stack([np.bincount(gap, row, minlength=len(partials_hz)) for row in power[:, : len(inside)][:, between]])
        centres = np.concatenate([[0.0], partials_hz])[:-1] + 0.5 * np.diff(np.concatenate([[0.0], partials_hz]))
        for row, mean in zip(power, np.log(means / counts + 1e-20), strict=True):
            row[: len(inside)] = np.exp(np.interp(np.log(inside + 1.0), np.log(centres + 1.0), mean))
    # Energy up to each edge, interpolated inside bins: bands may be narrower than a bin.
    running = np.concatenate([np.zeros((len(power), 1)), np.cumsum(power, 1)], 1)
    position = np.clip(edges_hz / rate * size + 0.5, 0.0, power.shape[1])
    low = np.minimum(position.astype(np.int64), power.shape[1] - 1)
    upto = running[:, low] + (position - low) * (running[:, low + 1] - running[:, low])
    return np.asarray(np.sqrt(np.maximum(np.diff(upto, axis=1), 0.0)))


def _decibels(power: Floats) -> Floats:
    return np.asarray(np.maximum(FLOOR_DB, 10.0 * np.log10(np.maximum(power, 1e-24))))
