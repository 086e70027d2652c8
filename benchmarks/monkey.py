"""A monkey at the window: random hands with a seed, on the real app and the real engine, and what they leave behind."""

import contextlib
import gc
import os
import random
import sys
import tempfile
import threading
import time
import traceback
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QWidget
from typing_extensions import override

from benchmarks.x_hands import LEFT, RIGHT, WHEEL_DOWN, WHEEL_UP, XHands
from synth.client import EngineClient
from synth.commands import Command
from synth.notices import EngineRestarted, Notice
from synth.protocol.requests import Request
from synth.settings import EngineSettings
from synth.telemetry import Telemetry
from ui.app import App, Options, make_application

STEP_MS = 25
SETTLE_S = 60.0
"""Longest silence and stillness before what is left is counted: pictures of what sounded run out."""
LEAST_SPAN_S = 30.0
POLL_S = 0.005
KEYS = (
    *"abcdefghijklmnopqrstuvwxyz0123456789",
    *("Tab", "space", "Return", "Escape", "Delete", "Up", "Down", "Left", "Right", "Prior", "Home"),
)
MODIFIERS: tuple[tuple[str, ...], ...] = ((),) * 6 + (("Shift_L",), ("Control_L",), ("Alt_L",))
KEEP_OUT = {("q", ("Control_L",))}


@dataclass(frozen=True)
class Row:
    """What a monkey's visit was like."""

    what: str
    value: float


@dataclass
class Visit:
    """What is counted while the monkey plays."""

    events: int = 0
    exceptions: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    """Why engines ended that nobody had asked to"""
    blocks: float = 0.0
    late: float = 0.0
    engines: int = 0
    _last: Telemetry | None = None

    def measure(self, now: Telemetry) -> None:
        """Count blocks and late ones; counts begin anew with another engine."""
        last = self._last
        if now.block:
            if last is None or now.frame < last.frame:
                self.engines += 1
            else:
                self.blocks += (now.frame - last.frame) / now.block
                self.late += max(0, now.late_blocks - last.late_blocks)
            self._last = now

    @property
    def late_share(self) -> float:
        """Share of the blocks that came late."""
        return self.late / max(self.blocks, 1.0)


