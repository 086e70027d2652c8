"""All notes of a data set, analysed: what the slow network is trained on."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from sirenade.errors import TrainingError
from training.data import Sound
from training.harmonic import store
from training.harmonic.analysis import NoteAnalysis, analyse_held, slow_times
from training.harmonic.bands import erb_edges
from training.harmonic.course import HOP_S as COURSE_HOP_S
from training.harmonic.course import Course, follow
from training.harmonic.loudness import note_gain_db
from training.harmonic.modes import MOST_MODES, Peaks, common_ratios, find_peaks, tones_of
from training.harmonic.motion import split
from training.harmonic.release import BEFORE_S, release_levels, release_times, tail_slopes
from training.harmonic.tuning import Tuning, measure_tuning

Floats = NDArray[np.float64]

LOWEST_BAND_HZ = 50.0
HIGHEST_HZ = 20000.0
"""Where partials end that nobody would hear."""
EDGE_S = 0.05
"""The last so many seconds of a recording are left out: analysis windows reach beyond its end there."""
ONSET_DB = -40.0
"""A note begins where it first comes so close to its peak, ..."""
PRE_ROLL_S = 0.003
"""... less so much."""
MOST_LEAD_S = 0.2
WORTH_KEEPING_S = 10.0
"""Analyses that took so much processor time are kept."""
RELEASE_PIECES_S = 0.03
"""Releases are looked at in pieces as short as so long after the onset."""
STIFF = 1.5e-5
"""An instrument counts as stiff where the median inharmonicity of its notes is larger."""
_A4, _A4_HZ = 69.0, 440.0


@dataclass(frozen=True)
class Notes:
    """n notes of I instruments over T time stamps. Levels include the gain that makes notes equally loud.

    instruments     I names
    instrument      int [n]         index into them
    pitch           float [n]       MIDI note number
    velocity        float [n]       0..1
    held_out        bool [n]        kept from training
    partials_db     float32 [n, T, K]
    noise_db        float32 [n, T, B]
    present         bool [n, K]     partial below the recording's Nyquist frequency
    tunings         n measured tunings; gains_db float [n]
    leads           int [n]         frames of each recording before the note begins
    times           float64 [T]     s
    edges_hz        float64 [B + 1]
    mode_ratios     float64 [M]     tones of the set that are no partials: ratios to the note's first partial, rising
    modes_db        float32 [n, T, M]  their peak amplitudes
    drift_cents     float32 [n, T]  slow deviation of the pitch from its mean
    vibrato_cents   float32 [n, T]  peak depth of the vibrato
    vibrato_hz      float64 [n]     its rate; 0 where there is none
    tail_db_s       float64 [n]     slope of the level at the end in dB/s, at most 0; 0 for sounds that sustain
    release_times   float64 [S]     s since the note was let go; [0] where no recording has a release
    release_db      float32 [n, S, K + M + B]  levels after the note was let go, re those at that moment
    has_release     bool [n]        the recording has a release
    course_cents    float32 [n, C]  the pitch as recorded, deviation from its mean every COURSE_HOP_S
    """

    instruments: tuple[str, ...]
    families: tuple[str, ...]
    instrument: NDArray[np.int64]
    pitch: Floats
    velocity: Floats
    held_out: NDArray[np.bool_]
    partials_db: NDArray[np.float32]
    noise_db: NDArray[np.float32]
    present: NDArray[np.bool_]
    tunings: tuple[Tuning, ...]
    gains_db: Floats
    leads: NDArray[np.int64]
    times: Floats
    edges_hz: Floats
    mode_ratios: Floats
    modes_db: NDArray[np.float32]
    drift_cents: NDArray[np.float32]
    vibrato_cents: NDArray[np.float32]
    vibrato_hz: Floats
    tail_db_s: Floats
    release_times: Floats
    release_db: NDArray[np.float32]
    has_release: NDArray[np.bool_]
    course_cents: NDArray[np.float32]

    @property
    def inharmonicity(self) -> Floats:
        """B of each note, float64 [n]."""
        return np.array([tuning.inharmonicity for tuning in self.tunings])

    def cycles(self, index: int, times: Floats) -> Floats:
        """Phase of note `index`'s first partial as it was recorded, in cycles since the onset, at `times` [T] in s."""
        course = np.asarray(self.course_cents[index], np.float64)
        grid = np.arange(len(course)) * COURSE_HOP_S
        speed = self.tunings[index].first_hz * 2.0 ** (course / 1200.0)
        steps = np.concatenate([[0.0], np.cumsum(0.5 * (speed[1:] + speed[:-1]) * COURSE_HOP_S)])
        beyond = np.maximum(times - grid[-1], 0.0) * speed[-1]
        return np.asarray(np.interp(times, grid, steps) + beyond)


