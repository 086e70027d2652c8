"""`python -m ui` opens the app as the last session left it."""

import sys

from sirenade.errors import SirenadeError
from ui.app import Options, run
from ui.state.saved import default_path

if __name__ == "__main__":
    try:
        sys.exit(run(Options(session_file=default_path())))
    except SirenadeError as error:
        print(f"sirenade: {error}", file=sys.stderr)
        sys.exit(2)
