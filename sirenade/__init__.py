"""Sirenade plays sounds as continuous functions.

This small package holds what every other one shares: the version, the error
base class, file and folder helpers, and the `sirenade` command.
"""

__version__ = "0.1.0"
