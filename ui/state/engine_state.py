"""What the engine was told of the patch, and what it must still be told. An instrument takes a while to load: what belongs to
it waits until it plays, and so does the rest of a preset, so that it changes as a whole.
"""

from collections.abc import Callable
from pathlib import Path

from synth.commands import Command, LoadInstrument, SetAnchor, SetOffset
from synth.presets import changes
from synth.presets.patch import Patch
from ui.state.catalog import Sounds


class EngineState:
    """Follows the session; `send` takes commands."""

    def __init__(self, send: Callable[[Command], None]) -> None:
        self._send = send
        self._told: Patch | None = None
        self.asked = ""
        """Path of the instrument that was asked for last."""
        self.loaded = False
        """Whether that one plays."""

    def begin(self, patch: Patch, sounds: Sounds | None) -> None:
        """An engine is ready: one that knows nothing yet, or one that knows what was told before."""
        self._tell_free(patch)
        if sounds is None:
            return
        if self.asked != str(sounds.path):
            self.load(sounds.path)
        elif self.loaded:
            self._tell_bound(patch, sounds)

    def load(self, path: Path) -> None:
        """Ask for an instrument."""
        self.asked, self.loaded = str(path), False
        self._send(LoadInstrument(self.asked))

    def change(self, before: Patch, after: Patch, sounds: Sounds | None) -> None:
        """The patch was edited."""
        if self._told is None:
            return
        if sounds is not None and self.asked != str(sounds.path):
            self.load(sounds.path)
        elif self.loaded and sounds is not None:
            self._tell_all(changes.free(before, after) + changes.bound(before, after, sounds))
            self._told = after
        else:
            self._tell_all(changes.free(before, after))
            self._told = changes.applied(self._told, before, after)

    def heard(self, before: Patch, after: Patch) -> None:
        """The engine itself says that this has changed."""
        if self._told is not None:
            self._told = changes.applied(self._told, before, after)

    def came(self, path: Path, patch: Patch, sounds: Sounds | None) -> bool:
        """An instrument plays from now on; whether it is the one that was asked for."""
        if sounds is None or path != sounds.path or str(path) != self.asked:
            return False
        self.loaded = True
        self._tell_free(patch)
        self._tell_bound(patch, sounds)
        return True

    def refused(self, path: str) -> bool:
        """An instrument cannot be played; whether it is the one that was asked for."""
        if path != self.asked:
            return False
        self.asked = ""
        return True

    def _tell_free(self, patch: Patch) -> None:
        self._tell_all(changes.free(self._told, patch))
        known = self._told or Patch()
        free = {name: getattr(patch, name) for name in ("position", "parameters", "routes", "gesture", "tuning")}
        self._told = known.model_copy(update=free)

    def _tell_bound(self, patch: Patch, sounds: Sounds) -> None:
        """All that belongs to the instrument, and that what another one left is gone."""
        left = self._told or Patch()
        self._tell_all([SetOffset(name, 0.0) for name in left.offsets if name not in patch.offsets])
        self._tell_all([SetAnchor(index) for index in range(len(patch.anchors), len(left.anchors))])
        self._tell_all(changes.bound(None, patch, sounds))
        self._told = patch

    def _tell_all(self, commands: list[Command]) -> None:
        for command in commands:
            self._send(command)
