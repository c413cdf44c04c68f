"""Azure Communication Services: the only package that knows its SDK. Every function is awaited on the event
loop of calls (one client for one loop) and raises AcsFailed with plain words, or NotConfigured. Facts of the SDK and
its service: ACS.md 4.3 to 4.7."""

from calls.acs.asking import WHOLE_SECONDS, close, endpoint, is_configured, unanswered
from calls.acs.control import (
    add,
    hang_up,
    hold,
    mute,
    participants,
    play,
    properties,
    remove,
    send_dtmf,
    sound,
    start_streaming,
    start_transcription,
    stop_streaming,
    stop_transcription,
    text,
    transfer,
    unhold,
)
from calls.acs.placing import Leg, Streaming, answer, connect, create, redirect, reject

__all__ = [
    "WHOLE_SECONDS",
    "Leg",
    "Streaming",
    "add",
    "answer",
    "close",
    "connect",
    "create",
    "endpoint",
    "hang_up",
    "hold",
    "is_configured",
    "mute",
    "participants",
    "play",
    "properties",
    "redirect",
    "reject",
    "remove",
    "send_dtmf",
    "sound",
    "start_streaming",
    "start_transcription",
    "stop_streaming",
    "stop_transcription",
    "text",
    "transfer",
    "unanswered",
    "unhold",
]
