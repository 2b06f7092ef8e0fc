"""Whose fault an exception is."""

import pytest

from node_agent.worker.output import TaskFault, blame


def cuda_error(text):
    kind = type("CudaAPIError", (Exception,), {"__module__": "numba.cuda.cudadrv.driver"})
    return kind(text)


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (cuda_error("[2] Call to cuMemAlloc results in CUDA_ERROR_OUT_OF_MEMORY"), "gpu_memory"),
        (cuda_error("[719] Call to cuMemcpyDtoH results in UNKNOWN_CUDA_ERROR"), "environment"),
        (MemoryError(), "environment"),
        (OSError(28, "No space left on device", "/out"), "environment"),
        (TaskFault("user", "The lamp is out."), "user"),
        (ZeroDivisionError(), "bug"),
    ],
)
def test_it_is_told_by_what_was_raised(error, cause):
    assert blame(error).cause == cause
