"""The present: all that hands, feet and wheels have set, from which another engine could go on."""

from dataclasses import dataclass

from synth import commands


@dataclass(frozen=True)
class HeldNote:
    """A note that sounds and was not let go; `pedalled`: its key is up, and the pedal holds it."""

    note: float
    velocity: float
    channel: int
    pedalled: bool


@dataclass(frozen=True)
class Present:
    """What stands at an absolute `frame`: commands due before it are in it, later ones are not."""

    frame: int
    parameters: dict[str, float]
    pad: tuple[float, float]
    corners: tuple[int, ...]
    bends: tuple[float, ...]
    """-1..1 by channel."""
    wheel: float
    pedals: tuple[bool, ...]
    """By channel."""
    notes: tuple[HeldNote, ...]
    """In the order in which they began."""

    def commands(self) -> list[commands.Command]:
        """Commands that bring an engine with the same instrument to this state; its notes do not glide from each other."""
        parameters = {name: commands.SetParameter(name, value) for name, value in self.parameters.items()}
        glide = parameters.pop("glide", None)
        return [
            *parameters.values(),
            *(commands.SetCorner(corner, anchor) for corner, anchor in enumerate(self.corners)),
            commands.MovePad(*self.pad),
            *(commands.PitchBend(value, channel) for channel, value in enumerate(self.bends)),
            commands.ModWheel(self.wheel),
            *(commands.Sustain(down, channel) for channel, down in enumerate(self.pedals)),
            *(commands.NoteOn(held.note, held.velocity, held.channel) for held in self.notes),
            *(commands.NoteOff(held.note, held.channel) for held in self.notes if held.pedalled),
            *([glide] if glide else []),
        ]
