"""Where a loop best goes back to its beginning, and where a cursor that goes to and fro best turns round.

Searched once for each anchor when an instrument is loaded, at its root pitch. A function has a value between any two samples,
so both searches end in Gauss-Newton steps on real numbers: a loop's end moves until the function there agrees with the function
at its start, in value, slope and all else around it; a turning point moves until the function is as even around it as it can be
(an extremum of a sine). What cannot be matched is crossfaded, and for no longer than it needs.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from synth.engine.playable import Evaluator
from synth.engine.seams import Seams, unsearched
from synth.instrument.card import Card
from synth.instrument.latents import Latents
from synth.units import note_to_hz

Floats = NDArray[np.float64]
Function = Callable[[Floats], Floats]
"""Times in s to values, any shape."""

MAX_SEARCHED = 64
"""Anchors searched at most, since loading has to wait for it; the others keep their loops and the card's crossfade."""
MIN_LENGTH = 0.02
"""Loops shorter than this, in s, are left alone."""
WINDOW = 0.007
"""Longest stretch in s over which two places are compared."""
REACH = 0.005
"""How far in s a loop's end or a turning point moves, and half a period of the root where that is longer."""
STEPS = 2
"""Gauss-Newton steps, with the widest crossfade and again with the one that is needed."""
FLOOR, DISTANCE = 1e-4, 1000.0
"""A seam's splatter must stay below this share of the sound (-80 dB) at so many Hz from each partial."""
_ROW = 64
_OVERSAMPLING = 3.0
"""Of the card's bandwidth, in the first, coarse search."""


def find(card: Card, latents: Latents, evaluator: Evaluator) -> Seams:
    """Seams of an instrument whose only coordinate is time. Runs its graphs: not for the render thread."""
    has_phase = "phase" in card.coordinates
    found = unsearched(latents, card.cursor.crossfade, has_phase)
    if has_phase or len(latents.loops) > MAX_SEARCHED:
        return found
    loops, fades, turns, turn_fades = (np.array(values) for values in (found.loops, found.fades, found.turns, found.turn_fades))
    step = 1.0 / (_OVERSAMPLING * card.bandwidth)
    for anchor, (start, end) in enumerate(latents.loops):
        if end - start < MIN_LENGTH:
            continue
        function = _function(card, latents, evaluator, anchor)
        reach = max(REACH, 0.5 / float(note_to_hz(latents.pitches[anchor])))
        last = min(float(latents.durations[anchor]), card.duration)
        loops[anchor, 1], fades[anchor] = find_end(function, (start, end), last, reach, card.cursor.crossfade, step)
        ends = [find_turn(function, place, last, reach, card.cursor.crossfade, step) for place in (start, end)]
        turns[anchor], turn_fades[anchor] = [place for place, _ in ends], max(fade for _, fade in ends)
    return replace(found, loops=loops, fades=fades, turns=turns, turn_fades=turn_fades)


def crossfade_needed(mismatch: float) -> float:
    """Seconds of crossfade between two sounds that differ by `mismatch` (RMS, as a share of the sound).

    Crossfaded over W s by 6 x^5 - 15 x^4 + 10 x^3, a step of one partial has 120 / (2 pi f W)^3 of its spectrum left f Hz away
    from it (the transform of the fade's slope, 30 x^2 (1 - x)^2, for large f); that times `mismatch` may be FLOOR at DISTANCE.
    """
    return float(np.cbrt(120.0 * mismatch / FLOOR)) / (2.0 * np.pi * DISTANCE)


def find_end(
    function: Function, loop: tuple[float, float], last: float, reach: float, crossfade: float, step: float
) -> tuple[float, float]:
    """A loop's end within `reach` s of the given one, no later than `last`, and the crossfade in s before it.

    `step` is the coarse search's grid in s; the crossfade is at most `crossfade`, the loop's start and half its length.
    """
    start, given = loop
    longest = min(crossfade, start, 0.5 * (given - start))
    low, high = max(given - reach, start + MIN_LENGTH), min(given + reach, last)
    places: Floats = np.arange(low, high, step)
    if longest < 4.0 * step or len(places) < 3:
        return given, max(longest, 0.0)
    end, fade = given, longest
    for refining in (False, True):
        ago: Floats = np.arange(-min(fade, WINDOW), 0.5 * step, step)
        weights = _bump(len(ago))
        wanted = function(start + ago)
        if not refining:
            around = np.lib.stride_tricks.sliding_window_view(
                function(low + ago[0] + step * np.arange(len(places) + len(ago) - 1)), len(ago)
            )
            end = _lowest(places, ((around - wanted) ** 2) @ weights)
        for _ in range(STEPS):
            there, slope = _with_slope(function, end + ago, step)
            end -= _newton(there - wanted, slope, weights, step)
            end = min(max(end, low), high)
        heard = function(end + ago)
        fade = min(crossfade_needed(_mismatch(heard, wanted, weights)), longest)
        fade = max(fade, 8.0 * step)
    return end, min(fade, longest)


