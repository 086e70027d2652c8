"""What is seen in an hour of playing: benchmarks.soak writes it down, benchmarks.soak_report makes a picture of it."""

from dataclasses import dataclass, field

from benchmarks.clicks import Break
from benchmarks.wakes import Lateness


@dataclass(frozen=True)
class Event:
    """Something that happened at a time (s, monotonic)."""

    at: float
    kind: str
    detail: str = ""


@dataclass
class Sample:
    """What was read at a time (s since the beginning)."""

    seconds: float
    engine: int
    rate: float
    block: int
    instrument: str
    voices: int
    load: float
    late_blocks: int
    xruns: int
    failed_blocks: int
    shed_voices: int
    factor_cap: int
    late_commands: int
    rss_mb: float
    threads: int
    files: int
    client_rss_mb: float
    client_threads: int
    client_files: int
    folders: int
    shared_memory: int


@dataclass
class Soak:
    """All that was seen."""

    begun: float = 0.0
    ended: float = 0.0
    events: list[Event] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    slacks: list[tuple[float, float]] = field(default_factory=list)
    """From when on (s, monotonic) which lateness in ms the engine's ring could bear."""
    breaks: list[tuple[float, int, Break]] = field(default_factory=list)
    """Time (s, monotonic), number of the recording, and the break."""
    missed: list[tuple[float, float]] = field(default_factory=list)
    """When the server skipped cycles, and for how many ms."""
    recorded_s: float = 0.0
    blocks: float = 0.0
    floor: Lateness = field(default_factory=Lateness)
