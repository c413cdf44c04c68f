"""A session's state from what is stored: the table of INTERFACE.md, line by line."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from media.sessions.evidence import CallKnown, Evidence, Judgement, Link, judge

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NO_AUDIO, REJOIN = timedelta(seconds=10), timedelta(seconds=30)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def link(
    opened: float = 0, frame: float | None = None, seen: float = 0, closed: float | None = None, **more: object
) -> Link:
    return Link(
        at(opened),
        None if frame is None else at(frame),
        at(seen),
        None if closed is None else at(closed),
        **more,  # type: ignore[arg-type]
    )


def state(now: float, *links: Link, **more: object) -> Judgement:
    return judge(Evidence(links, **more), at(now), NO_AUDIO, REJOIN)  # type: ignore[arg-type]


def test_it_waits_until_a_socket_opens() -> None:
    assert state(5) == Judgement("waiting", "No socket has been opened yet.")


def test_it_ends_when_the_media_url_expired_unused() -> None:
    assert state(61, url_expires_at=at(60)).state == "ended"
    assert state(59, url_expires_at=at(60)).state == "waiting"


def test_it_waits_while_an_open_socket_has_sent_nothing_yet() -> None:
    assert state(5, link(seen=5)).state == "waiting"


def test_it_says_no_audio_when_an_open_socket_stays_mute() -> None:
    assert state(11, link(seen=11)) == Judgement("no_audio", "A socket is open, but no frame came for 11 s.")


def test_it_records_while_frames_come() -> None:
    assert state(20, link(frame=19, seen=20)).state == "recording"


def test_it_says_no_audio_when_frames_stop_but_the_socket_is_open() -> None:
    assert state(31, link(frame=20, seen=31)).state == "no_audio"


def test_it_judges_silence_by_what_was_read_of_the_spool_not_by_the_clock() -> None:
    """An archiver that lags must not turn a running recording into silence."""
    assert state(50, link(frame=19, seen=20)).state == "recording"


def test_it_does_not_believe_a_socket_whose_process_is_mute_for_a_minute() -> None:
    judgement = state(90, link(frame=19, seen=20))
    assert judgement == Judgement("no_audio", "No word for 70 s from the server process that holds the socket.")


@pytest.mark.parametrize(
    ("now", "link_", "judgement"),
    [
        (21, link(frame=20, seen=20, durable_at=at(20), process_seen_at=at(21), failing=True), "recording"),
        (31, link(frame=20, seen=20, durable_at=at(20), process_seen_at=at(31), failing=True), "no_audio"),
        (31, link(frame=20, seen=20, durable_at=at(20), process_seen_at=at(31)), "no_audio"),
        (5, link(seen=3, durable_at=at(3), process_seen_at=at(5), failing=True), "waiting"),
    ],
)
def test_it_does_not_say_stored_of_what_waits_for_a_disk(now: float, link_: Link, judgement: str) -> None:
    found = state(now, link_)
    assert (found.state, found.reason.partition(":")[0]) == (judgement, "Nothing is stored since 12")


def test_the_word_of_a_process_is_enough_where_the_archiver_lags() -> None:
    assert state(50, link(frame=19, seen=20, durable_at=at(49), process_seen_at=at(50))).state == "recording"
    assert state(50, link(frame=19, seen=20, durable_at=at(20), process_seen_at=at(21))) == Judgement(
        "no_audio",
        "No word since 12:00:20 UTC from the server process that holds the socket: what came since may not be stored.",
    )


def test_it_ends_at_once_when_the_peer_closed_with_a_frame_and_no_call_is_known() -> None:
    assert state(21, link(frame=20, seen=21, closed=20, closed_by="peer", close_code=1000)).state == "ended"


def test_it_says_when_no_audio_ever_came() -> None:
    judgement = state(21, link(seen=21, closed=20, closed_by="peer", close_code=1000))
    assert judgement == Judgement("ended", "The other side closed the stream (code 1000). No audio ever came.")


@pytest.mark.parametrize(("by", "code"), [("lost", 1006), ("crash", None), ("server", 1012)])
def test_it_waits_for_a_rejoin_and_is_then_interrupted(by: str, code: int | None) -> None:
    gone = link(frame=20, seen=20, closed=20, closed_by=by, close_code=code)
    assert state(25, gone).state == "no_audio"
    assert "another 25 s" in state(25, gone).reason
    assert state(51, gone).state == "interrupted"


def test_it_records_again_when_the_socket_comes_back() -> None:
    gone = link(frame=20, seen=20, closed=20, closed_by="lost")
    assert state(60, gone, link(opened=55, frame=59, seen=60)).state == "recording"


def test_it_keeps_waiting_as_long_as_the_call_lives() -> None:
    gone = link(frame=20, seen=20, closed=20, closed_by="lost")
    assert state(4000, gone, call=CallKnown("connected")).state == "no_audio"
    over = CallKnown("ended", "Olga hung up.")
    assert state(4000, gone, call=over) == Judgement("ended", "Olga hung up.")


@pytest.mark.parametrize(
    ("call", "judgement"),
    [
        (CallKnown("ringing", was_connected=False), Judgement("waiting", "The call is ringing.")),
        (
            CallKnown("connected"),
            Judgement("waiting", "The call is connected; ACS has not opened a socket yet."),
        ),
        (
            CallKnown("connected", announcing=True),
            Judgement("waiting", "The announcement comes first; recording begins after it."),
        ),
        (CallKnown("connected", streaming_wanted=False), Judgement("waiting", "Streaming was not started.")),
        (CallKnown("failed", "Busy.", was_connected=False), Judgement("ended", "Busy.")),
        (
            CallKnown("ended", "Olga hung up.", trouble="ACS could not reach us."),
            Judgement("ended", "Olga hung up. No audio ever came: ACS could not reach us."),
        ),
        (
            CallKnown("ended", "Olga hung up."),
            Judgement("ended", "Olga hung up. No audio ever came: ACS never opened a socket."),
        ),
    ],
)
def test_it_names_why_a_call_has_no_sound(call: CallKnown, judgement: Judgement) -> None:
    assert state(60, call=call) == judgement


def test_it_says_who_stopped_streaming() -> None:
    gone = link(frame=20, seen=20, closed=20, closed_by="peer", close_code=1000)
    stopped = CallKnown("connected", streaming_wanted=False, stopped_by="olga")
    assert state(30, gone, call=stopped) == Judgement("no_audio", "Streaming was stopped by olga.")


def test_it_fails_with_the_reason_when_the_audio_cannot_be_stored() -> None:
    bad = link(seen=2, closed=1, closed_by="server", close_code=1003, failure="Two channels.")
    assert state(2, bad) == Judgement("failed", "Two channels.")


def test_it_says_why_we_closed_it() -> None:
    told = link(seen=2, frame=1, closed=1, closed_by="server", close_code=1008, close_reason="Too many lanes.")
    assert state(2, told) == Judgement("ended", "This server closed the stream (code 1008): Too many lanes.")


def test_it_ends_when_we_closed_it_for_a_reason_of_its_own() -> None:
    assert state(21, link(frame=20, seen=21, closed=20, closed_by="server", close_code=1008)).state == "ended"


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (CallKnown("ended", "Bye."), "Bye."),
        (CallKnown("ended", "Bye.", trouble="Audio lost."), "Bye. Its end was not recorded: Audio lost."),
        (
            CallKnown("ended", "Bye.", trouble="Audio lost.", lost_at=at(20)),
            "Bye. Its end was not recorded: Audio lost.",
        ),
        (
            CallKnown("ended", "Bye.", trouble="Audio lost.", lost_at=at(20), ended_at=at(58)),
            "Bye. At most its last 38 s were not recorded: Audio lost.",
        ),
        (
            CallKnown("ended", "Bye.", trouble="Audio lost.", lost_at=at(20), ended_at=at(19)),
            "Bye. Its end was not recorded: Audio lost.",
        ),
        (CallKnown("ended", "Bye.", trouble="Audio lost.", lost_at=at(-5)), "Bye."),
        (
            CallKnown("ended", "Bye.", streaming_wanted=False, stopped_by="olga"),
            "Bye. Its end was not recorded: Streaming was stopped by olga.",
        ),
    ],
)
def test_it_says_that_the_end_of_a_call_is_missing(call: CallKnown, reason: str) -> None:
    gone = link(frame=20, seen=20, closed=20, closed_by="lost")
    assert state(60, gone, call=call) == Judgement("ended", reason)


def test_it_says_that_the_end_is_missing_when_we_died_over_it() -> None:
    gone = link(frame=20, seen=20, closed=20, closed_by="crash")
    reason = state(60, gone, call=CallKnown("ended", "Bye.", trouble="Audio lost, asking again (1).")).reason
    assert reason == "Bye. Its end was not recorded: This server's process died."


def test_it_names_why_a_call_with_a_socket_has_no_sound() -> None:
    mute = link(seen=20, closed=20, closed_by="peer", close_code=1000)
    assert state(60, mute, call=CallKnown("ended", "Bye.")).reason == (
        "Bye. No audio ever came: The other side closed the stream (code 1000)."
    )


def test_a_socket_of_which_nothing_is_heard_any_more_has_ended() -> None:
    """Its disk is gone, or the database was restored from a copy that was made while it was open."""
    hour = 3600
    silent = link(frame=20, seen=20)
    assert not silent.is_lost(at(hour))
    assert silent.given_up(at(hour)) == silent
    assert state(hour, silent).reason == "No word for 59 min from the server process that holds the socket."
    lost = silent.given_up(at(2 * hour))
    assert (lost.closed_at, lost.by_us) == (at(20), True)
    assert state(2 * hour, lost) == Judgement("interrupted", "This server's process died. Nothing came back.")
    assert state(2 * hour, lost, call=CallKnown("ended", "Bye.")).state == "ended"
    lags = link(frame=20, seen=20, process_seen_at=at(2 * hour - 3))
    assert not lags.is_lost(at(2 * hour)), "its process still says that it is open: only the archiver is away"
    assert not link(frame=20, seen=20, closed=21).is_lost(at(2 * hour))


def test_what_a_spool_held_is_lost_when_nobody_who_has_it_was_heard_of_for_a_day() -> None:
    day = 86_400
    silent = link(frame=20, seen=20, closed=21, closed_by="peer", told_at=at(60))
    assert not silent.is_gone(at(day + 60))
    assert silent.is_gone(at(day + 61))
    assert not link(seen=20, told_at=at(60), archived=True).is_gone(at(9 * day))
    assert not link(seen=20, process_seen_at=at(day)).is_gone(at(day + 61))
    assert not link(seen=20, lost=0).is_gone(at(9 * day))
    gone = link(frame=20, seen=20, closed=20, closed_by="crash", told_at=at(60), lost=412)
    heard = f"{at(60):%Y-%m-%d %H:%M} UTC"
    lost = f"What its server process had not archived when it was last heard of ({heard}) is lost"
    assert state(9 * day, gone).reason == (
        f"This server's process died. Nothing came back. {lost}: at least 412 frames of 20 ms."
    )
    assert state(9 * day, replace(gone, lost=0), call=CallKnown("ended", "Bye.")).reason.endswith(f" {lost}.")
    assert state(9 * day, gone, call=CallKnown("connected")).state == "no_audio"
