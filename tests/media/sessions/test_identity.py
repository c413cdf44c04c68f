"""Derived ids, kinds and labels."""

import uuid

import pytest

from media.sessions import identity

CALL, URL, SOCKET = uuid.UUID(int=1), uuid.UUID(int=1), uuid.UUID(int=2)


def test_it_never_gives_one_proof_the_session_of_another() -> None:
    made = [
        identity.session_of_call(CALL),
        identity.session_of_url(URL),
        identity.session_of_reusable_url(URL, "a", SOCKET),
        identity.session_of_reusable_url(URL, "b", SOCKET),
        identity.session_of_reusable_url(URL, "", SOCKET),
        identity.session_of_header("a", SOCKET),
        identity.session_of_header(str(CALL), SOCKET),
    ]
    assert len(set(made)) == len(made)


def test_it_joins_sockets_of_one_call_only_where_something_says_so() -> None:
    other = uuid.UUID(int=3)
    assert identity.session_of_reusable_url(URL, "a", SOCKET) == identity.session_of_reusable_url(URL, "a", other)
    assert identity.session_of_reusable_url(URL, "", SOCKET) != identity.session_of_reusable_url(URL, "", other)


def test_it_goes_past_every_tombstone() -> None:
    first = identity.session_of_call(CALL)
    second = identity.past_tombstones(first, {first})
    third = identity.past_tombstones(first, {first, second})
    assert len({first, second, third}) == 3
    assert identity.past_tombstones(first, set()) == first


@pytest.mark.parametrize(
    ("raw_id", "kind", "label"),
    [
        (None, "mixed", ""),
        ("4:+15550100", "phone", "+15550100"),
        ("4:+15550100_123", "phone", "+15550100"),
        ("4:anonymous", "phone", ""),
        ("8:acs:a_b", "acs", ""),
        ("8:gcch-acs:a_b", "acs", ""),
        ("8:orgid:a", "teams", ""),
        ("8:teamsvisitor:a", "teams", ""),
        ("28:orgid:a", "bot", ""),
        ("28:5c1d", "bot", ""),
        ("whatever", "unknown", ""),
    ],
)
def test_it_tells_kinds_by_their_prefix(raw_id: str | None, kind: str, label: str) -> None:
    assert (identity.kind_of(raw_id), identity.label_of(raw_id)) == (kind, label)
