"""Compose the bundled demonstration, synth/demo/demonstration.mid: arpeggio, chords, a melody, and a hand on the pad.

Everything is written in beats; the small unevenness of a player comes from a seeded generator, so that the same file
comes out every time.
"""

import itertools
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import mido

from sirenade.files import replacing

TARGET = Path(__file__).resolve().parent.parent / "synth" / "demo" / "demonstration.mid"
TICKS_PER_BEAT = 960
BEATS_PER_MINUTE = 88
BAR = 4.0

ARPEGGIO, MELODY, CHORDS = 0, 1, 2
"""Channels: a note that one part lets go of must not end the same note in another."""

HARMONY: list[tuple[int, tuple[int, ...], tuple[int, ...]]] = [
    # bass, held chord, arpeggio (eight quavers)
    (38, (), (50, 57, 62, 64, 65, 64, 62, 57)),  # D minor 9
    (46, (), (46, 53, 57, 60, 62, 60, 57, 53)),  # B flat major 9
    (45, (60, 65), (53, 57, 60, 67, 69, 67, 60, 57)),  # F over A
    (48, (55, 64), (55, 57, 62, 64, 67, 64, 62, 57)),  # C 6/9
    (38, (57, 65), (50, 57, 60, 64, 65, 64, 60, 57)),  # D minor 9
    (43, (58, 62), (50, 53, 57, 58, 62, 58, 57, 53)),  # G minor 9
    (46, (57, 62), (53, 57, 60, 62, 65, 62, 60, 57)),  # B flat major 9
    (45, (55, 62), (52, 55, 57, 62, 64, 61, 57, 55)),  # A 7, suspended, resolving
]
FINAL_CHORD = (38, 50, 57, 62, 64, 66, 69)
FINAL_BEATS = 4.0
"""The last chord comes twice, each this long: held under the pad's tour, then struck anew and faded."""

TUNE = [
    # beat, length in beats, note
    (16.0, 2.0, 69),
    (18.0, 1.0, 67),
    (19.0, 1.0, 65),
    (20.0, 1.5, 67),
    (21.5, 0.5, 65),
    (22.0, 2.0, 62),
    (24.0, 1.0, 65),
    (25.0, 1.0, 69),
    (26.0, 2.0, 72),
    (28.0, 2.0, 74),
    (30.0, 2.0, 73),
]

PAD_WAY = [
    # beat, x, y: eased from one to the next
    (0.0, 0.10, 0.10),
    (6.0, 0.10, 0.10),
    (10.0, 0.85, 0.20),
    (14.0, 0.90, 0.90),
    (18.0, 0.30, 0.95),
    (22.0, 0.05, 0.40),
    (27.0, 0.60, 0.55),
    (31.0, 0.95, 0.05),
    (32.5, 0.95, 0.05),
    (35.0, 0.08, 0.08),
    (36.4, 0.08, 0.08),
    (39.0, 0.92, 0.94),
]
PAD_STEP = 1 / 24
"""Beats between pad messages: about 35 a second."""

VOLUME = [(0.0, 1.0), (37.2, 1.0), (40.2, 0.2)]
WHEEL = [(30.5, 0.0), (31.5, 0.35), (32.5, 0.0)]
SCOOP = [(28.0, -0.5), (28.3, 0.0)]
"""The melody's last high note is reached from a semitone below: (beat, bend)."""


@dataclass(frozen=True, order=True)
class Event:
    """A message at a beat; at the same beat, lower ranks come first (controls and note offs before note ons)."""

    beat: float
    rank: int
    content: tuple[int, ...]


def main() -> None:
    """Write the file."""
    track = mido.MidiTrack()
    track.append(mido.MetaMessage("track_name", name="Sirenade demonstration"))
    track.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(BEATS_PER_MINUTE)))
    tick = 0
    for event in sorted(compose()):
        now = round(max(0.0, event.beat) * TICKS_PER_BEAT)
        track.append(mido.Message.from_bytes(event.content, time=now - tick))
        tick = now
    with replacing(TARGET) as beside:
        mido.MidiFile(type=0, ticks_per_beat=TICKS_PER_BEAT, tracks=[track]).save(beside)
    print(f"{TARGET.name}: {len(track)} messages, {tick / TICKS_PER_BEAT * 60 / BEATS_PER_MINUTE:.1f} s")


