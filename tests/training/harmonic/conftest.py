import pytest

from tests.helpers.harmonic import make_experiment


@pytest.fixture(scope="package")
def trained():
    """An experiment on six made notes of two instruments, trained for a moment."""
    return make_experiment(steps=150)
