"""Hands on an X server's mouse and keyboard (its extension XTEST): what they do comes to a program as a person's input does."""

import ctypes
import ctypes.util
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sirenade.errors import SirenadeError

LEFT, RIGHT, WHEEL_UP, WHEEL_DOWN = 1, 3, 4, 5


class HandsError(SirenadeError):
    """There is no X server whose mouse could be taken."""


class XHands:
    """A connection of its own to the X server of the environment's DISPLAY.

    Raises HandsError where there is none, and where a window manager runs: a person's desktop is not to be played with.
    """

    def __init__(self) -> None:
        x11, xtst = (ctypes.util.find_library(name) for name in ("X11", "Xtst"))
        if not (x11 and xtst):
            raise HandsError("The libraries libX11 and libXtst are missing; install the packages libx11-6 and libxtst6.")
        self._x11, self._xtst = ctypes.CDLL(x11), ctypes.CDLL(xtst)
        self._x11.XOpenDisplay.restype = ctypes.c_void_p
        self._x11.XStringToKeysym.restype = ctypes.c_ulong
        self._x11.XDefaultRootWindow.restype = ctypes.c_ulong
        self._x11.XInternAtom.restype = ctypes.c_ulong
        opened = self._x11.XOpenDisplay(None)
        if not opened:
            raise HandsError("There is no X server to play on; run the command under `xvfb-run -a`.")
        self._display = ctypes.c_void_p(opened)
        if self._is_managed():
            self.close()
            raise HandsError("Random hands would take this desktop's mouse and keyboard; run the command under `xvfb-run -a`.")

    def move(self, x: int, y: int) -> None:
        """Move the pointer to a place on the screen, in the server's pixels."""
        self._xtst.XTestFakeMotionEvent(self._display, -1, x, y, ctypes.c_ulong(0))
        self._x11.XFlush(self._display)

    def button(self, number: int, *, down: bool) -> None:
        """Press a mouse button, or let it go."""
        self._xtst.XTestFakeButtonEvent(self._display, number, int(down), ctypes.c_ulong(0))
        self._x11.XFlush(self._display)

    def click(self, number: int, times: int = 1) -> None:
        """Press a mouse button and let it go."""
        for _ in range(times):
            self.button(number, down=True)
            self.button(number, down=False)

    def key(self, name: str, *, down: bool) -> None:
        """Press a key by the name of its symbol (`a`, `Prior`, `Alt_L`), or let it go."""
        symbol = self._x11.XStringToKeysym(name.encode())
        code = self._x11.XKeysymToKeycode(self._display, ctypes.c_ulong(symbol))
        self._xtst.XTestFakeKeyEvent(self._display, code, int(down), ctypes.c_ulong(0))
        self._x11.XFlush(self._display)

    def strike(self, name: str, modifiers: Iterable[str] = ()) -> None:
        """Strike a key while modifiers are held."""
        with self.holding((*modifiers, name)):
            pass

    @contextmanager
    def holding(self, names: Iterable[str]) -> Iterator[None]:
        """Keep keys down, and let them go in the opposite order."""
        held = tuple(names)
        for name in held:
            self.key(name, down=True)
        try:
            yield
        finally:
            for name in reversed(held):
                self.key(name, down=False)

    def close(self) -> None:
        """End the connection."""
        self._x11.XCloseDisplay(self._display)

    def _is_managed(self) -> bool:
        atom = self._x11.XInternAtom(self._display, b"_NET_SUPPORTING_WM_CHECK", 1)
        if not atom:
            return False
        kind, form, count, left, data = (
            ctypes.c_ulong(),
            ctypes.c_int(),
            ctypes.c_ulong(),
            ctypes.c_ulong(),
            ctypes.c_void_p(),
        )
        root = ctypes.c_ulong(self._x11.XDefaultRootWindow(self._display))
        where = (ctypes.c_long(0), ctypes.c_long(1), 0, ctypes.c_ulong(0))
        found = (ctypes.byref(kind), ctypes.byref(form), ctypes.byref(count), ctypes.byref(left), ctypes.byref(data))
        self._x11.XGetWindowProperty(self._display, root, ctypes.c_ulong(atom), *where, *found)
        return count.value > 0
