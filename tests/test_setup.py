"""The set-up scripts say what is missing and how to get it, on machines where they may not install it themselves."""

import os
import re
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="system packages are a matter of Debian and Ubuntu")


def run(script, *arguments, folder, **environment):
    """Run a script with the programs in `folder` before all others."""
    path = f"{folder}:{Path(sys.executable).parent}:/usr/bin:/bin"
    base = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY", "PYTHON")}
    return subprocess.run(
        [ROOT / "scripts" / script, *arguments],
        env=base | {"PATH": path} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def program(folder, name, text):
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def humble(tmp_path):
    """A machine on which nothing is installed and the user is neither root nor in sudoers."""
    program(tmp_path, "id", "echo 1000")
    program(tmp_path, "sudo", "exit 1")
    program(tmp_path, "dpkg-query", "exit 1")
    program(tmp_path, "apt-get", "echo must not be called >&2; exit 9")
    return tmp_path


def test_without_rights_the_exact_line_is_printed_and_play_goes_on(humble):
    result = run("system-packages.sh", "play", folder=humble)
    assert result.returncode == 0
    assert "sudo apt-get install --yes --no-install-recommends libportaudio2" in result.stderr
    assert "must not be called" not in result.stderr
    assert "libegl1" not in result.stderr  # there is no display to draw on


def test_with_a_display_the_window_is_provided_for(humble):
    result = run("system-packages.sh", "play", folder=humble, DISPLAY=":0")
    assert "libxcb-cursor0" in result.stderr


def test_tests_do_not_go_on_without_their_packages(humble):
    result = run("system-packages.sh", "test", "--required", folder=humble)
    assert result.returncode == 2
    assert "jackd2" in result.stderr


def test_renamed_libraries_count_as_installed(humble):
    program(humble, "dpkg-query", 'for last; do :; done; case "$last" in *t64) echo install ok installed;; esac; exit 1')
    assert run("system-packages.sh", "test", "--required", folder=humble).returncode == 0


def test_root_installs_what_is_missing(humble):
    program(humble, "id", "echo 0")
    program(humble, "apt-get", f'echo "$@" >> {humble}/calls')
    result = run("system-packages.sh", "play", folder=humble)
    assert result.returncode == 0
    assert "install --yes --no-install-recommends libportaudio2" in (humble / "calls").read_text()


def test_an_old_python_is_refused_in_one_sentence(tmp_path):
    program(tmp_path, "python3.9", "exit 1")
    result = run("find-python.sh", folder=tmp_path, PYTHON="python3.9")
    assert result.returncode == 2
    assert result.stderr.startswith("Sirenade needs Python 3.11 or newer")
    assert result.stderr.count("\n") == 1


def test_every_requirement_is_pinned():
    pins = {
        canonicalize_name(line.split("==")[0]) for line in (ROOT / "constraints.txt").read_text().split("\n") if "==" in line
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(line for lines in project["optional-dependencies"].values() for line in lines)]
    missing = {canonicalize_name(Requirement(line).name) for line in wanted} - pins - {"sirenade"}
    assert not missing


def test_make_lists_its_targets():
    result = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert re.search(r"^  make play\s+\S", result.stdout, re.MULTILINE)
    assert re.search(r"^  make test\s+\S", result.stdout, re.MULTILINE)
