"""The present: all that hands, feet and wheels have set, from which another engine could go on."""

from dataclasses import dataclass

from synth import commands

CORNERS = 4
HOME_PRESSURE, HOME_SLIDE = 0.0, 0.5
"""Where fingers are that do nothing."""


@dataclass(frozen=True)
class Down:
    """A key that is down while one voice serves all: as it was struck, and how hard it is pressed since (0..1)."""

    note: float
    velocity: float
    channel: int
    pressure: float = 0.0


@dataclass(frozen=True)
class HeldNote:
    """A note that sounds and was not let go, or a key that waits for the one voice that serves all."""

    note: float
    velocity: float
    channel: int
    pedalled: bool
    """Its key is up, and a pedal holds it."""
    pressure: float = 0.0
    """Of its key."""
    sostenuto: bool = False
    """The sostenuto pedal holds it, too."""


@dataclass(frozen=True)
class Present:
    """What stands at an absolute `frame`: commands due before it are in it, later ones are not."""

    frame: int
    parameters: dict[str, float]
    pad: tuple[float, float]
    corners: tuple[int, ...]
    """Four of each pad."""
    bends: tuple[float, ...]
    """-1..1 by channel."""
    wheel: float
    pedals: tuple[bool, ...]
    """By channel."""
    notes: tuple[HeldNote, ...]
    """In the order in which they began."""
    sostenuto: tuple[bool, ...] = ()
    """By channel, as the rest."""
    pressures: tuple[float, ...] = ()
    slides: tuple[float, ...] = ()
    setup: tuple[commands.Setup, ...] = ()
    """In the order in which it was set."""

    def commands(self) -> list[commands.Command]:
        """Commands that bring an engine with the same instrument to this state; its notes do not glide from each other."""
        parameters = {name: commands.SetParameter(name, value) for name, value in self.parameters.items()}
        glide = parameters.pop("glide", None)
        corners = [commands.SetCorner(place % CORNERS, anchor, place // CORNERS) for place, anchor in enumerate(self.corners)]
        caught = [held for held in self.notes if held.sostenuto]
        return [
            *self.setup,
            *parameters.values(),
            *corners,
            commands.MovePad(*self.pad),
            *(commands.PitchBend(value, channel) for channel, value in enumerate(self.bends)),
            *(
                commands.ChannelPressure(value, channel)
                for channel, value in enumerate(self.pressures)
                if value != HOME_PRESSURE
            ),
            *(commands.Slide(value, channel) for channel, value in enumerate(self.slides) if value != HOME_SLIDE),
            commands.ModWheel(self.wheel),
            *(commands.Sustain(down, channel) for channel, down in enumerate(self.pedals)),
            *(commands.NoteOn(held.note, held.velocity, held.channel) for held in caught),
            *(commands.Sostenuto(down, channel) for channel, down in enumerate(self.sostenuto) if down),
            *(commands.NoteOn(held.note, held.velocity, held.channel) for held in self.notes if not held.sostenuto),
            *(commands.NoteOff(held.note, held.channel) for held in self.notes if held.pedalled),
            *(commands.KeyPressure(held.note, held.pressure, held.channel) for held in self.notes if held.pressure),
            *([glide] if glide else []),
        ]