class Monkey(QObject):
    """Each tick a random thing is done to the topmost window, with the X server's own mouse and keyboard."""

    def __init__(self, app: App, hands: XHands, seed: int, visit: Visit) -> None:
        super().__init__()
        self._app, self._hands, self._random, self._visit = app, hands, random.Random(seed), visit
        self._grip: QPoint | None = None
        self._playing = False
        app.window.installEventFilter(self)

    def start(self) -> None:
        """Begin."""
        self._playing = True
        self._act()

    def stop(self) -> None:
        """Let go of everything, and close what was opened."""
        self._playing = False
        self._let_go()
        for _ in range(20):
            _turn(0.1)
            above = QApplication.activePopupWidget() or QApplication.activeModalWidget()
            if above is None:
                break
            above.close()
        self._app.window.removeEventFilter(self)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.Close:
            return False
        event.ignore()  # the visit ends when its time is over
        return True

    def _act(self) -> None:
        if not self._playing:
            return
        # another shot each time: a timer does not fire while what it did waits in a menu's or a drag's own loop
        QTimer.singleShot(STEP_MS, self, self._act)
        above: QWidget = QApplication.activePopupWidget() or QApplication.activeModalWidget() or self._app.window
        if QApplication.activeWindow() is None:  # no window manager gives the keyboard to who lost it
            above.activateWindow()
        self._visit.events += 1
        chance = self._random.random()
        if self._grip is not None:
            self._drag()
        elif chance < 0.12 and above is not self._app.window:
            self._hands.strike("Escape")
        elif chance < 0.45:
            self._press(above)
        elif chance < 0.75:
            self._key()
        else:
            self._move(above.mapToGlobal(self._place(above)))
            if chance < 0.85:
                self._hands.click(self._random.choice((WHEEL_UP, WHEEL_DOWN)), self._random.choice((1, 2)))

    def _place(self, above: QWidget) -> QPoint:
        """A point of the window: mostly on one of its widgets, sometimes anywhere."""
        children = [child for child in above.findChildren(QWidget) if child.isVisible() and not child.isWindow()]
        if not children or self._random.random() < 0.2:
            return QPoint(self._random.randrange(max(above.width(), 1)), self._random.randrange(max(above.height(), 1)))
        child = self._random.choice(children)
        inside = QPoint(self._random.randrange(max(child.width(), 1)), self._random.randrange(max(child.height(), 1)))
        at = child.mapTo(above, inside)
        return at if above.rect().contains(at) else above.rect().center()

    def _move(self, at: QPoint) -> None:
        self._hands.move(at.x(), at.y())

    def _press(self, above: QWidget) -> None:
        at = above.mapToGlobal(self._place(above))
        self._move(at)
        button = RIGHT if self._random.random() < 0.15 else LEFT
        with self._hands.holding(self._random.choice(MODIFIERS)):
            if button == LEFT and self._random.random() < 0.5:
                self._grip = at
                self._hands.button(button, down=True)
            else:
                self._hands.click(button, 2 if self._random.random() < 0.1 else 1)

    def _drag(self) -> None:
        assert self._grip is not None
        if self._random.random() < 0.15:
            self._let_go()
            return
        x, y = (self._random.randrange(-40, 41) for _ in "xy")
        self._grip += QPoint(x, y)
        self._move(self._grip)

    def _let_go(self) -> None:
        if self._grip is not None:
            self._grip = None
            self._hands.button(LEFT, down=False)

    def _key(self) -> None:
        key, modifiers = self._random.choice(KEYS), self._random.choice(MODIFIERS)
        if (key, modifiers) not in KEEP_OUT:
            self._hands.strike(key, modifiers)


def visit(minutes: float, seed: int, settings: EngineSettings) -> tuple[Visit, list[Row]]:
    """Let the monkey play the app for some minutes; its files go to a folder that is removed.

    Returns what was counted, and the table. Its baseline is the engine alone, told what the window told it in the first fifth.
    """
    seconds = 60.0 * minutes
    span = min(seconds, max(LEAST_SPAN_S, seconds / 5.0))
    with contextlib.closing(XHands()) as hands, _own_home() as home:
        application = make_application()
        process = psutil.Process()
        _collect(application)
        before = (threading.active_count(), len(process.children(recursive=True)))
        found = Visit()
        with _watched(found):
            client = Overheard(settings)
            app = App(Options(settings=settings, session_file=home / "session.json"), lambda _: client)
            app.session.measured.connect(found.measure)
            app.start()
            monkey = Monkey(app, hands, seed, found)
            _turn(3.0)
            timers = _active_timers()
            used = process.cpu_times()
            monkey.start()
            _turn(span)
            part, told, lasted = replace(found), list(client.told), time.monotonic() - client.begun
            _turn(seconds - span)
            monkey.stop()
            app.session.panic()  # what rings is watched, and rightly so
            spent = process.cpu_times()
            more_timers = _settled(timers)
            app.close()
            app.window.close()
            app.window.deleteLater()
            app.deleteLater()
            del app, monkey
            _collect(application)
            _turn(0.5)
        found.lost = client.lost
        bare = _told_again(told, lasted, settings)
        left = (threading.active_count() - before[0], len(process.children(recursive=True)) - before[1])
    cpu = (spent.user + spent.system - used.user - used.system) / seconds
    values = {
        "minutes": minutes,
        "seed": seed,
        "events": found.events,
        "exceptions": len(found.exceptions),
        "Qt warnings": len(found.warnings),
        "timers more": more_timers,
        "threads left": left[0],
        "processes left": left[1],
        "engines": found.engines,
        "engines lost": len(found.lost),
        "late blocks (%)": 100.0 * found.late_share,
        "minutes of these told again without a window": lasted / 60.0,
        "late blocks in these (%)": 100.0 * part.late_share,
        "late blocks without a window (%)": 100.0 * bare.late_share,
        "window's share of a core (%)": 100.0 * cpu,
    }
    return found, [Row(what, float(value)) for what, value in values.items()]