def compose() -> Iterator[Event]:
    """Every event of the piece, in no particular order."""
    player = random.Random(1)
    for bar, (bass, chord, arpeggio) in enumerate(HARMONY):
        start = bar * BAR
        swell = 8 * min(bar, 6)
        if bar > 0:
            yield from note(player, start, BAR - 0.3, bass, 74 + swell // 2, CHORDS)
        for member in chord:
            yield from note(player, start, BAR - 0.35, member, 54 + swell // 2, CHORDS)
        for place, pitch in enumerate(arpeggio):
            accent = 10 if place % 4 == 0 else 0
            length = 0.62 if place < len(arpeggio) - 1 else 0.45  # the next bar may begin with the same note
            yield from note(player, start + place / 2, length, pitch, 62 + swell // 2 + accent, ARPEGGIO)
    for beat, length, pitch in TUNE:
        yield from note(player, beat, length - 0.06, pitch, 100, MELODY)
    end = len(HARMONY) * BAR
    for strike in (0, 1):
        struck = end + strike * FINAL_BEATS
        for place, pitch in enumerate(FINAL_CHORD):  # rolled from below
            yield from note(player, struck + place * 0.11, 2.0, pitch, 84 - 10 * strike - 2 * place, CHORDS)
        yield Event(struck, 1, (0xB0 | CHORDS, 64, 127))  # the pedal holds the chord while the hand is on the pad
        yield Event(struck + FINAL_BEATS - 0.12, 1, (0xB0 | CHORDS, 64, 0))
    yield from pad()
    yield from ramp(VOLUME, lambda value: (0xB0, 7, round(127 * value)))
    yield from ramp(WHEEL, lambda value: (0xB0, 1, round(127 * value)))
    yield from ramp(SCOOP, lambda value: (0xE0 | MELODY, *halves(round(8192 + 8191 * value))[::-1]))


def note(player: random.Random, beat: float, length: float, pitch: int, velocity: int, channel: int) -> Iterator[Event]:
    """A note a little off its beat and its velocity, as hands have it."""
    on = max(0.0, beat + player.gauss(0.0, 0.006))
    velocity = min(127, max(1, velocity + round(player.gauss(0.0, 3.0))))
    yield Event(on, 2, (0x90 | channel, pitch, velocity))
    yield Event(beat + length, 0, (0x80 | channel, pitch, 64))


def pad() -> Iterator[Event]:
    """The pad's way as 14-bit controls 16 and 17, sent where they change."""
    sent = {16: -1, 17: -1}
    for step in range(round(PAD_WAY[-1][0] / PAD_STEP) + 1):
        beat = step * PAD_STEP
        for control, axis in ((16, 1), (17, 2)):
            value = round(16383 * eased([(point[0], point[axis]) for point in PAD_WAY], beat))
            if value != sent[control]:
                upper, lower = halves(value)
                yield Event(beat, 0, (0xB0, control, upper))
                yield Event(beat, 1, (0xB0, control + 32, lower))
                sent[control] = value


def ramp(way: list[tuple[float, float]], message: Callable[[float], tuple[int, ...]]) -> Iterator[Event]:
    """Messages along (beat, value) points, where they change."""
    sent: tuple[int, ...] = ()
    for step in range(math.ceil((way[-1][0] - way[0][0]) / PAD_STEP) + 1):
        beat = min(way[-1][0], way[0][0] + step * PAD_STEP)
        content = message(eased(way, beat))
        if content != sent:
            yield Event(beat, 1, content)
            sent = content


def eased(way: list[tuple[float, float]], beat: float) -> float:
    """Value at a beat on a way of (beat, value) points that starts and ends each stretch softly."""
    for (start, low), (end, high) in itertools.pairwise(way):
        if beat <= end:
            share = min(1.0, max(0.0, (beat - start) / (end - start)))
            return low + (high - low) * (1 - math.cos(math.pi * share)) / 2
    return way[-1][1]


def halves(value: int) -> tuple[int, int]:
    """Upper and lower seven bits."""
    return value >> 7, value & 127


if __name__ == "__main__":
    main()
