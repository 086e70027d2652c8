"""A command that ends with whoever started it: `python -m sirenade.leash COMMAND ...`, for work in the background.

It yields the processor to what plays, says how far it is in lines that a program can read, and ends when its standard input
does: whoever holds the other end may die in any way.
"""

import contextlib
import os
import threading

PATIENCE = 10
"""Added to the process's niceness."""


def main() -> None:
    """Run `sirenade` with the arguments of the command line."""
    from sirenade import cli

    threading.Thread(target=_end_with_input, daemon=True).start()
    os.environ["SIRENADE_PROGRESS"] = "1"
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(PATIENCE)
    cli.main()


def _end_with_input() -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 4096):  # Python's own reader would hold a lock that its end waits for
            pass
    os._exit(1)


if __name__ == "__main__":
    main()
