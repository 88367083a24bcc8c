import pytest
import torch

from export.family import quiet
from parity.lab import Lab


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """Checkpoints, graphs and references that all tests share.

    One thread: at this size a second one costs more than it brings.
    """
    quiet()
    torch.set_num_threads(1)
    return Lab(tmp_path_factory.mktemp("parity"))