class Overheard(EngineClient):
    """An engine's client that writes down what it is told, and when."""

    def __init__(self, settings: EngineSettings) -> None:
        super().__init__(settings)
        self.begun = time.monotonic()
        self.told: list[tuple[float, Command]] = []
        """Time since `begun` in s, and the command."""
        self.lost: list[str] = []
        """Why engines ended that nobody had asked to."""

    @override
    def send(self, command: Command | Request, at: float | None = None) -> None:
        if isinstance(command, Command):
            self.told.append(((at or time.monotonic()) - self.begun, command))
        super().send(command, at)

    @override
    def poll(self) -> list[Notice]:
        notices = super().poll()
        self.lost += [notice.reason for notice in notices if isinstance(notice, EngineRestarted) and notice.reason]
        return notices


def _told_again(told: list[tuple[float, Command]], seconds: float, settings: EngineSettings) -> Visit:
    """The same engine told the same at the same times, without a window."""
    found = Visit()
    waiting = deque(told)
    with EngineClient(settings) as client:
        begun = time.monotonic()
        while (now := time.monotonic() - begun) < seconds:
            while waiting and waiting[0][0] <= now:
                client.send(waiting.popleft()[1])
            client.poll()
            found.measure(client.telemetry())
            time.sleep(POLL_S)
    return found


def _turn(seconds: float) -> None:
    QTimer.singleShot(round(1000 * seconds), lambda: QApplication.exit(0))  # quit would ask the windows first
    QApplication.exec()


def _settled(timers: int) -> int:
    """How many more timers run than `timers`, once all is still."""
    end = time.monotonic() + SETTLE_S
    while (more := _active_timers() - timers) > 0 and time.monotonic() < end:
        _turn(0.5)
    return more


def _collect(application: QApplication) -> None:
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        application.processEvents()
        gc.collect()


def _active_timers() -> int:
    return sum(1 for each in gc.get_objects() if isinstance(each, QTimer) and _is_active(each))


def _is_active(timer: QTimer) -> bool:
    try:
        return timer.isActive() and not timer.isSingleShot()
    except RuntimeError:  # its C++ half has gone
        return False


@contextmanager
def _own_home() -> Iterator[Path]:
    """A home of its own for all that the app writes."""
    names = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_MUSIC_DIR", "XDG_CACHE_HOME")
    kept = {name: os.environ.get(name) for name in names}
    with tempfile.TemporaryDirectory(prefix="sirenade-monkey-", ignore_cleanup_errors=True) as folder:
        os.environ.update(dict.fromkeys(names, folder))
        try:
            yield Path(folder)
        finally:
            for name, value in kept.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})


@contextmanager
def _watched(found: Visit) -> Iterator[None]:
    """Count exceptions in slots and threads, and what Qt complains of."""

    def caught(kind: type[BaseException], error: BaseException, trace: object) -> None:
        found.exceptions.append("".join(traceback.format_exception(error)))

    def said(kind: QtMsgType, _context: object, text: str) -> None:
        if kind is not QtMsgType.QtDebugMsg and kind is not QtMsgType.QtInfoMsg:
            found.warnings.append(text)

    hooks = sys.excepthook, threading.excepthook
    sys.excepthook = caught
    threading.excepthook = lambda raised: caught(raised.exc_type, raised.exc_value or Exception(), raised.exc_traceback)
    before = qInstallMessageHandler(said)
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook = hooks
        qInstallMessageHandler(before)
