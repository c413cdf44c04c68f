"""The emulator before an older SDK, in an interpreter that finds it first: a call with media streaming, recording and
hanging up."""

import os
import subprocess
import sys

from acs_emulator.testing import Emulator, acs, acs_scenario  # noqa: F401  (fixtures)
from tests.acs_emulator.service.application import Application
from tests.acs_emulator.service.conftest import application  # noqa: F401
from tests.acs_emulator.started import ROOT

OLDER = ROOT / ".venv/older-sdk"

# What the other interpreter runs.
WALK = """
import sys, time
from importlib.metadata import version
import azure.communication.callautomation as sdk
from azure.core.credentials import AzureKeyCredential

url, key, callbacks, nowhere = sys.argv[1:]
client = sdk.CallAutomationClient(url, AzureKeyCredential(key))
ada, ben = sdk.PhoneNumberIdentifier("+15550100"), sdk.CommunicationUserIdentifier("8:acs:res_ben")
audio = sdk.MediaStreamingOptions(
    transport_url=nowhere, transport_type="websocket", content_type="audio", audio_channel_type="unmixed",
    start_media_streaming=False, audio_format="pcm24KMono",
)
placed = client.create_call(
    ada, callbacks, source_caller_id_number=sdk.PhoneNumberIdentifier("+15550199"), media_streaming=audio
)
assert [target.raw_id for target in placed.targets] == ["4:+15550100"], placed.targets
leg = client.get_call_connection(placed.call_connection_id)
while leg.get_call_properties().call_connection_state != "connected":
    time.sleep(0.1)
assert client.connect_call(callbacks, room_id="9901").targets == []
leg.add_participant(ben)
leg.play_media(sdk.TextSource(text="Hi", voice_name="en-US-NancyNeural"))
leg.start_media_streaming()
leg.stop_media_streaming()
leg.mute_participant(ada)
leg.hold(ada)
leg.unhold(ada)
while len(list(leg.list_participants())) < 2:
    time.sleep(0.1)
leg.get_participant(ben)
leg.send_dtmf_tones(["one"], ben)
leg.start_recognizing_media("dtmf", ada, initial_silence_timeout=1)
leg.cancel_all_media_operations()
server_call = sdk.ServerCallLocator(leg.get_call_properties().server_call_id)
recording = client.start_recording(server_call)
client.pause_recording(recording.recording_id)
client.resume_recording(recording.recording_id)
assert client.get_recording_properties(recording.recording_id).recording_state == "active"
client.stop_recording(recording.recording_id)
leg.remove_participant(ben)
leg.hang_up(True)
print("walked with", version("azure-communication-callautomation"))
"""


def test_it_walks_with_an_older_sdk(acs: Emulator, application: Application) -> None:  # noqa: F811
    assert OLDER.is_dir(), "The older SDK is missing: scripts/setup.sh dev installs it."
    command = [sys.executable, "-c", WALK, acs.url, acs.key, application.callbacks, "ws://127.0.0.1:1/nobody"]
    environment = {**os.environ, "PYTHONPATH": str(OLDER)}
    done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=120)
    assert done.stdout == "walked with 1.4.0\n", done.stderr
    application.wait("CallDisconnected")
