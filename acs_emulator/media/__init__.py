"""Everything of sound. What the rest of the emulator uses of it:

StreamOptions.of(body["mediaStreamingOptions"])          what was asked for
stream = Stream(call, options, world)                    one per call that has mediaStreamingOptions
await stream.start() / await stream.stop("hung up")      on connect (options.start), :start…, :stop…, end
stream.subscription_id, stream.state                     for mediaStreamingSubscription
stream.tone(raw_id, "5"), stream.inject(fault)           a key pressed; a fault of parse_fault({...}) from now on
TranscriptionStream(call, TranscriptionOptions.of(…), world)   the same for transcription, plus update(locale)
Talker(raw_id, voice, joined_tick)                       what call.talkers() returns
world.scenario.voice(raw_id)                             a FileVoice; Silence(), LiveVoice(ticker) for others
call.application = LiveVoice(ticker, limit_ms=600_000)   what the application sends back: fed into from its socket
Together(call.application, call.prompts)                 what other legs' talkers() have of it
prompt = await Prompt.fetch(url, trust)                  raises BadPrompt (sub_code, message); prompt.milliseconds
prompt = Prompt.spoken(text)                             a tone as long as the text
await prompt.play(call.prompts, ticker, loop=False)  returns when it has been played in real time; cancel to end
await converse(web_socket, call, voice, ticker, rate)    "join as caller": the browser's PCM in, the call's mix out
"""

from acs_emulator.media.hearing import Together
from acs_emulator.media.joining import converse
from acs_emulator.media.options import StreamOptions, TranscriptionOptions
from acs_emulator.media.prompt import BadPrompt, Prompt
from acs_emulator.media.seams import StreamedCall, StreamWorld, Talker
from acs_emulator.media.stream import Stream
from acs_emulator.media.transcription import TranscriptionStream
from acs_emulator.media.voice import FileVoice, LiveVoice, Said, Silence, Voice

__all__ = [
    "BadPrompt",
    "FileVoice",
    "LiveVoice",
    "Prompt",
    "Said",
    "Silence",
    "Stream",
    "StreamOptions",
    "StreamWorld",
    "StreamedCall",
    "Talker",
    "Together",
    "TranscriptionOptions",
    "TranscriptionStream",
    "Voice",
    "converse",
]
