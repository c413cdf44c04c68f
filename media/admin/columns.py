"""How one session looks in a row: state with its reason and age, participants in their colours, coverage. Asks the
database nothing: participants are prefetched."""

from datetime import datetime

from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from media.audio.playback import in_order
from media.humanize import age, length, percent, share
from media.models import TICKS_PER_MS, Participant, StreamSession
from media.pages.listing import COLOURS, SHOWN_PARTICIPANTS, state_since

DASH = mark_safe("–")


def state_label(session: StreamSession, now: datetime) -> SafeString:
    hint = f"{session.reason or session.get_state_display()} ({age(now - state_since(session))} ago)"
    mark = render_to_string("media/_live_mark.html", {"session": session})
    return format_html(
        '<span class="state state-{}" title="{}">{}</span>{}', session.state, hint, session.get_state_display(), mark
    )


def duration(session: StreamSession) -> SafeString:
    if session.end_ticks is None:
        return format_html('<span class="nothing">{}</span>', "nothing yet" if session.live else "no audio captured")
    return format_html('<span class="figure">{}</span>', length(session.duration_ms))


def chip(participant: Participant, number: int) -> SafeString:
    return format_html(
        '<span class="chip lane-{}" title="{}">{}</span>',
        number % COLOURS,
        participant.raw_id or "mixed audio",
        participant,
    )


def chips(session: StreamSession) -> SafeString:
    lanes = in_order(session.participants.all(), session.origin_ticks or 0)
    shown = format_html_join(
        "", "{}", ((chip(lane, number),) for number, lane in enumerate(lanes[:SHOWN_PARTICIPANTS]))
    )
    more = len(lanes) - SHOWN_PARTICIPANTS
    rest = format_html('<span class="chip-more">+{}</span>', more) if more > 0 else ""
    return format_html('<span class="chips">{}{}</span>', shown, rest) if lanes else DASH


def coverage(session: StreamSession) -> SafeString:
    """Stored time of the lanes' expected time: "100 %", or "98.2 % · 3 gaps"."""
    lanes = in_order(session.participants.all(), session.origin_ticks or 0)
    stored = sum(lane.stored_ticks for lane in lanes) // TICKS_PER_MS
    expected = stored + sum(lane.gap_ticks for lane in lanes) // TICKS_PER_MS
    if not expected:
        return DASH
    text = percent(stored, expected) + (f" · {gaps(session.gap_count)}" if session.gap_count else "")
    return format_html('{}<span class="figure">{}</span>', bar(share(stored, expected)), text)


def gaps(count: int) -> str:
    return "1 gap" if count == 1 else f"{count} gaps"


def bar(value: float) -> SafeString:
    """A small bar of `value` percent; what is missing is hatched."""
    return format_html('<span class="coverage" aria-hidden="true"><span style="width:{}%"></span></span>', value)
