"""Transcription packets, with and without words, final and not, in ticks from the start or since year 1."""

import pytest

from media.stream import wire
from media.stream.errors import BadPacket
from media.stream.packets import TranscriptionData, TranscriptionMetadata, Word

PHONE = "4:+15550100"


def phrase(fields: str) -> str:
    return '{"kind":"TranscriptionData","transcriptionData":{' + fields + "}}"


def test_it_reads_a_final_phrase() -> None:
    message = (
        '{"kind":"TranscriptionData","transcriptionData":{"text":"good morning","format":"display","confidence":0.87,'
        '"offset":51300000,"duration":9700000,"words":[{"text":"good","offset":51300000,"duration":3100000},'
        '{"text":"morning","offset":54500000}],"participantRawID":"4:+15550100","resultStatus":"Final"}}'
    )
    assert wire.decode(message) == TranscriptionData(
        lane=PHONE,
        text="good morning",
        format="display",
        status="final",
        confidence=0.87,
        offset=5_130_000_000,
        absolute=False,
        duration=970_000_000,
        words=(Word("good", 5_130_000_000, 310_000_000), Word("morning", 5_450_000_000, None)),
        sentiment=None,
        language=None,
    )


def test_it_reads_an_intermediate_phrase_without_words() -> None:
    message = (
        '{"kind":"TranscriptionData","transcriptionData":{"text":"good","format":"Display","offset":51300000,'
        '"duration":3100000,"participantRawID":null,"resultStatus":"Intermediate"}}'
    )
    assert wire.decode(message) == TranscriptionData(
        None, "good", "Display", "intermediate", None, 5_130_000_000, False, 310_000_000, (), None, None
    )


def test_it_keeps_every_digit_of_absolute_ticks() -> None:
    words = '[{"text":"hi","offset":638672688009251233}]'
    packet = wire.decode(phrase(f'"text":"hi","offset":638672688009251231,"words":{words}'))
    assert isinstance(packet, TranscriptionData)
    assert (packet.offset, packet.absolute) == (1_731_672_000_925_123_100, True)
    assert packet.words == (Word("hi", 1_731_672_000_925_123_300, None),)


def test_it_reads_what_previews_add() -> None:
    message = (
        '{"kind":"TranscriptionData","transcriptionData":{"text":"great","offset":0,"resultStatus":"final","words":null,'
        '"sentimentAnalysisResult":{"sentiment":"positive"},"languageIdentified":"de-AT"}}'
    )
    packet = wire.decode(message)
    assert isinstance(packet, TranscriptionData)
    assert (packet.sentiment, packet.language, packet.offset, packet.words) == ("positive", "de-AT", 0, ())


@pytest.mark.parametrize("text", ['""', "null"])
def test_it_keeps_an_empty_phrase(text: str) -> None:
    packet = wire.decode(phrase(f'"text":{text}'))
    assert isinstance(packet, TranscriptionData)
    assert (packet.text, packet.status, packet.duration) == ("", None, None)


def test_it_reads_metadata() -> None:
    message = (
        '{"kind":"TranscriptionMetadata","transcriptionMetadata":{"subscriptionId":"b5f0","locale":"en-us",'
        '"callConnectionId":"411f","correlationId":"9a02","speechRecognitionModelEndpointId":"3d7e"}}'
    )
    assert wire.decode(message) == TranscriptionMetadata("b5f0", "en-us", "411f", "9a02", "3d7e", (), None, None, None)


def test_it_reads_metadata_of_previews() -> None:
    message = (
        '{"kind":"TranscriptionMetadata","transcriptionMetadata":{"subscriptionId":"b5f0","locales":["en-US","de-AT"],'
        '"piiRedactionOptions":{"enable":true,"redactionType":"maskWithCharacter"},"enableSentimentAnalysis":true,'
        '"summarizationOptions":{"enableEndCallSummary":false,"locale":"en-US"}}}'
    )
    expected = TranscriptionMetadata("b5f0", None, None, None, None, ("en-US", "de-AT"), True, True, False)
    assert wire.decode(message) == expected


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ('"offset":0', "text: is missing"),
        ('"text":7', "text: is 7, must be text"),
        ('"text":"a","offset":-1', "offset: is -1, must be a whole number from 0 to 10000000000000000000"),
        ('"text":"a","duration":[1]', "duration: is a list, must be a whole number from 0 to 10000000000000000000"),
        ('"text":"a","confidence":"high"', 'confidence: is "high", must be a number'),
        ('"text":"a","confidence":true', "confidence: is true, must be a number"),
        ('"text":"a","confidence":1' + "0" * 400, "confidence: is a huge number, must be a number"),
        ('"text":"a","words":{}', "words: is an object, must be a list"),
        ('"text":"a","words":["a"]', 'words[0]: is "a", must be an object'),
        ('"text":"a","words":[{"text":"a"},{"text":[]}]', "words[1].text: is a list, must be text"),
        ('"text":"a","sentimentAnalysisResult":"good"', 'sentimentAnalysisResult: is "good", must be an object'),
    ],
)
def test_it_refuses_what_is_no_phrase(fields: str, sentence: str) -> None:
    with pytest.raises(BadPacket) as caught:
        wire.decode(phrase(fields))
    assert str(caught.value) == f"transcriptionData.{sentence}"


@pytest.mark.parametrize("locales", ['"en-US"', "[1]", "{}"])
def test_it_refuses_locales_that_are_no_list_of_texts(locales: str) -> None:
    with pytest.raises(BadPacket, match=r"^transcriptionMetadata\.locales: is .*, must be a list of texts$"):
        wire.decode('{"kind":"TranscriptionMetadata","transcriptionMetadata":{"locales":' + locales + "}}")
