"""What ACS can be asked to do with a call that runs, and how it stands."""

from collections.abc import Sequence
from typing import Any

import azure.communication.callautomation as sdk

from calls.acs.asking import STANDING, asking, connection
from calls.acs.identities import TONES, identifier, phone
from calls.acs.placing import Leg, leg_of
from calls.errors import AcsFailed
from calls.webhooks.readers import Someone


async def properties(call_connection_id: str) -> Leg | None:
    """None where ACS knows no such call."""
    try:
        async with asking(STANDING):
            return leg_of(await connection(call_connection_id).get_call_properties())
    except AcsFailed as failed:
        if failed.acs_status == 404:
            return None
        raise


async def participants(call_connection_id: str) -> tuple[Someone, ...]:
    """Who is in it now. Empty where ACS knows no such call."""
    try:
        async with asking("tell who is in a call"):
            return tuple([_someone(found) async for found in connection(call_connection_id).list_participants()])
    except AcsFailed as failed:
        if failed.acs_status == 404:
            return ()
        raise


def _someone(found: Any) -> Someone:
    return Someone(found.identifier.raw_id or "", "", bool(found.is_muted), bool(found.is_on_hold))


async def hang_up(call_connection_id: str, for_everyone: bool) -> None:
    async with asking("hang up"):
        await connection(call_connection_id).hang_up(for_everyone)


async def start_streaming(call_connection_id: str, context: str) -> None:
    async with asking("start streaming"):
        await connection(call_connection_id).start_media_streaming(operation_context=context)


async def stop_streaming(call_connection_id: str, context: str) -> None:
    async with asking("stop streaming"):
        await connection(call_connection_id).stop_media_streaming(operation_context=context)


async def start_transcription(call_connection_id: str, locale: str, context: str) -> None:
    async with asking("start transcription"):
        await connection(call_connection_id).start_transcription(locale=locale, operation_context=context)


async def stop_transcription(call_connection_id: str, context: str) -> None:
    async with asking("stop transcription"):
        await connection(call_connection_id).stop_transcription(operation_context=context)


async def add(call_connection_id: str, who: str, context: str, caller_id: str = "") -> None:
    async with asking("add a participant"):
        await connection(call_connection_id).add_participant(
            identifier(who), operation_context=context, source_caller_id_number=phone(caller_id)
        )


async def remove(call_connection_id: str, who: str, context: str) -> None:
    async with asking("remove a participant"):
        await connection(call_connection_id).remove_participant(identifier(who), operation_context=context)


async def mute(call_connection_id: str, who: str, context: str) -> None:
    async with asking("mute a participant"):
        await connection(call_connection_id).mute_participant(identifier(who), operation_context=context)


async def hold(call_connection_id: str, who: str, context: str) -> None:
    async with asking("put a participant on hold"):
        await connection(call_connection_id).hold(identifier(who), operation_context=context)


async def unhold(call_connection_id: str, who: str, context: str) -> None:
    async with asking("take a participant off hold"):
        await connection(call_connection_id).unhold(identifier(who), operation_context=context)


async def transfer(call_connection_id: str, to: str, context: str, caller_id: str = "", transferee: str = "") -> None:
    """`transferee`: who goes, where there are several."""
    async with asking("transfer the call"):
        await connection(call_connection_id).transfer_call_to_participant(
            identifier(to),
            operation_context=context,
            source_caller_id_number=phone(caller_id),
            transferee=identifier(transferee) if transferee else None,
        )


async def send_dtmf(call_connection_id: str, tones: Sequence[str], to: str, context: str) -> None:
    """`tones`: 0–9, a–d, * and #."""
    async with asking("send keys"):
        keys = [sdk.DtmfTone(TONES[tone.lower()]) for tone in tones]
        await connection(call_connection_id).send_dtmf_tones(keys, identifier(to), operation_context=context)


async def play(call_connection_id: str, source: Any, context: str, to: Sequence[str] = ()) -> None:
    """`source`: of sound() or text(). `to` empty: everybody hears it."""
    async with asking("play a sound"):
        heard_by: Any = [identifier(raw_id) for raw_id in to] or "all"
        await connection(call_connection_id).play_media(source, heard_by, operation_context=context)


def sound(url: str) -> Any:
    return sdk.FileSource(url=url)


def text(words: str, locale: str = "en-US") -> Any:
    return sdk.TextSource(text=words, source_locale=locale, voice_kind=sdk.VoiceKind.FEMALE)
