"""What a training shows while it goes: a table on a terminal, a line now and then in a log."""

import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.table import Table

    from training.config import Config
    from training.experiments import Experiment
    from training.fit import Moment
    from training.quality import Reading

FIRST_LINE_S, LINES_GROW = 10.0, 1.5
"""A log's first line comes after so many seconds, each later one after so many times as long; never less often than hourly."""
LONGEST_LINE_S = 3600.0
REFRESH_S = 0.25
FIRST_READING_S, READING_SHARE = 5.0, 0.03
"""The quality is read first after so many seconds, then as often as takes this share of the time."""
RECENT_STEPS = 50
BAR = 24
GOOD_YET = "good yet?"


class Shown(Protocol):
    """Where a moment of the training is shown."""

    def show(self, lines: dict[str, str]) -> None:
        """Show these lines, by their names."""


class Display:
    """Gathers what is known of a training, and shows it when it is time."""

    def __init__(self, config: "Config", experiment: "Experiment", shown: Shown, pause: "Pause") -> None:
        from training.quality import Yardstick

        self._config, self._shown, self._pause = config, shown, pause
        self._yardstick = Yardstick.of(experiment)
        self._reading: Reading | None = None
        self._next_reading = time.monotonic() + FIRST_READING_S
        self._recent: deque[tuple[int, float]] = deque(maxlen=RECENT_STEPS)

    def __call__(self, moment: "Moment") -> None:
        """After each step."""
        self._recent.append((moment.step, moment.elapsed))
        now = time.monotonic()
        if self._yardstick and now >= self._next_reading:
            self._reading = self._yardstick.read()
            cost = time.monotonic() - now
            self._next_reading = time.monotonic() + max(FIRST_READING_S, cost / READING_SHARE)
        if self._pause.over(now) or moment.step >= self._config.steps:
            self._shown.show(self.lines(moment))

    def lines(self, moment: "Moment") -> dict[str, str]:
        """What there is to say of a moment."""
        config, (first, since), (last, until) = self._config, self._recent[0], self._recent[-1]
        speed = (last - first) / (until - since) if until > since else 0.0
        terms = "  ".join(f"{name} {value:.3g}" for name, value in moment.terms.items() if name != "total")
        lines = {
            "step": f"{moment.step} of {config.steps}" + (f"  ({config.max_seconds:g} s)" if config.max_seconds else ""),
            "loss": f"{moment.terms['total']:.4g}" + (f"   {terms}" if terms else ""),
            "learning rate": f"{moment.rate:.3g}   gradient {moment.gradient_norm:.3g}",
        }
        if speed:
            samples = speed * config.batch * config.coordinates
            lines["speed"] = f"{speed:.3g} steps/s   {_thousands(samples)} samples/s"
            lines["time"] = f"{_clock(moment.elapsed)} gone   {_clock(self._left(moment, speed))} left"
        if self._reading:
            lines["quality"] = _said(self._reading)
            done = round(self._reading.share * BAR)
            lines[GOOD_YET] = "█" * done + "·" * (BAR - done)
        return lines

    def _left(self, moment: "Moment", speed: float) -> float:
        by_steps = (self._config.steps - moment.step) / speed
        return min(by_steps, self._config.max_seconds - moment.elapsed) if self._config.max_seconds else by_steps


class Pause:
    """How long nothing is shown: `first` seconds, then `growth` times as long each time."""

    def __init__(self, first: float, growth: float) -> None:
        self._length, self._growth = first, growth
        self._next = time.monotonic() + (first if growth > 1.0 else 0.0)

    def over(self, now: float) -> bool:
        """Whether it is time; the next pause begins then."""
        if now < self._next:
            return False
        self._length = min(self._length * self._growth, LONGEST_LINE_S)
        self._next = now + self._length
        return True


@contextmanager
def display(title: str, config: "Config", experiment: "Experiment") -> Iterator[Display]:
    """A live table on stderr where that is a terminal, else lines."""
    if not sys.stderr.isatty():
        yield Display(config, experiment, _Log(), Pause(FIRST_LINE_S, LINES_GROW))
        return
    from rich.console import Console
    from rich.live import Live

    with Live(console=Console(stderr=True), auto_refresh=False) as live:
        yield Display(config, experiment, _Screen(title, live), Pause(REFRESH_S, 1.0))


class _Log:
    def show(self, lines: dict[str, str]) -> None:
        said = (f"{name} {' '.join(text.split())}" for name, text in lines.items() if name != GOOD_YET)
        print("; ".join(said), file=sys.stderr, flush=True)


class _Screen:
    def __init__(self, title: str, live: object) -> None:
        self._title, self._live = title, live

    def show(self, lines: dict[str, str]) -> None:
        self._live.update(table(self._title, lines), refresh=True)  # type: ignore[attr-defined]


def table(title: str, lines: dict[str, str]) -> "Table":
    """The lines as a table."""
    from rich.table import Table

    made = Table(title=title, show_header=False, title_justify="left", min_width=60)
    made.add_column(style="dim")
    made.add_column()
    for name, text in lines.items():
        made.add_row(name, text)
    return made


def _said(reading: "Reading") -> str:
    unit = "" if reading.unit == "1" else f" {reading.unit}"
    name = {"snr_db": "SNR", "lsd_db": "LSD"}.get(reading.metric, reading.metric)
    way = f"{reading.share:.0%} of the way from silence to the recordings' noise"
    return f"{name} {reading.value:.1f} of {reading.floor:.1f}{unit}: {way}"


def _thousands(number: float) -> str:
    for factor, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= factor:
            return f"{number / factor:.3g} {letter}"
    return f"{number:.3g}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
