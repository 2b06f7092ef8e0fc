"""A dispatcher of the test's own, and its administrator's client."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.dispatcher.farm import Client, Dispatching, admin_of, dispatching


@pytest.fixture
def dispatcher(tmp_path: Path) -> Iterator[Dispatching]:
    with dispatching(tmp_path) as found:
        yield found


@pytest.fixture
def admin(dispatcher: Dispatching) -> Iterator[Client]:
    with Client(dispatcher.connection, admin_of(dispatcher.home)) as client:
        yield client
