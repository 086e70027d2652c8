"""The computer keyboard as a piano: two rows of letters are an octave and a half, Z and X move them."""

LETTERS = "AWSEDFTGYHUJKOLP"
"""Letters from the first C upwards, as on a QWERTY keyboard."""

# Set-1 scan codes of those letters' places; Linux's evdev uses the same numbers. By place, an AZERTY keyboard plays as well.
PLACES = (30, 17, 31, 18, 32, 33, 20, 34, 21, 35, 22, 36, 37, 24, 38, 25)
OCTAVE_DOWN_PLACE, OCTAVE_UP_PLACE = 44, 45
LOWEST_OCTAVE, HIGHEST_OCTAVE = 0, 8
STEP_OF_PLACE = {place: step for step, place in enumerate(PLACES)}
STEP_OF_LETTER = {letter: step for step, letter in enumerate(LETTERS)}


def note(octave: int, step: int) -> int:
    """MIDI note of the key `step` semitones above the C of `octave` (octave 4 starts at 60)."""
    return 12 * (octave + 1) + step


def letter(octave: int, midi_note: int) -> str:
    """The letter that plays `midi_note`, or nothing."""
    step = midi_note - note(octave, 0)
    return LETTERS[step] if 0 <= step < len(LETTERS) else ""


class ComputerKeys:
    """Which computer keys are down, and the notes they started (an octave change must not lose a note-off)."""

    def __init__(self, octave: int = 4) -> None:
        self.octave = octave
        self._held: dict[int, int] = {}

    def shift(self, octaves: int) -> None:
        """Move the keys by whole octaves, within what MIDI can name."""
        self.octave = min(HIGHEST_OCTAVE, max(LOWEST_OCTAVE, self.octave + octaves))

    def press(self, step: int) -> int | None:
        """The note that a key starts, or None where it is down already."""
        if step in self._held:
            return None
        self._held[step] = min(127, note(self.octave, step))
        return self._held[step]

    def lift(self, step: int) -> int | None:
        """The note that a lifted key ends, or None where it had started none."""
        return self._held.pop(step, None)

    def lift_all(self) -> list[int]:
        """The notes that end when the window loses the keyboard."""
        notes = list(self._held.values())
        self._held.clear()
        return notes
