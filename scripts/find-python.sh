#!/usr/bin/env bash
# Print the first Python >= 3.11 of: $PYTHON, python3, python3.11 ... python3.13.
set -euo pipefail

suits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

for candidate in ${PYTHON:+"$PYTHON"} python3 python3.11 python3.12 python3.13; do
    if suits "$candidate"; then
        command -v "$candidate"
        exit
    fi
    if [ "$candidate" = "${PYTHON:-}" ]; then
        break # who names an interpreter wants that one or none
    fi
done
echo "Sirenade needs Python 3.11 or newer, and ${PYTHON:-python3} is not; install one (Debian, Ubuntu: apt-get install python3.11 python3.11-venv) and run: make PYTHON=python3.11 ..." >&2
exit 2
