"""Packages that some measures need and nothing else does."""

import importlib.util

from sirenade.errors import TrainingError


def need(package: str) -> None:
    """Raise TrainingError where `package` is not installed."""
    if importlib.util.find_spec(package) is None:
        raise TrainingError(f"this measure needs the package {package}; install it with: pip install 'sirenade[measures]'")
