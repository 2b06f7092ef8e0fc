"""Threads without the GIL that pull numbers until none is left: how the CPU shares out tiles and rows."""

from __future__ import annotations

import threading
from collections.abc import Callable


def pull_by(threads: int, numbers: range, make: Callable[[], Callable[[int], None]]) -> None:
    """Do each of ``numbers`` once, on so many threads, the caller's among them.

    ``make`` is called by each thread and gives what does one number, with scratch of that thread's own. Raises
    the first failure, when the others have ended theirs."""
    left = iter(numbers)  # next() of it is one step under the GIL
    failures: list[BaseException] = []

    def pull() -> None:
        try:
            work = make()
            while not failures and (number := next(left, None)) is not None:
                work(number)
        except BaseException as failure:  # the caller raises it
            failures.append(failure)

    helpers = [threading.Thread(target=pull) for _ in range(min(threads, len(numbers)) - 1)]
    for helper in helpers:
        helper.start()
    pull()
    for helper in helpers:
        helper.join()
    if failures:
        raise failures[0]