def analyse_notes(
    sounds: Sequence[Sound], seconds: float, partials: int, bands: int, hold_out: int, modes: int = MOST_MODES
) -> Notes:
    """Analyse `sounds` over `seconds`; every `hold_out`-th pitch (0: none) is marked as held out.

    `partials` is K; 0: as many as the lowest note has below HIGHEST_HZ. `modes` is the most that M may be. What took long is
    kept in the user's cache. Raises TrainingError where there are no sounds, or too short ones.
    """
    if not sounds:
        raise TrainingError("there are no sounds to fit.")
    began, key = time.process_time(), store.key_of(sounds, (seconds, partials, bands, hold_out, modes))
    kept = store.read(key)
    if kept is not None:
        tunings = tuple(Tuning(float(hz), float(B)) for hz, B in kept.pop("tuning"))
        return Notes(**kept, tunings=tunings)
    notes = _analysed(sounds, seconds, partials, bands, hold_out, modes)
    if time.process_time() - began > WORTH_KEEPING_S:
        arrays = {field.name: getattr(notes, field.name) for field in fields(notes)}
        names = {name: arrays.pop(name) for name in ("instruments", "families")}
        tuned = np.array([(each.f0_hz, each.inharmonicity) for each in arrays.pop("tunings")])
        store.write(key, {**arrays, "tuning": tuned}, names)
    return notes


def _analysed(sounds: Sequence[Sound], seconds: float, partials: int, bands: int, hold_out: int, modes: int) -> Notes:
    rate = float(sounds[0].rate)
    partials = partials or partials_needed(min(sound.pitch for sound in sounds), rate)
    if seconds < 4 * EDGE_S:
        raise TrainingError(f"data.seconds is {seconds}; the harmonic field needs at least {4 * EDGE_S:.1f} s of each note.")
    leads = np.array([_lead(sound) for sound in sounds])
    let_go = np.array([np.nan if s.released is None else s.released for s in sounds]) - leads / rate
    let_go[~((let_go > 4 * EDGE_S) & (let_go < _durations(sounds, leads) - 2 * EDGE_S))] = np.nan
    last = min(seconds - EDGE_S - leads.max() / rate, np.nanmin(let_go, initial=np.inf) - BEFORE_S[0])
    times = slow_times(max(last, 2 * EDGE_S))
    edges = erb_edges(LOWEST_BAND_HZ, rate / 2, bands)
    names = tuple(dict.fromkeys(sound.instrument or sound.name for sound in sounds))
    families = {sound.instrument or sound.name: sound.family for sound in sounds}
    index = np.array([names.index(sound.instrument or sound.name) for sound in sounds])
    held = [_Held.of(sound, int(lead)) for sound, lead in track(list(zip(sounds, leads, strict=True)), "Following pitch")]
    held = _stiff_or_not(held, sounds, index)
    ratios = common_ratios([each.peaks for each in held], index, modes) if modes else np.zeros(0)
    own_ratios = tones_of([each.peaks for each in held], ratios, index)
    after = release_times(float(np.nanmin(_durations(sounds, leads) - EDGE_S - let_go, initial=np.inf)))
    after = after if np.isfinite(let_go).any() else np.zeros(1)
    centres = np.sqrt(edges[1:] * edges[:-1])
    analyses, gains, releases = [], [], []
    for note, own, end in track(list(zip(held, own_ratios, let_go, strict=True)), "Analysing notes", transient=True):
        found, release = note.analyse(rate, partials, edges, times, own, after, end)
        hz = np.concatenate([found.tuning.partials_hz(partials), ratios * found.tuning.first_hz])
        levels = np.concatenate([found.partials_db, found.modes_db], 1)
        analyses.append(found)
        gains.append(note_gain_db(levels, found.noise_db, hz, centres, times))
        releases.append(release)
    motions = [split(each.course, times) for each in analyses]
    pitch = np.array([sound.pitch for sound in sounds])
    return Notes(
        instruments=names,
        families=tuple(families[name] for name in names),
        instrument=index,
        pitch=pitch,
        velocity=np.array([sound.velocity for sound in sounds]),
        held_out=_held_out(pitch, hold_out),
        partials_db=_stacked([each.partials_db for each in analyses], gains),
        noise_db=_stacked([each.noise_db for each in analyses], gains),
        present=np.array([_present(each, partials, rate) for each in analyses]),
        tunings=tuple(each.tuning for each in analyses),
        gains_db=np.array(gains),
        leads=leads,
        times=times,
        edges_hz=edges,
        mode_ratios=ratios,
        modes_db=_stacked([each.modes_db for each in analyses], gains),
        drift_cents=np.stack([each.drift_cents for each in motions]).astype(np.float32),
        vibrato_cents=np.stack([each.vibrato_cents for each in motions]).astype(np.float32),
        vibrato_hz=np.array([each.vibrato_hz for each in motions]),
        tail_db_s=tail_slopes(np.stack([_together_db(each) for each in analyses]), times, index),
        release_times=after,
        release_db=np.stack(releases).astype(np.float32),
        has_release=np.isfinite(let_go),
        course_cents=_courses(analyses, times[-1]),
    )


