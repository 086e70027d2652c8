"""Notices of the engine and of the app as messages: a sentence, how bad it is, and what can be done about it."""

from dataclasses import dataclass
from enum import Enum
from typing import Literal

from synth.notices import (
    DeviceChanged,
    EngineRestarted,
    InstrumentRefused,
    MidiPortsChanged,
    Notice,
    Problem,
    RecordingFinished,
)

Level = Literal["info", "warning", "error"]
LEVELS: tuple[Level, ...] = ("info", "warning", "error")


class Action(Enum):
    """What a message's button does; the value is its title."""

    NONE = ""
    SETTINGS = "Audio && MIDI\u2026"

    @property
    def title(self) -> str:
        """Text of the button."""
        return self.value


@dataclass(frozen=True)
class Message:
    """One sentence. A lasting message stays until it is dismissed or replaced by another lasting one."""

    text: str
    level: Level = "info"
    action: Action = Action.NONE
    lasting: bool = True


def of_notice(notice: Notice) -> Message | None:
    """The message that a notice asks for, or None where the window shows it in another way."""
    match notice:
        case EngineRestarted(reason):
            return Message(f"The sound engine was restarted in the same state: {_ended(reason)}", "warning")
        case DeviceChanged(reason):
            return Message(sentence(reason), "warning", Action.SETTINGS)
        case InstrumentRefused(_, reason):
            return Message(f"This instrument cannot be played: {_ended(reason)}", "error")
        case MidiPortsChanged(names) if names:
            return Message(f"MIDI from {', '.join(names)}.", lasting=False)
        case RecordingFinished(path, seconds):
            return Message(f"Recorded {seconds:.1f} s to {path}.")
        case Problem(text):
            return Message(sentence(text), "warning", Action.SETTINGS)
    return None


def sentence(text: str) -> str:
    """`text` with a full stop, and a capital where it begins with a word rather than a file's name."""
    first = text.split(maxsplit=1)[:1]
    return _ended(text[:1].upper() + text[1:] if first and first[0].isalpha() else text)


def _ended(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."
