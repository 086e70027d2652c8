"""What sounds are like, in a player's words: names of descriptors, their values, and the two ends of each."""

from ui.text import tr

_WORDS = {
    "centroid_hz": ("Brightness", "Darker", "Brighter"),
    "attack_s": ("Attack", "Harder attack", "Softer attack"),
    "flatness": ("Noisiness", "Purer", "Noisier"),
    "level_db": ("Loudness", "Quieter", "Louder"),
}
"""Descriptor: its name, what less of it is, what more of it is"""


def label(name: str) -> str:
    """`Brightness`; a descriptor that is not known keeps its own name."""
    return tr(_WORDS[name][0]) if name in _WORDS else _plain(name)


def ends(name: str) -> tuple[str, str]:
    """What less and more of it sound like: `Darker`, `Brighter`."""
    if name in _WORDS:
        return tr(_WORDS[name][1]), tr(_WORDS[name][2])
    return tr("Less {name}").format(name=_plain(name).lower()), tr("More {name}").format(name=_plain(name).lower())


def text(name: str, value: float) -> str:
    """A value in its unit: `1.2 kHz`, `37 ms`, `-30 dB`."""
    unit = name.rsplit("_", 1)[-1]
    if unit == "hz":
        return f"{value / 1000:.1f} kHz" if value >= 1000.0 else f"{value:.0f} Hz"
    if unit == "s":
        return f"{value:.1f} s" if value >= 1.0 else f"{1000 * value:.0f} ms"
    if unit == "db":
        return f"{value:.0f} dB".replace("-", "\u2212")
    return f"{value:.2g}"


def _plain(name: str) -> str:
    return name.replace("_", " ").capitalize()