@dataclass(frozen=True)
class _Held:
    """A note whose pitch is held still: samples float32 [N], from its onset."""

    samples: NDArray[np.float32]
    tuning: Tuning
    course: Course
    peaks: Peaks

    @classmethod
    def of(cls, sound: Sound, lead: int) -> "_Held":
        own = sound.samples[lead:]
        samples, tuning, course = follow(own.astype(np.float64), float(sound.rate), nominal_hz(sound.pitch))
        kept = own if course.steady else samples.astype(np.float32)
        return cls(kept, tuning, course, find_peaks(samples, float(sound.rate), tuning))

    def analyse(
        self, rate: float, partials: int, edges_hz: Floats, times: Floats, modes: Floats, after: Floats, let_go: float
    ) -> tuple[NoteAnalysis, Floats]:
        """The note at `times` [T], and its levels [S, K + M + B] `after` [S] it was `let_go` (NaN: it never was)."""
        before = let_go - np.linspace(*BEFORE_S, 5)
        ends = np.isfinite(let_go)
        asked = np.concatenate([times, before, let_go + after]) if ends else times
        since = np.concatenate([times, before, after + RELEASE_PIECES_S]) if ends else times
        samples = self.samples.astype(np.float64)
        found = analyse_held(samples, rate, self.tuning, self.course, partials, edges_hz, asked, modes, since)
        count = len(times)
        tones, noise = np.concatenate([found.partials_db, found.modes_db], 1), found.noise_db
        release = np.zeros((len(after), tones.shape[1] + noise.shape[1]))
        if ends:
            release = release_levels(np.concatenate([tones, noise], 1)[count:], len(before))
        held = NoteAnalysis(
            self.tuning, self.course, times, found.partials_db[:count], found.modes_db[:count], found.noise_db[:count]
        )
        return held, release


def _durations(sounds: Sequence[Sound], leads: NDArray[np.int64]) -> Floats:
    """Seconds of each note [n] from its onset."""
    return np.array([(len(sound.samples) - lead) / sound.rate for sound, lead in zip(sounds, leads, strict=True)])


def _stiff_or_not(held: Sequence[_Held], sounds: Sequence[Sound], index: NDArray[np.int64]) -> list[_Held]:
    """The notes; those of instruments that are not stiff tuned again without inharmonicity."""
    each = np.array([note.tuning.inharmonicity for note in held])
    stiff = np.array([np.median(each[index == own]) > STIFF for own in index])
    return [
        note
        if own or note.tuning.inharmonicity == 0.0
        else replace(note, tuning=measure_tuning(note.samples.astype(np.float64), sound.rate, nominal_hz(sound.pitch), 0.0))
        for note, sound, own in zip(held, sounds, stiff, strict=True)
    ]


def _together_db(note: NoteAnalysis) -> Floats:
    """Level of everything [T] in dB."""
    tonal = 0.5 * ((10.0 ** (note.partials_db / 10.0)).sum(1) + (10.0 ** (note.modes_db / 10.0)).sum(1))
    return np.asarray(10.0 * np.log10(tonal + (10.0 ** (note.noise_db / 10.0)).sum(1) + 1e-14))


def partials_needed(pitch: float, rate: float) -> int:
    """How many partials the MIDI note number `pitch` has below HIGHEST_HZ, and below the Nyquist frequency of `rate` Hz."""
    return max(1, int(min(HIGHEST_HZ, 0.98 * rate / 2) / nominal_hz(pitch)))


def nominal_hz(pitch: float) -> float:
    """Frequency in Hz of a MIDI note number, A4 = 440 Hz."""
    return float(_A4_HZ * 2.0 ** ((pitch - _A4) / 12.0))


def _lead(sound: Sound) -> int:
    """Frames before the note begins."""
    level = np.abs(sound.samples)
    peak = float(level.max(initial=0.0))
    onset = int(np.argmax(level > peak * 10.0 ** (ONSET_DB / 20.0))) if peak > 0.0 else 0
    return min(max(0, onset - round(PRE_ROLL_S * sound.rate)), round(MOST_LEAD_S * sound.rate))


def _held_out(pitch: Floats, every: int) -> NDArray[np.bool_]:
    """Notes of every `every`-th distinct pitch, never of the lowest or highest."""
    distinct = np.unique(pitch)
    chosen = distinct[1:-1][every // 2 - 1 :: every] if every > 1 else distinct[:0]
    return np.isin(pitch, chosen)


def _stacked(levels: Sequence[Floats], gains: Sequence[float]) -> NDArray[np.float32]:
    return np.stack([(each + gain).astype(np.float32) for each, gain in zip(levels, gains, strict=True)])


def _courses(analyses: Sequence[NoteAnalysis], seconds: float) -> NDArray[np.float32]:
    """Courses of all notes, equally long."""
    points = int(seconds / COURSE_HOP_S) + 2
    return np.stack([np.pad(each.course.cents, (0, points), mode="edge")[:points] for each in analyses]).astype(np.float32)


def _present(note: NoteAnalysis, partials: int, rate: float) -> NDArray[np.bool_]:
    return np.asarray(note.tuning.partials_hz(partials) < 0.98 * rate / 2)
