"""The tables of changes: there is no change that the store does not know what to do with."""

from typing import get_args

import pytest

from app.core.changes import AttemptEnded, Change
from app.store import tables


@pytest.mark.parametrize("kind", get_args(Change), ids=lambda kind: kind.__name__)
def test_every_change_has_a_row_or_is_said_to_have_none(kind: type) -> None:
    """One that is neither would end the dispatcher in the turn in which it first came."""
    is_written = kind in tables._write.registry or kind is AttemptEnded
    assert is_written != (kind in tables._WITHOUT_ROW)
