"""Operations on the sound of a call: prompts, recognition, keys, hold, media streaming, transcription (ACS.md 4.2)."""

import asyncio

from acs_emulator.calls import actions, people
from acs_emulator.calls.actions import KEYS, PromptFailed, fetched
from acs_emulator.calls.call import Call
from acs_emulator.calls.options import Operation
from acs_emulator.calls.participant import Participant
from acs_emulator.calls.recognition import Choice, Recognition, Wanted, key_of
from acs_emulator.calls.results import DONE, Result
from acs_emulator.rest.asked import Answered, Asked
from acs_emulator.rest.body import Body
from acs_emulator.rest.errors import ApiError, bad_argument

# A key is held for so long when the application sends it [?].
KEY_SECONDS = 0.25


async def play(asked: Asked) -> Answered:
    call, body, operation = asked.established, asked.body, asked.body.operation
    sources = [_source(part) for part in body.parts("playSources")]
    if not sources:
        raise bad_argument("The field playSources is invalid.")
    to = body.people("playTo") if body.fields.get("playTo") else []
    for raw_id in to:
        asked.member(call, raw_id)
    loop = bool(body.part("playOptions", required=False).fields.get("loop"))
    if body.fields.get("interruptCallMediaOperation"):
        call.actions.cancel_all()

    async def work() -> None:
        prompts = await fetched(call, sources)
        call.emit("PlayStarted", DONE, operation)
        await actions.play(call, prompts, to=to, loop=loop)
        call.emit("PlayCompleted", DONE, operation)

    call.actions.run("Play", operation, work)
    return None


async def recognize(asked: Asked) -> Answered:
    call, body, operation = asked.established, asked.body, asked.body.operation
    wanted = _wanted(body)
    asked.member(call, wanted.target)
    prompts = body.parts("playPrompts") or ([body.part("playPrompt")] if body.fields.get("playPrompt") else [])
    sources = [_source(part) for part in prompts]
    if body.fields.get("interruptCallMediaOperation"):
        call.actions.cancel_all()
    call.actions.run("Recognize", operation, Recognition(call, wanted, sources, operation).run)
    return None


async def cancel_all(asked: Asked) -> Answered:
    asked.established.actions.cancel_all()
    return None


async def start_hearing_keys(asked: Asked) -> Answered:
    call, raw_id = asked.established, asked.body.person("targetParticipant")
    asked.member(call, raw_id)
    call.actions.hear_keys(raw_id, asked.body.operation)
    return None


async def stop_hearing_keys(asked: Asked) -> Answered:
    call, raw_id = asked.established, asked.body.person("targetParticipant")
    call.actions.stop_hearing_keys(raw_id)
    call.emit("ContinuousDtmfRecognitionStopped", DONE, asked.body.operation)
    return None


async def send_keys(asked: Asked) -> Answered:
    call, operation = asked.established, asked.body.operation
    person = asked.member(call, asked.body.person("targetParticipant"))
    tones = asked.body.fields.get("tones")
    keys = [KEYS.get(str(tone).lower(), "") for tone in tones] if isinstance(tones, list) else []
    if not keys or not all(keys):
        raise bad_argument("The field tones is invalid.")
    call.world.spawn(_press_all(call, person, keys, operation), "sending keys")
    context = asked.body.fields.get("operationContext")
    return {"operationContext": context} if context else {}


async def hold(asked: Asked) -> Answered:
    call, operation = asked.established, asked.body.operation
    person = asked.member(call, asked.body.person("targetParticipant"))
    music = [_source(asked.body.part("playSourceInfo"))] if asked.body.fields.get("playSourceInfo") else []
    people.hold(call, person, True)
    if music:
        call.world.spawn(_play_music(call, person, music, operation), "music on hold")
    return None


async def unhold(asked: Asked) -> Answered:
    call = asked.established
    people.hold(call, asked.member(call, asked.body.person("targetParticipant")), False)
    return None


