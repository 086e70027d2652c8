"""What an engine is writing for its client, and what is left of it where the engine dies."""

from pathlib import Path

from synth.commands import Command
from synth.notices import Notice, Problem, TakeFinished
from synth.protocol.requests import Request, StartRecording, StartTake, StopRecording
from synth.takes.file import salvage


class Unfinished:
    """The recording and the take that were begun and not ended, by what was sent and heard."""

    def __init__(self) -> None:
        self._recording = ""
        self._take = ""

    @property
    def busy(self) -> bool:
        """Whether there is one."""
        return bool(self._recording or self._take)

    def sent(self, message: Command | Request) -> None:
        """Take note of what was asked for."""
        if isinstance(message, StartRecording):
            self._recording = message.path
        elif isinstance(message, StopRecording):
            self._recording = ""
        elif isinstance(message, StartTake):
            self._take = message.path

    def heard(self, notice: Notice) -> None:
        """Take note of what the engine tells."""
        if isinstance(notice, TakeFinished) and notice.path == self._take:
            self._take = ""

    def lost(self) -> list[Problem]:
        """The engine is dead: keep what can be kept, and say what cannot."""
        problems = []
        if self._recording and not Path(self._recording).exists():
            problems.append(Problem(f"the recording {self._recording} ended with the engine; start another one."))
        if self._take and (told := salvage(Path(self._take))):
            problems.append(Problem(told))
        self._recording = self._take = ""
        return problems
