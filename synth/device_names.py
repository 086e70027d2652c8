"""What an input is called, whenever and wherever it is plugged in. Pure."""

import re
import sys

_NUMBERS = re.compile(r"\s\d+:\d+$|\s\[\d+\](?= \()" + (r"|\s\d+$" if sys.platform == "win32" else ""))
"""Of clients and ports, in names of ALSA's, a2j's and WinMM's"""


def device_of(port: str) -> str:
    """The name of an input without the numbers that change when it is plugged in again."""
    return _NUMBERS.sub("", port)
