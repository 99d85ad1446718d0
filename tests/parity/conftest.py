"""What the parity tests share."""

import torch

from tests.both_kernels import both_kernels

__all__ = ["both_kernels"]

torch.set_num_threads(1)  # the test processes are the parallelism
