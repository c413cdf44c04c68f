"""All that one call posts, read from the wire: the real SDK asks, the emulator posts."""

import json
from itertools import chain

import pytest
from azure.communication.callautomation import (
    CallAutomationClient,
    MediaStreamingAudioChannelType,
    MediaStreamingContentType,
    MediaStreamingOptions,
    PhoneNumberIdentifier,
    StreamingTransportType,
)

from acs_emulator.events.grid import Schema, Subscription
from acs_emulator.testing import Emulator, acs, acs_scenario  # noqa: F401  (fixtures)
from calls.explanations import explain
from calls.webhooks.event_grid import GridBatch, Handshake, parse_grid
from calls.webhooks.events import Event, parse_callbacks
from calls.webhooks.readers import participant_of, participants_of, sequence_of, streaming_of, transfer_target_of
from tests.acs_emulator.service.application import Application
from tests.acs_emulator.service.conftest import ADA, OURS, application, client  # noqa: F401  (fixtures)
from tests.acs_emulator.service.plain import ask
from tests.serving import free_port

BEN, CLEO = PhoneNumberIdentifier("+15550101"), PhoneNumberIdentifier("+15550102")


def events_of(received: Application) -> list[Event]:
    batches = [parse_callbacks(json.dumps(post.body).encode()) for post in received.received if "callback" in post.path]
    assert not any(batch.unreadable for batch in batches)
    return list(chain.from_iterable(batch.events for batch in batches))


@pytest.mark.parametrize("acs_scenario", ['participants: {"+15550102": {answers: busy}}'])
def test_it_reads_the_whole_life_of_a_call(
    acs: Emulator,  # noqa: F811
    client: CallAutomationClient,  # noqa: F811
    application: Application,  # noqa: F811
) -> None:
    nobody = MediaStreamingOptions(
        transport_url=f"ws://127.0.0.1:{free_port()}/nobody",
        transport_type=StreamingTransportType.WEBSOCKET,
        content_type=MediaStreamingContentType.AUDIO,
        audio_channel_type=MediaStreamingAudioChannelType.UNMIXED,
        start_media_streaming=True,
    )
    placed = client.create_call(
        ADA, application.callbacks, source_caller_id_number=OURS, operation_context="a", media_streaming=nobody
    )
    application.wait("MediaStreamingFailed")
    leg = client.get_call_connection(str(placed.call_connection_id))
    leg.add_participant(CLEO, source_caller_id_number=OURS)
    application.wait("AddParticipantFailed")
    leg.transfer_call_to_participant(BEN)
    application.wait("CallDisconnected")

    events = {event.type: event for event in events_of(application)}
    assert {event.call_connection_id for event in events.values()} == {placed.call_connection_id}
    assert {event.correlation_id for event in events.values()} == {placed.correlation_id}
    assert all(event.at and event.server_call_id for event in events.values())
    assert events["CallConnected"].operation_context == "a"
    people = events["ParticipantsUpdated"]
    assert {someone.raw_id for someone in participants_of(people)} >= {"4:+15550100"}
    assert sequence_of(people)
    streaming, failed = streaming_of(events["MediaStreamingFailed"]), events["MediaStreamingFailed"].result
    assert streaming
    assert streaming.status == "mediaStreamingFailed"
    assert failed
    assert explain(*failed[:3]).words == "ACS could not reach our media socket."
    added = events["AddParticipantFailed"]
    assert added.result
    assert (participant_of(added), explain(*added.result[:3]).words) == ("4:+15550102", "The line was busy.")
    assert transfer_target_of(events["CallTransferAccepted"]) == "4:+15550101"
    ended = events["CallDisconnected"].result
    assert ended
    assert explain(*ended[:3]).words == "The call was transferred."


@pytest.mark.parametrize("schema", ["eventgrid", "cloudevents"])
def test_it_reads_what_event_grid_posts(acs: Emulator, application: Application, schema: Schema) -> None:  # noqa: F811
    assert acs.run(acs.world.grid.subscribe(Subscription(application.webhook, schema)))
    order = {"caller": "+15550100", "called": "+15550199", "name": "Ada"}
    assert ask(acs.url, "POST", "/emulator/incoming", order).status == 200
    application.wait("IncomingCall")
    found = [parse_grid(json.dumps(post.body).encode(), post.headers) for post in application.received]
    assert isinstance(found[0], Handshake) == (schema == "eventgrid")
    (batch,) = [batch for batch in found if isinstance(batch, GridBatch) and batch.incoming]
    incoming = batch.incoming[0]
    assert (incoming.from_raw, incoming.to_raw, incoming.display_name) == ("4:+15550100", "4:+15550199", "Ada")
    assert incoming.at
    assert incoming.incoming_call_context
    assert incoming.server_call_id
