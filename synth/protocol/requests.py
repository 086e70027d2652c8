"""What only the host does (the pure engine never sees it): record the output."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StartRecording:
    """Record the output to a WAV file at `path` from now on."""

    path: str


@dataclass(frozen=True)
class StopRecording:
    """Finish the recording: the file appears under its name."""


Request = StartRecording | StopRecording
