"""What only the host does (the pure engine never sees it): record the output or a take, change the device."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StartRecording:
    """Record the output to a WAV file at `path` from now on."""

    path: str


@dataclass(frozen=True)
class StopRecording:
    """Finish the recording: the file appears under its name."""


@dataclass(frozen=True)
class StartTake:
    """Write down at `path` what is played from now on: a take, see synth.takes."""

    path: str


@dataclass(frozen=True)
class StopTake:
    """Finish the take: the file appears under its name."""


@dataclass(frozen=True)
class Reopen:
    """Change the device, its rate or the block while notes sound; `settings` are EngineSettings as JSON. Reopened answers."""

    settings: str


Request = StartRecording | StopRecording | StartTake | StopTake | Reopen
