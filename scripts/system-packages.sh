#!/usr/bin/env bash
# Install the system libraries that are missing, through apt where this user may; else print the line that does it.
#
#     scripts/system-packages.sh play|test [--required]
#
# play: what sound and MIDI need, and the window where there is a display. test: all of that, and the tests' real parts.
# --required: missing packages are an error; otherwise the program goes on without them and says itself what it lacks.
set -euo pipefail
cd "$(dirname "$0")/.."

audio=(libportaudio2) # which brings libasound2, under whatever name that has
window=(libglib2.0-0 libgl1 libegl1 libxkbcommon0 libfontconfig1 libdbus-1-3 fonts-dejavu-core
    libxcb-cursor0 libxkbcommon-x11-0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libwayland-cursor0 libwayland-egl1)
tests=(jackd2 fluidsynth fluid-soundfont-gm espeak-ng xvfb xdotool imagemagick procps)

purpose=$1
required=${2:-}

if [ "$(uname -s)" != Linux ]; then
    exit # PortAudio, Qt and the rest come with the wheels there
fi

packages=("${audio[@]}")
if [ "$purpose" = test ]; then
    packages+=("${window[@]}" "${tests[@]}")
elif [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    packages+=("${window[@]}")
fi

# Debian and Ubuntu split venv off their own Python; other builds of Python bring it.
python=$(scripts/find-python.sh)
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    packages+=("$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')")
fi

# python-rtmidi comes ready-made for Pythons up to 3.12 only; for newer ones pip compiles it.
if ! ls .venv/lib/python3.*/site-packages/rtmidi >/dev/null 2>&1; then
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 13))'; then
        packages+=(g++ pkg-config libasound2-dev libjack-jackd2-dev)
        packages+=("$("$python" -c 'import sys; print("python%d.%d-dev" % sys.version_info[:2])')")
    fi
fi

# pesq, one of the measures, is always compiled.
if [ "$purpose" = test ] && ! ls .venv/lib/python3.*/site-packages/pesq >/dev/null 2>&1; then
    packages+=(gcc libc6-dev)
    if "$python" -c 'import sys; sys.exit(not sys.executable.startswith("/usr/bin/"))'; then
        packages+=("$("$python" -c 'import sys; print("python%d.%d-dev" % sys.version_info[:2])')")
    fi
fi

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    echo "This is no Debian or Ubuntu: if something is missing, install what your system calls: ${packages[*]}"
    exit
fi

# Newer releases renamed some libraries: libglib2.0-0 is libglib2.0-0t64 there, and installing the old name still works.
installed() {
    local states
    states=$(dpkg-query -W -f '${Status}\n' "$1" "$1t64" 2>/dev/null || true) # it fails where one of the two is unknown
    grep -q '^install ok installed$' <<<"$states"
}
missing=()
for package in "${packages[@]}"; do
    installed "$package" || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
    exit
fi

install=(apt-get install --yes --no-install-recommends "${missing[@]}")
if [ "$(id -u)" = 0 ]; then
    as_root=(env)
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root=(sudo)
else
    as_root=()
fi

if [ ${#as_root[@]} -gt 0 ]; then
    echo "Installing system packages: ${missing[*]}"
    if { "${as_root[@]}" apt-get update -qq || true; } &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "${install[@]}" -qq >/dev/null; then
        exit
    fi
    echo "apt-get could not install them." >&2
fi
echo "System packages are missing; this installs them:" >&2
echo "    sudo apt-get update && sudo ${install[*]}" >&2
if [ "$required" = --required ]; then
    exit 2
fi