async def start_streaming(asked: Asked) -> Answered:
    call = asked.established
    if call.stream is None:
        raise ApiError(412, "8583", "Precondition failed: the call has no mediaStreamingOptions.")
    if call.stream.state == "active":  # [?]
        raise ApiError(412, "8583", "Precondition failed: media streaming is active already. Stop it first.")
    call.streaming_operation = asked.body.operation
    call.world.spawn(call.stream.start(), "media socket")
    return None


async def stop_streaming(asked: Asked) -> Answered:
    call = asked.established
    if call.stream is None:
        raise ApiError(412, "8583", "Precondition failed: the call has no mediaStreamingOptions.")
    call.streaming_operation = asked.body.operation
    call.world.spawn(call.stream.stop("stopMediaStreaming"), "media socket")
    return None


async def start_transcription(asked: Asked) -> Answered:
    call = _transcribed(asked)
    if call.transcription:
        locale = asked.body.text("locale", required=False) or None
        call.world.spawn(call.transcription.start(locale), "transcription socket")
    return None


async def stop_transcription(asked: Asked) -> Answered:
    call = _transcribed(asked)
    if call.transcription:
        call.world.spawn(call.transcription.stop("stopTranscription"), "transcription socket")
    return None


async def update_transcription(asked: Asked) -> Answered:
    call = _transcribed(asked)
    if call.transcription:
        call.transcription.update(asked.body.text("locale", required=False) or call.transcription.locale)
    return None


def _transcribed(asked: Asked) -> Call:
    call = asked.established
    if call.transcription is None:
        raise ApiError(412, "8583", "Precondition failed: the call has no transcriptionOptions.")
    call.transcription_operation = asked.body.operation
    return call


def _source(part: Body) -> tuple[str, str]:
    """(kind, address or text)."""
    kind = part.text("kind")
    fields = {"file": ("file", "uri"), "text": ("text", "text"), "ssml": ("ssml", "ssmlText")}
    if kind not in fields:
        raise bad_argument("The field playSources.kind is invalid.")
    inner, field = fields[kind]
    content = part.part(inner)
    return kind, content.address(field) if kind == "file" else content.text(field)


def _wanted(body: Body) -> Wanted:
    options = body.part("recognizeOptions")
    dtmf = options.part("dtmfOptions", required=False)
    choices = tuple(
        Choice(part.text("label"), part.texts("phrases"), _key(part.text("tone", required=False)))
        for part in options.parts("choices")
    )
    kind = body.one_of("recognizeInputType", ("dtmf", "speech", "speechOrDtmf", "choices"))
    if kind.lower() == "choices" and not choices:
        raise bad_argument("The field recognizeOptions.choices is invalid: at least one is needed.")
    return Wanted(
        kind=kind,
        target=options.person("targetParticipant"),
        initial_silence=options.number("initialSilenceTimeoutInSeconds", 5, 0, 300),
        interrupt_prompt=bool(options.fields.get("interruptPrompt")),
        inter_tone=dtmf.number("interToneTimeoutInSeconds", 2, 1, 60),
        max_tones=int(dtmf.number("maxTonesToCollect", 0, 0, 10_000)) or None,
        stop_tones=tuple(_key(tone) for tone in dtmf.texts("stopTones")),
        choices=choices,
    )


def _key(tone: str) -> str:
    """ "" for none. Raises ApiError."""
    if tone and not key_of(tone):
        raise bad_argument(f"The tone {tone!r} is invalid: {', '.join(KEYS)}.")
    return key_of(tone)


async def _press_all(call: Call, person: Participant, keys: list[str], operation: Operation) -> None:
    """The application presses keys: heard by one participant, which matters where that is another application."""
    for key in keys:
        await asyncio.sleep(KEY_SECONDS)
        if person.call:
            person.call.key_pressed(call.own_id, key)
    call.emit("SendDtmfTonesCompleted", DONE, operation)


async def _play_music(call: Call, person: Participant, music: list[tuple[str, str]], operation: Operation) -> None:
    try:
        prompts = await fetched(call, music)
    except PromptFailed as failed:
        call.emit("HoldFailed", Result(400, failed.sub_code, failed.message), operation)
    else:
        await actions.play_music(call, person, prompts)