def find_turn(
    function: Function, given: float, last: float, reach: float, crossfade: float, step: float
) -> tuple[float, float]:
    """The place within `reach` s of `given` around which the function is most nearly even, and the crossfade in s around it."""
    width = 0.5 * min(crossfade, last)
    given = min(max(given, width), last - width)
    low, high = max(given - reach, width), min(given + reach, last - width)
    places: Floats = np.arange(low, high, step)
    if width < 4.0 * step or len(places) < 3:
        return given, 2.0 * width
    half = int(min(width, 0.5 * WINDOW) / step)
    values = function(low + step * np.arange(-half, len(places) + half, dtype=np.float64))
    around = np.lib.stride_tricks.sliding_window_view(values, 2 * half + 1)
    turn = _lowest(places, ((around - around[:, ::-1]) ** 2) @ _bump(2 * half + 1))
    fade = 2.0 * width
    for _ in range(2):
        beside: Floats = np.arange(1.0, max(int(0.5 * min(fade, WINDOW) / step), 4) + 1) * step
        weights = _bump(2 * len(beside))[len(beside) :]
        for _ in range(STEPS):
            after, slope_after = _with_slope(function, turn + beside, step)
            before, slope_before = (each[::-1] for each in _with_slope(function, turn - beside[::-1], step))
            turn -= _newton(after - before, slope_after - slope_before, weights, step)
            turn = min(max(turn, low), high)
        after, before = function(turn + beside), function(turn - beside)
        fade = max(min(crossfade_needed(_mismatch(after, before, weights)), 2.0 * width), 8.0 * step)
    return turn, fade


def _function(card: Card, latents: Latents, evaluator: Evaluator, anchor: int) -> Function:
    """One anchor's sound as a function of time, at its root and full velocity."""

    def modulations(times: Floats) -> dict[str, NDArray[np.float32]]:
        count = len(times)
        conditions = {
            "latent": np.broadcast_to(latents.latents[anchor], (count, latents.latents.shape[1])),
            "pitch": np.full(count, latents.pitches[anchor], np.float32),
            "velocity": np.ones(count, np.float32),
            "time": times.astype(np.float32),
            "release": np.zeros(count, np.float32),
        }
        return evaluator.modulations({name: np.ascontiguousarray(conditions[name]) for name in card.conditions})

    held = None if card.modulation == "interpolated" else modulations(np.zeros(1))

    def values(times: Floats) -> Floats:
        flat = times.ravel()
        padded = np.concatenate([flat, np.full(-len(flat) % _ROW, flat[-1])]).reshape(-1, _ROW)
        starts, count = padded[:, 0].copy(), len(padded)
        inputs: dict[str, NDArray[np.float32] | Floats] = {
            "time_start": starts,
            "time_offset": (padded - starts[:, None]).astype(np.float32),
        }
        if card.noise_bands:
            inputs["noise"] = np.zeros((count, _ROW, len(card.noise_bands)), np.float32)
        if held is None:
            before, after = modulations(starts), modulations(padded[:, -1])
            for name in before:
                inputs[f"{name}_start"], inputs[f"{name}_end"] = before[name], after[name]
            inputs["blend"] = np.broadcast_to(np.linspace(0.0, 1.0, _ROW, dtype=np.float32), padded.shape)
        else:
            inputs |= {name: np.repeat(value, count, axis=0) for name, value in held.items()}
        found: Floats = evaluator.samples(inputs).astype(np.float64).ravel()[: len(flat)]
        return found.reshape(times.shape)

    return values


def _with_slope(function: Function, times: Floats, step: float) -> tuple[Floats, Floats]:
    """Values, and slopes by central differences (fourth order), at evenly spaced times."""
    padded = function(
        np.concatenate([times[0] + step * np.array([-2.0, -1.0]), times, times[-1] + step * np.array([1.0, 2.0])])
    )
    slope = (8.0 * (padded[3:-1] - padded[1:-3]) - (padded[4:] - padded[:-4])) / (12.0 * step)
    return padded[2:-2], slope


def _newton(difference: Floats, slope: Floats, weights: Floats, limit: float) -> float:
    """Gauss-Newton step that makes `difference`, which changes by `slope` per s, least; no longer than `limit`."""
    step = float((weights * difference * slope).sum() / max(float((weights * slope**2).sum()), 1e-30))
    return min(max(step, -limit), limit)


def _mismatch(a: Floats, b: Floats, weights: Floats) -> float:
    power = 0.5 * float((weights * (a**2 + b**2)).sum())
    return float(np.sqrt((weights * (a - b) ** 2).sum() / max(power, 1e-20))) if power > 0.0 else 0.0


def _lowest(places: Floats, costs: Floats) -> float:
    return float(places[int(costs.argmin())])


def _bump(count: int) -> Floats:
    """Where a crossfade of `count` samples mixes its two sides: 4 g (1 - g) for a gain g of 6 x^5 - 15 x^4 + 10 x^3."""
    place = (np.arange(count) + 0.5) / count
    gain = place**3 * (10.0 + place * (6.0 * place - 15.0))
    bump: Floats = 4.0 * gain * (1.0 - gain)
    return bump
