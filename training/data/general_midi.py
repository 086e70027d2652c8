"""General MIDI level 1: program and percussion names, and where they stand in NSynth's families."""

import re

PERCUSSION = 128
"""Stands for the percussion channel where a program number is expected."""

PROGRAMS = tuple(
    """
Acoustic Grand Piano|Bright Acoustic Piano|Electric Grand Piano|Honky-tonk Piano|Electric Piano 1
Electric Piano 2|Harpsichord|Clavinet
Celesta|Glockenspiel|Music Box|Vibraphone|Marimba|Xylophone|Tubular Bells|Dulcimer
Drawbar Organ|Percussive Organ|Rock Organ|Church Organ|Reed Organ|Accordion|Harmonica|Tango Accordion
Nylon Guitar|Steel Guitar|Jazz Guitar|Clean Guitar|Muted Guitar|Overdriven Guitar|Distortion Guitar|Guitar Harmonics
Acoustic Bass|Fingered Bass|Picked Bass|Fretless Bass|Slap Bass 1|Slap Bass 2|Synth Bass 1|Synth Bass 2
Violin|Viola|Cello|Contrabass|Tremolo Strings|Pizzicato Strings|Orchestral Harp|Timpani
String Ensemble 1|String Ensemble 2|Synth Strings 1|Synth Strings 2|Choir Aahs|Voice Oohs|Synth Voice|Orchestra Hit
Trumpet|Trombone|Tuba|Muted Trumpet|French Horn|Brass Section|Synth Brass 1|Synth Brass 2
Soprano Sax|Alto Sax|Tenor Sax|Baritone Sax|Oboe|English Horn|Bassoon|Clarinet
Piccolo|Flute|Recorder|Pan Flute|Blown Bottle|Shakuhachi|Whistle|Ocarina
Square Lead|Saw Lead|Calliope Lead|Chiff Lead|Charang Lead|Voice Lead|Fifths Lead|Bass and Lead
New Age Pad|Warm Pad|Polysynth Pad|Choir Pad|Bowed Pad|Metallic Pad|Halo Pad|Sweep Pad
Rain|Soundtrack|Crystal|Atmosphere|Brightness|Goblins|Echoes|Sci-fi
Sitar|Banjo|Shamisen|Koto|Kalimba|Bagpipe|Fiddle|Shanai
Tinkle Bell|Agogo|Steel Drums|Woodblock|Taiko Drum|Melodic Tom|Synth Drum|Reverse Cymbal
Guitar Fret Noise|Breath Noise|Seashore|Bird Tweet|Telephone Ring|Helicopter|Applause|Gunshot
""".strip()
    .replace("\n", "|")
    .split("|")
)

_KEYBOARDS = "21-108 21-108 21-108 21-108 28-103 28-103 29-89 36-96"
_CHROMATIC = "60-108 72-108 60-96 53-89 36-96 65-108 60-77 48-88"
_ORGANS = "36-96 36-96 36-96 36-96 36-96 53-93 60-96 48-93"
_GUITARS = "40-84 40-84 40-86 40-86 40-86 40-86 40-86 52-88"
_BASSES = "28-67 28-67 28-67 28-67 28-67 28-67 24-72 24-72"
_STRINGS = "55-100 48-88 36-76 28-60 36-96 36-96 24-103 36-57"
_ENSEMBLES = "28-96 28-96 36-96 36-96 40-84 48-84 48-84 36-84"
_BRASSES = "54-84 40-72 28-58 54-84 34-77 36-84 36-96 36-96"
_REEDS = "56-88 49-81 44-76 36-69 58-91 52-81 34-75 50-94"
_PIPES = "74-108 60-96 65-98 55-96 48-84 55-84 60-96 60-89"
_ETHNIC = "48-77 48-84 50-79 43-84 48-79 55-84 55-96 48-72"
_PERCUSSIVE = "60-96 60-84 52-84 48-84 36-72 36-72 36-72 36-84"
_SYNTHESIZED, _EFFECTS = "36-96 " * 8, "36-84 " * 8
_RANGES = tuple(
    (int(low), int(high))
    for group in (
        *(_KEYBOARDS, _CHROMATIC, _ORGANS, _GUITARS, _BASSES, _STRINGS, _ENSEMBLES, _BRASSES, _REEDS, _PIPES),
        *(_SYNTHESIZED, _SYNTHESIZED, _SYNTHESIZED, _ETHNIC, _PERCUSSIVE, _EFFECTS),
    )
    for low, _, high in (span.partition("-") for span in group.split())
)

_FIRST_DRUM = 35
_DRUMS = tuple(
    """
Acoustic Bass Drum|Bass Drum|Side Stick|Acoustic Snare|Hand Clap|Electric Snare|Low Floor Tom|Closed Hi-hat
High Floor Tom|Pedal Hi-hat
Low Tom|Open Hi-hat|Low-mid Tom|High-mid Tom|Crash Cymbal 1|High Tom|Ride Cymbal 1|Chinese Cymbal|Ride Bell|Tambourine
Splash Cymbal|Cowbell|Crash Cymbal 2|Vibraslap|Ride Cymbal 2|High Bongo|Low Bongo|Mute High Conga|Open High Conga|Low Conga
High Timbale|Low Timbale|High Agogo|Low Agogo|Cabasa|Maracas|Short Whistle|Long Whistle|Short Guiro|Long Guiro
Claves|High Woodblock|Low Woodblock|Mute Cuica|Open Cuica|Mute Triangle|Open Triangle
""".strip()
    .replace("\n", "|")
    .split("|")
)

_FAMILY_OF_GROUP = (
    "keyboard",
    "mallet",
    "organ",
    "guitar",
    "bass",
    "string",
    "string",
    "brass",
    "reed",
    "flute",
    "synth_lead",
    "synth_lead",
    "synth_lead",
    "guitar",
    "mallet",
    "synth_lead",
)
_ELECTRONIC = frozenset((2, 4, 5, 7, *range(16, 19), *range(26, 32), *range(33, 38)))
_SYNTHETIC = frozenset((38, 39, 50, 51, 54, 62, 63, *range(80, 104), 118, 119, *range(120, 128)))


def slug(name: str) -> str:
    """A name as NSynth writes names: lower case, words joined by underscores."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def instrument_name(program: int, note: int) -> str:
    """Name of a program (0..127), or of the percussion sound on key `note`."""
    if program != PERCUSSION:
        return PROGRAMS[program]
    place = note - _FIRST_DRUM
    return _DRUMS[place] if 0 <= place < len(_DRUMS) else f"Percussion {note}"


def key_range(program: int) -> tuple[int, int]:
    """Lowest and highest MIDI note that the instrument of a program is played at in earnest; all keys of percussion.

    Sounding pitches as orchestration books give them; beyond, a SoundFont stretches its outermost sample.
    """
    return (0, 127) if program == PERCUSSION else _RANGES[program]


def family(program: int) -> str:
    """NSynth's instrument family of a program."""
    if program in (52, 53, 54):
        return "vocal"
    return "mallet" if program == PERCUSSION else _FAMILY_OF_GROUP[program // 8]


def source(program: int) -> str:
    """NSynth's instrument source of a program."""
    if program in _SYNTHETIC:
        return "synthetic"
    return "electronic" if program in _ELECTRONIC else "acoustic"
