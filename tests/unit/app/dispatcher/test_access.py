"""The allow-list by door, and strikes."""

from __future__ import annotations

import pytest

from app.core.actions import KeyChanged
from app.core.ids import Role
from app.dispatcher.access import BAN_S, CLIENTS, DELTAS, NODES, STRIKES_MAX, STRIKES_S, Access

KEY = "k" * 40


@pytest.mark.parametrize(
    ("role", "doors"),
    [
        (Role.JOINER, {NODES}),
        (Role.NODE, {NODES}),
        (Role.VIEWER, {CLIENTS, DELTAS}),
        (Role.ARTIST, {CLIENTS, DELTAS}),
        (Role.ADMIN, {CLIENTS, DELTAS}),
    ],
)
def test_each_role_has_its_doors(role: Role, doors: set[str]) -> None:
    access = Access()
    access.change(KeyChanged(KEY, role, 0.0))
    found = {door for door in (NODES, CLIENTS, DELTAS, "", "?") if access.may_enter(door, KEY, 1.0)}
    assert found == doors


def test_unknown_revoked_and_expired_keys_have_none() -> None:
    access = Access()
    assert not access.may_enter(NODES, KEY, 1.0)
    access.change(KeyChanged(KEY, Role.JOINER, 10.0))
    assert access.may_enter(NODES, KEY, 9.9)
    assert not access.may_enter(NODES, KEY, 10.0)
    assert access.change(KeyChanged(KEY, None, 0.0)) is Role.JOINER
    assert not access.may_enter(NODES, KEY, 1.0)


def test_replace_forgets_what_is_not_in_the_list() -> None:
    access = Access()
    access.change(KeyChanged(KEY, Role.ADMIN, 0.0))
    access.replace([KeyChanged("o" * 40, Role.VIEWER, 0.0)])
    assert access.role(KEY, 1.0) is None
    assert access.role("o" * 40, 1.0) is Role.VIEWER


def test_twenty_strikes_in_a_minute_are_a_ban_of_one() -> None:
    access = Access()
    assert [access.strike(KEY, 0.0) for _ in range(STRIKES_MAX)] == [False] * 19 + [True]
    assert access.is_banned(KEY, BAN_S - 0.1)
    assert not access.is_banned(KEY, BAN_S)
    assert access.malformed == STRIKES_MAX


def test_old_strikes_are_forgotten() -> None:
    access = Access()
    for number in range(STRIKES_MAX * 3):
        assert not access.strike(KEY, number * STRIKES_S / (STRIKES_MAX - 1) * 1.1)
