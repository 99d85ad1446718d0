"""The machine's own matrix product: the yardstick for all the others."""

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.contestants.contract import Built, Contestant, thread_variants, threads_of
from benchmarks.works import PEAK_SIZE, Work


class Peak(Contestant):
    """NumPy's ``sgemm`` of two square matrices, whatever the work."""

    libraries = ("numpy",)

    def variants(self, work: Work) -> list[str]:
        return thread_variants() if (work.task, work.cell) == ("train", "LSTM") else []

    def build(self, work: Work, variant: str) -> Built:
        rng = np.random.default_rng(0)
        a, b = rng.standard_normal((2, PEAK_SIZE, PEAK_SIZE), dtype=np.float32)
        product = np.empty_like(a)
        return Built(lambda: np.matmul(a, b, out=product))

    def enter(self, variant: str) -> None:
        threadpool_limits(limits=threads_of(variant), user_api="blas")
