import pytest
import torch


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    """More threads make tiny networks slower, and the order of sums different from run to run."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
