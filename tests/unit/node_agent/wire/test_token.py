"""The join token survives a round trip, and refuses everything else in a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node_agent.wire.token import PREFIX, JoinToken, TokenError, format_token, is_key, parse_token

KEY = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"


def make_token(**changes) -> JoinToken:
    fields = {
        "address": "tcp://farm.example:7420",
        "server_key": KEY,
        "public_key": KEY[::-1],
        "secret_key": KEY,
        "expires_unix": 1_900_000_000,
    }
    return JoinToken(**{**fields, **changes})


def test_round_trip_with_white_space_around_it():
    token = make_token()

    assert parse_token(f"  {format_token(token)}\n") == token


def test_the_secret_is_not_in_its_repr():
    assert KEY not in repr(make_token())


@pytest.mark.parametrize(
    "changes",
    [
        {"address": "farm.example:7420"},
        {"address": "tcp://farm.example"},
        {"address": "tcp://farm.example:0"},
        {"address": "tcp://farm.example:65536"},
        {"address": "tcp://farm.example:74200000000000000000000"},
        {"address": "tcp://a/b:7420"},
        {"address": "tcp://a\n:7420"},
        {"address": "tcp://:7420"},
        {"server_key": "short"},
        {"secret_key": KEY[:-1] + "é"},
        {"expires_unix": -1},
    ],
)
def test_wrong_fields_are_refused_in_a_sentence(changes):
    with pytest.raises(TokenError, match=r"^The join token's .*\.$"):
        format_token(make_token(**changes))


def test_a_text_without_the_prefix_is_refused():
    with pytest.raises(TokenError, match="begins with wf1-"):
        parse_token("hello")


def test_an_endless_text_is_refused_before_decoding():
    with pytest.raises(TokenError, match="at most"):
        parse_token(PREFIX + "A" * 10_000)


@given(st.integers(min_value=0, max_value=300))
def test_a_text_cut_short_is_refused(length):
    whole = format_token(make_token())
    cut = whole[: min(length, len(whole) - 1)]

    with pytest.raises(TokenError, match=r"\.$"):
        parse_token(cut)


@given(st.text(max_size=200))
def test_any_text_is_refused_or_a_token(text):
    with pytest.raises(TokenError):
        parse_token(PREFIX + text)


def test_is_key():
    assert is_key(KEY)
    assert not is_key(KEY + "0")
    assert not is_key("'" * 40)
