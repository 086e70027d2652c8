"""An engine's process as its client holds it: launched with all that it imports, and told to go once its settings are known.

So a client can keep a spare one: where an engine dies, the next has the slow half of its start behind it.
"""

import contextlib
import subprocess
import sys

from synth.devices import module_environment
from synth.protocol import folder as folders
from synth.settings import EngineSettings


class EngineProcess:
    """A process and the folder that it shares with its client. It waits for `go`, and ends when its client does."""

    def __init__(self) -> None:
        """Launch it. Raises EngineError where there is no place for its folder."""
        self.link = folders.Link(folders.create())
        self._environment = _environment()
        with (self.link.folder / folders.LOG_FILE).open("wb") as log:
            # a session of its own: Ctrl-C in the terminal reaches the client alone, which then ends the engine in order
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "synth.server", str(self.link.folder)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,
            )

    @property
    def fresh(self) -> bool:
        """Whether it waits, in the environment of the present."""
        return self.process.poll() is None and self._environment == _environment()

    def go(self, settings: EngineSettings) -> None:
        """Open the device and play."""
        (self.link.folder / folders.SETTINGS_FILE).write_text(settings.model_dump_json(), encoding="utf-8")
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):  # it is dead already, which its client will find out
            self.process.stdin.write(b"\n")
            self.process.stdin.flush()

    def kill(self) -> None:
        """End it at once, and remove its folder."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        folders.remove(self.link.folder)


def _environment() -> dict[str, str]:
    """What matters to an engine: the window's toolkit, whose variables the app sets as it starts, does not."""
    return {name: value for name, value in module_environment().items() if not name.startswith("QT_")}
