#!/usr/bin/env bash
# The main job: the window where there is a display; else the bundled demonstration, played headless and recorded to demo.wav.
set -euo pipefail
cd "$(dirname "$0")/.."

sirenade=.venv/bin/sirenade
if [ "$(uname -s)" != Linux ] || [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    exec "$sirenade" app
fi
echo "There is no display: playing the demonstration headless and recording it to demo.wav."
exec "$sirenade" play --midi-file synth/demo/demonstration.mid --record demo.wav
