"""Everything of sound. What the rest of the emulator uses of it:

StreamOptions.of(body["mediaStreamingOptions"])          what was asked for
stream = Stream(call, options, world)                    one per call that has mediaStreamingOptions
await stream.start() / await stream.stop("hung up")      on connect (options.start), :start…, :stop…, end
stream.subscription_id, stream.state                     for mediaStreamingSubscription
stream.tone(raw_id, "5"), stream.inject(fault)           a key pressed; a fault of parse_fault({...}) from now on
TranscriptionStream(call, TranscriptionOptions.of(…), world)   the same for transcription, plus update(locale)
Talker(raw_id, voice, joined_tick)                       what call.talkers() returns
world.scenario.voice(raw_id)                             a FileVoice; Silence(), LiveVoice(ticker) for others
call.application = LiveVoice(ticker, limit_ms=600_000)   what the application says; other legs' talkers() have it
prompt = await Prompt.fetch(source, rate=16000, trust=…) raises BadPrompt (sub_code, message); prompt.milliseconds;
await prompt.play(call.application, ticker, loop=False)  returns when it has been played in real time; cancel to end
await converse(socket, call, voice, ticker, rate)        "join as caller": the browser's PCM in, the call's mix out
"""

from acs_emulator.media.options import StreamOptions, TranscriptionOptions
from acs_emulator.media.seams import StreamedCall, StreamWorld, Talker
from acs_emulator.media.stream import Stream
from acs_emulator.media.voice import FileVoice, LiveVoice, Said, Silence, Voice

__all__ = [
    "FileVoice",
    "LiveVoice",
    "Said",
    "Silence",
    "Stream",
    "StreamOptions",
    "StreamWorld",
    "StreamedCall",
    "Talker",
    "TranscriptionOptions",
    "Voice",
]
