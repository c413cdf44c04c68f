"""The emulator over TLS before the JavaScript SDK: `python -m tests.acs_emulator.javascript_sdk` installs it from npm
into a folder of its own, starts the emulator with `--tls` and walks through a call with a connection string."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.acs_emulator.service.application import Server
from tests.acs_emulator.started import started

PACKAGE = "@azure/communication-call-automation@1.6.0"

WALK = """
import { CallAutomationClient } from "@azure/communication-call-automation";

const [connectionString, callbacks] = process.argv.slice(2);
const client = new CallAutomationClient(connectionString);
const invite = {
  targetParticipant: { phoneNumber: "+15550100" }, sourceCallIdNumber: { phoneNumber: "+15550199" },
};
const streaming = {
  transportUrl: "wss://127.0.0.1:1/nobody", transportType: "websocket", contentType: "audio",
  audioChannelType: "unmixed", startMediaStreaming: false, audioFormat: "Pcm24KMono",
};
const placed = await client.createCall(invite, callbacks, { mediaStreamingOptions: streaming });
const leg = placed.callConnection;
while ((await leg.getCallConnectionProperties()).callConnectionState !== "connected") {
  await new Promise((done) => setTimeout(done, 100));
}
await leg.addParticipant({ targetParticipant: { communicationUserId: "8:acs:res_ben" } });
const people = async () => (await leg.listParticipants()).values;
while ((await people()).length < 2) await new Promise((done) => setTimeout(done, 100));
await leg.muteParticipant({ communicationUserId: "8:acs:res_ben" });
const media = leg.getCallMedia();
await media.playToAll([{ kind: "textSource", text: "Hi", voiceName: "en-US-NancyNeural" }]);
await media.startMediaStreaming();
await media.stopMediaStreaming();
await media.cancelAllOperations();
const { serverCallId } = await leg.getCallConnectionProperties();
const recording = client.getCallRecording();
const { recordingId } = await recording.start({ callLocator: { kind: "serverCallLocator", id: serverCallId } });
await recording.stop(recordingId);
await leg.removeParticipant({ communicationUserId: "8:acs:res_ben" });
await leg.hangUp(true);
console.log("walked with the JavaScript SDK");
"""


def walk(folder: Path) -> str:
    """What the walk printed. Raises CalledProcessError."""
    programs = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "VAR_DIR": str(folder / "var")}
    install = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), PACKAGE]
    subprocess.run(install, check=True, env=environment, stdout=subprocess.DEVNULL)
    script = folder / "walk.mjs"
    script.write_text(WALK, encoding="utf-8")
    with Server() as application, started("--tls", environment=environment) as printed:
        trusting = environment | {"NODE_EXTRA_CA_CERTS": printed["NODE_EXTRA_CA_CERTS"]}
        command = ["node", str(script), printed["connection_string"], application.callbacks]
        done = subprocess.run(command, check=True, env=trusting, stdout=subprocess.PIPE, text=True)
        application.wait("CallDisconnected")
    return done.stdout


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        print(walk(Path(folder)))  # noqa: T201
