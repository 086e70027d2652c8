"""What pictures of effects and LFOs show: parameters in, curves of heights 0..1 out. No widget here."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from synth.parameters import DIVISIONS, FILTERS, LFO_SHAPES

Floats = NDArray[np.float64]
Values = Mapping[str, float]

POINTS = 160
LOW_HZ, HIGH_HZ = 20.0, 20000.0
TOP_DB, BOTTOM_DB = 24.0, -48.0
ZERO_DB = -BOTTOM_DB / (TOP_DB - BOTTOM_DB)
"""Height of 0 dB in the filter's picture."""
FLATTEST, SHARPEST = 2.0**0.5, 0.05
"""1 / Q of the filter without resonance, and with all of it."""
SHOWN_S = 2.0
"""Seconds that the pictures of delay and reverb show."""
ECHO_BARS = 120
FIRST_S, LARGEST_ROOM = 0.02 / 3.0, 6.0
"""First answer of the smallest room, and by how much later the largest one's comes."""
DULLEST = 9.0
"""With all of the damping, high tones die away 1 + DULLEST times as fast."""
_STEPS = (0.1, 0.85, 0.35, 0.6, 0.95, 0.25, 0.7, 0.45)
"""What random steps look like; the real ones are drawn by each note."""


def division_seconds(division: float, tempo: float, otherwise: float) -> float:
    """Seconds of a division (an index of DIVISIONS) at a tempo in beats a minute; `otherwise` where it is off."""
    word = DIVISIONS[round(division)]
    if word == "off":
        return otherwise
    top, bottom = word.rstrip("t").split("/")
    whole = 240.0 / tempo * int(top) / int(bottom)
    return whole * 2.0 / 3.0 if word.endswith("t") else whole


def filter_response(values: Values) -> Floats:
    """Gain of the filter over a logarithmic axis of frequency; see Zavalishin, The Art of VA Filter Design, chapter 4."""
    hz = np.geomspace(LOW_HZ, HIGH_HZ, POINTS)
    s = 1j * hz / max(1.0, values["filter_cutoff"])
    damping = FLATTEST * (SHARPEST / FLATTEST) ** values["filter_resonance"]
    below = s * s + damping * s + 1.0
    above = {"low-pass": 1.0, "high-pass": s * s, "band-pass": damping * s, "notch": s * s + 1.0}
    kind = FILTERS[round(values["filter"])]
    gain = np.abs(above[kind] / below) if kind in above else np.ones(POINTS)
    height: Floats = (20.0 * np.log10(np.maximum(gain, 1e-6)) - BOTTOM_DB) / (TOP_DB - BOTTOM_DB)
    return height


def drive_curve(values: Values) -> Floats:
    """What comes out for what goes in, -1..1: the shape of x / sqrt(1 + x^2) at this gain; without drive a straight line."""
    driven = 10.0 ** (values["drive"] / 20.0) * np.linspace(-1.0, 1.0, POINTS)
    shape = driven / np.sqrt(1.0 + driven**2) if values["drive"] > 0.0 else driven
    height: Floats = 0.5 + 0.48 * shape / shape[-1]
    return height


def chorus_curve(values: Values) -> Floats:
    """How the delays swing over two seconds."""
    t = np.linspace(0.0, SHOWN_S, POINTS)
    return 0.5 + 0.45 * values["chorus_depth"] * np.sin(2.0 * np.pi * values["chorus_rate"] * t)


def delay_bars(values: Values) -> Floats:
    """Heights of the sound and its echoes over two seconds."""
    heights = np.zeros(ECHO_BARS)
    heights[0] = 1.0
    seconds = division_seconds(values["delay_division"], values["tempo"], values["delay_time"])
    level, at = max(values["delay_mix"], 0.15), seconds
    while at < SHOWN_S and level > 0.01:
        heights[min(ECHO_BARS - 1, round(at / SHOWN_S * ECHO_BARS))] = level
        level, at = level * values["delay_feedback"], at + seconds
    return heights


def reverb_curve(values: Values, faster: float = 1.0) -> Floats:
    """How a room dies away over two seconds, on a scale of 60 dB, so much `faster`; a large one answers later."""
    t = np.linspace(0.0, SHOWN_S, POINTS)
    first = FIRST_S * (LARGEST_ROOM ** values["reverb_size"])
    height = 1.0 - np.maximum(0.0, t - first) * faster / values["reverb_time"]
    return np.where(t < first, 0.0, np.clip(height, 0.0, 1.0)) * 0.95


def damped_curve(values: Values) -> Floats:
    """The same of high tones, which the damping takes away sooner."""
    return reverb_curve(values, 1.0 + DULLEST * values["reverb_damping"] ** 2)


def lfo_wave(shape: float, cycles: float = 2.0) -> Floats:
    """An LFO over some of its turns, 0.5 in its middle."""
    turn = np.linspace(0.0, cycles, POINTS)
    part = turn % 1.0
    word = LFO_SHAPES[round(shape)]
    if word == "sine":
        wave = np.sin(2.0 * np.pi * part)
    elif word == "triangle":
        wave = 1.0 - 4.0 * np.abs((part + 0.25) % 1.0 - 0.5)
    elif word in ("saw up", "saw down"):
        wave = (2.0 * part - 1.0) * (1.0 if word == "saw up" else -1.0)
    elif word == "square":
        wave = np.where(part < 0.5, 1.0, -1.0)
    else:
        wave = 2.0 * np.array(_STEPS)[(turn.astype(int)) % len(_STEPS)] - 1.0
    return 0.5 + 0.45 * wave


def walk(rate: float, smooth: float, seconds: float = 10.0) -> Floats:
    """What a random walk of `rate` new places a second looks like, 0.5 in its middle: rounded, or in steps.

    A uniform cubic B-spline over random numbers, each of whose pieces is hurried through within the share `smooth`.
    """
    places = np.random.default_rng(7).uniform(-1.0, 1.0, 512)
    at = np.linspace(0.0, min(seconds * rate, 500.0), 4 * POINTS)
    whole = at.astype(int)
    part = np.minimum((at - whole) / max(smooth, 0.02), 1.0)
    weights = np.stack([(1 - part) ** 3, 3 * part**3 - 6 * part**2 + 4, 3 * (part + part**2 - part**3) + 1, part**3]) / 6.0
    knots = np.stack([places[whole + number] for number in range(4)])
    return np.asarray(0.5 + 0.45 * (weights * knots).sum(0))
