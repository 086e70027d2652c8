"""Renders notes of a SoundFont with the fluidsynth command."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import mido
import numpy as np
from numpy.typing import NDArray

from sirenade.errors import DatasetError
from training.data.files import read_channels
from training.data.general_midi import PERCUSSION

DEFAULT_FONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
RATE = 48000
"""Hz. Rendered high and resampled down once, since the synthesizer's own interpolation aliases at low rates."""
LEAD_SECONDS, REST_SECONDS = 0.1, 0.4
ONSET_SECONDS = LEAD_SECONDS / 2
"""Of silence before each note; the lead's first half may hold the end of the note before, which would pass for the onset."""
GAIN = 0.5
PERCUSSION_CHANNEL = 9
ALL_SOUND_OFF = 120
TICKS_PER_SECOND = 1000
TIMEOUT_SECONDS = 600


@dataclass(frozen=True)
class Note:
    """One note to render: program 0..127 or PERCUSSION, MIDI key, velocity 1..127."""

    program: int
    key: int
    velocity: int


def check_tools(font: Path) -> None:
    """Raises DatasetError, with the line that helps, where fluidsynth or the SoundFont is missing."""
    if shutil.which("fluidsynth") is None:
        raise DatasetError("the fluidsynth command is missing; install it with: sudo apt install fluidsynth")
    if not font.is_file():
        way = "get it with: sudo apt install fluid-soundfont-gm" if font == DEFAULT_FONT else "name another with --font."
        raise DatasetError(f"there is no SoundFont {font}; {way}")
    with font.open("rb") as stream:
        head = stream.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"sfbk":  # fluidsynth would play its default font instead
        raise DatasetError(f"{font} is not a SoundFont 2 file; name another with --font.")


def render(font: Path, notes: Sequence[Note], seconds: float, hold: float | None = None) -> list[NDArray[np.float32]]:
    """Each note from ONSET_SECONDS before it begins, as stereo float32 [T, 2] at 48 kHz, reverb and chorus off.

    It is recorded for `seconds` and let go after `hold` of them (None: at their end). One process renders all, one after
    another. Raises DatasetError where it fails.
    """
    slot = LEAD_SECONDS + seconds + REST_SECONDS
    with tempfile.TemporaryDirectory() as place:
        song, sound = Path(place) / "notes.mid", Path(place) / "notes.wav"
        _song(notes, seconds if hold is None else hold, slot).save(song)
        _run(font, song, sound)
        samples, _ = read_channels(sound)
    samples = np.pad(samples, ((0, max(0, round(len(notes) * slot * RATE) - len(samples))), (0, 0)))
    starts = (round((index * slot + LEAD_SECONDS - ONSET_SECONDS) * RATE) for index in range(len(notes)))
    return [samples[start : start + round((ONSET_SECONDS + seconds) * RATE)] for start in starts]


def _song(notes: Sequence[Note], hold: float, slot: float) -> mido.MidiFile:
    song = mido.MidiFile(ticks_per_beat=TICKS_PER_SECOND // 2)  # at the default 120 beats a minute a tick is 1 ms
    track = mido.MidiTrack()
    song.tracks.append(track)
    now = 0
    for index, note in enumerate(notes):
        channel = PERCUSSION_CHANNEL if note.program == PERCUSSION else 0
        start = round(index * slot * TICKS_PER_SECOND)
        lead, length = round(LEAD_SECONDS * TICKS_PER_SECOND), round(hold * TICKS_PER_SECOND)
        program = 0 if note.program == PERCUSSION else note.program
        track.append(mido.Message("control_change", channel=channel, control=ALL_SOUND_OFF, value=0, time=start - now))
        track.append(mido.Message("program_change", channel=channel, program=program, time=0))
        track.append(mido.Message("note_on", channel=channel, note=note.key, velocity=note.velocity, time=lead))
        track.append(mido.Message("note_off", channel=channel, note=note.key, velocity=0, time=length))
        now = start + lead + length
    track.append(mido.MetaMessage("end_of_track", time=round((slot - LEAD_SECONDS - hold) * TICKS_PER_SECOND)))
    return song


def _run(font: Path, song: Path, sound: Path) -> None:
    command = ["fluidsynth", "-n", "-i", "-q", "-R", "0", "-C", "0", "-g", str(GAIN), "-r", str(RATE)]
    command += ["-T", "wav", "-O", "float", "-F", str(sound), str(font), str(song)]
    environment = {**os.environ, "HOME": str(song.parent)}  # a user's own fluidsynth settings must not change a data set
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, env=environment, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DatasetError(f"fluidsynth could not render the notes: {error}.") from None
    if done.returncode or not sound.exists():
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
        raise DatasetError(f"fluidsynth could not render the notes of {font}: {lines[0]}.")
