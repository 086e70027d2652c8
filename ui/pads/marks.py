"""The player's own titles and tags of an instrument's sounds."""

from ui.state.catalog import Sounds
from ui.state.preferences import Preferences


def titles(sounds: Sounds, preferences: Preferences) -> tuple[str, ...]:
    """Titles of all sounds as the player calls them."""
    given = preferences.titles.get(sounds.card.name, {})
    return tuple(given.get(name, title) for name, title in zip(sounds.names, sounds.titles, strict=True))


def tags(sounds: Sounds, preferences: Preferences) -> tuple[str, ...]:
    """Tags of all sounds, joined by commas; the first is the family."""
    given = preferences.tags.get(sounds.card.name, {})
    return tuple(given.get(name, old) for name, old in zip(sounds.names, sounds.latents.tags, strict=True))


def with_mark(marks: dict[str, dict[str, str]], instrument: str, name: str, text: str, usual: str) -> dict[str, dict[str, str]]:
    """Another title or tag of a sound; an empty or the usual one is forgotten."""
    of_instrument = {**marks.get(instrument, {}), name: text}
    if text in ("", usual):
        del of_instrument[name]
    made = {**marks, instrument: of_instrument}
    if not of_instrument:
        del made[instrument]
    return made
