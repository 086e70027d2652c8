"""How a parameter's value is written."""

from synth.parameters import Parameter


def text(parameter: Parameter, value: float) -> str:
    """The value as a player reads it: `12 ms`, `1.20 s`, `-6.0 dB`, `5.5 Hz`, `2 st`."""
    if parameter.choices:
        return parameter.choices[round(parameter.clamp(value))].capitalize()
    if parameter.unit == "s":
        return seconds(value)
    if parameter.unit == "semitones":
        return f"{value:.0f} st"
    if parameter.unit == "voices":
        return f"{value:.0f}"
    if parameter.name == "glide" and value == 0.0:
        return "Off"
    if parameter.unit == "share":
        return f"{100 * value:.0f} %"
    if parameter.unit == "Hz":
        return hertz(value)
    return f"{value:.1f} {parameter.unit}".replace("-", "\u2212")


def seconds(value: float) -> str:
    """A time in the unit that suits it."""
    if value < 0.01:
        return f"{value * 1000:.1f} ms"
    return f"{value * 1000:.0f} ms" if value < 1.0 else f"{value:.2f} s"


def hertz(value: float) -> str:
    """A frequency with about three digits."""
    if value >= 1000.0:
        return f"{value / 1000:.2f} kHz" if value < 10000.0 else f"{value / 1000:.1f} kHz"
    return f"{value:.0f} Hz" if value >= 100.0 else f"{value:.1f} Hz" if value >= 1.0 else f"{value:.2f} Hz"
