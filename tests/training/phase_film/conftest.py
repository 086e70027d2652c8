import pytest
import torch

from tests.helpers.phase_film import make_experiment


@pytest.fixture(scope="package", autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="package")
def trained():
    """An experiment on six made notes of two instruments, trained for a moment."""
    return make_experiment(steps=250)
