"""The emulator before an older SDK: `python -m tests.acs_emulator.older_sdk [1.4.0]` makes a virtual environment of
its own with it (from the package index) and walks through a call with media streaming, recording and hanging up."""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from acs_emulator.testing import emulator
from tests.acs_emulator.service.application import Server

# What the other interpreter runs: it has that SDK and nothing of ours.
WALK = """
import sys, time
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
print("walked with", sdk.__version__ if hasattr(sdk, "__version__") else "the SDK")
"""


def walk(version: str, folder: Path) -> str:
    """What the walk printed. Raises CalledProcessError with its traceback on stderr."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    package = f"azure-communication-callautomation=={version}"
    subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", package], check=True)
    with Server() as application, emulator() as acs:
        arguments = [acs.url, acs.key, application.callbacks, "ws://127.0.0.1:1/nobody"]
        done = subprocess.run([python, "-c", WALK, *arguments], check=True, stdout=subprocess.PIPE, text=True)
        application.wait("CallDisconnected")
    return done.stdout


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        print(walk((sys.argv[1:] or ["1.4.0"])[0], Path(folder)))  # noqa: T201
