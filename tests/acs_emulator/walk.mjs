// A walk through Call Automation with the JavaScript SDK: node walk.mjs CONNECTION_STRING CALLBACKS WSS_URL.
// `node walk.mjs parse` reads messages of a media socket and callbacks, one a line, with the SDK's own parsers.
import { CallAutomationClient, StreamingData, parseCallAutomationEvent } from "@azure/communication-call-automation";
import { createInterface } from "node:readline";

const ADA = { phoneNumber: "+15550100" };
const BEN = { communicationUserId: "8:acs:res_ben" };
const OURS = { phoneNumber: "+15550199" };
const PROMPT = [{ kind: "textSource", text: "Hi", voiceName: "en-US-NancyNeural" }];

async function until(condition) {
  const end = Date.now() + 20000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within 20 s: ${condition}`);
    await new Promise((done) => setTimeout(done, 30));
  }
}

const isConnected = (leg) => async () => (await leg.getCallConnectionProperties()).callConnectionState === "connected";
const size = async (leg) => (await leg.listParticipants()).values.length;

async function incoming(emulator, number) {
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify({ caller: "+15550123", called: `+155501${number}` });
  const { correlation_id } = await (await fetch(`${emulator}/emulator/incoming`, { method: "POST", headers, body })).json();
  let found;
  await until(async () => {
    const events = await (await fetch(`${emulator}/emulator/journal?kind=event`)).json();
    found = events.find((entry) => entry.event === "IncomingCall" && entry.content[0].data.correlationId === correlation_id);
    return found;
  });
  return found.content[0].data.incomingCallContext;
}

async function people(leg, other) {
  const added = await leg.addParticipant({ targetParticipant: BEN }, { operationContext: "ben" });
  await until(async () => (await size(leg)) === 2);
  await leg.muteParticipant(BEN);
  const media = leg.getCallMedia();
  await media.hold(BEN);
  const { isMuted, isOnHold } = await leg.getParticipant(BEN);
  if (!isMuted || !isOnHold) throw new Error("Ben is neither muted nor on hold");
  await media.unhold(BEN);
  await leg.cancelAddParticipantOperation(added.invitationId);
  await leg.removeParticipant(BEN);
  await leg.moveParticipants([{ phoneNumber: "+15550102" }], other.callConnectionProperties.callConnectionId);
  await until(async () => (await size(leg)) === 2);
}

async function sound(media) {
  await media.play(PROMPT, [ADA], { loop: false });
  await media.playToAll(PROMPT);
  await media.startRecognizing(ADA, { kind: "callMediaRecognizeDtmfOptions", maxTonesToCollect: 1, initialSilenceTimeoutInSeconds: 1 });
  await media.cancelAllOperations();
  await media.startContinuousDtmfRecognition(ADA);
  await media.stopContinuousDtmfRecognition(ADA);
  await media.sendDtmfTones(["one", "pound"], ADA);
  await media.startMediaStreaming();
  await media.startTranscription({ locale: "en-GB" });
  await media.updateTranscription("de-DE");
  await new Promise((done) => setTimeout(done, 500));
  await media.stopMediaStreaming();
  await media.stopTranscription();
}

async function record(client, serverCallId, callbacks) {
  const recording = client.getCallRecording();
  const callLocator = { kind: "serverCallLocator", id: serverCallId };
  const { recordingId } = await recording.start({ callLocator, recordingStateCallbackEndpointUrl: callbacks });
  await recording.pause(recordingId);
  await recording.resume(recordingId);
  const { recordingState } = await recording.getState(recordingId);
  if (recordingState !== "active") throw new Error(`the recording is ${recordingState}`);
  await recording.stop(recordingId);
}

async function walk(connectionString, callbacks, socket) {
  const client = new CallAutomationClient(connectionString);
  const emulator = connectionString.match(/endpoint=(.*?)\/;/)[1];
  const options = {
    callIntelligenceOptions: { cognitiveServicesEndpoint: "https://ai.example" },
    mediaStreamingOptions: {
      transportUrl: socket, transportType: "websocket", contentType: "audio", audioChannelType: "unmixed",
      startMediaStreaming: false, enableBidirectional: true, audioFormat: "Pcm24KMono",
    },
    transcriptionOptions: { transportUrl: socket, transportType: "websocket", locale: "en-US", startTranscription: false },
  };
  const placed = await client.createCall({ targetParticipant: ADA, sourceCallIdNumber: OURS }, callbacks, options);
  const group = await client.createGroupCall([BEN, { phoneNumber: "+15550102" }], callbacks, { sourceCallIdNumber: OURS });
  const leg = placed.callConnection;
  await until(isConnected(leg));
  await until(async () => (await size(group.callConnection)) === 2);
  await people(leg, group);
  await sound(leg.getCallMedia());
  const { serverCallId } = await leg.getCallConnectionProperties();
  await record(client, serverCallId, callbacks);
  for (const locator of [{ kind: "serverCallLocator", id: serverCallId }, { kind: "roomCallLocator", id: "9901" }]) {
    const joined = await client.connectCall(locator, callbacks);
    await until(isConnected(joined.callConnection));
    await joined.callConnection.hangUp(false);
  }
  const answered = await client.answerCall(await incoming(emulator, 97), callbacks, options);
  await until(isConnected(answered.callConnection));
  await client.rejectCall(await incoming(emulator, 98), { callRejectReason: "busy" });
  await client.redirectCall(await incoming(emulator, 99), { targetParticipant: BEN });
  await answered.callConnection.transferCallToParticipant(BEN);
  await leg.hangUp(true);
  console.log("walked with the JavaScript SDK");
}

async function parse() {
  const kinds = {};
  for await (const line of createInterface({ input: process.stdin })) {
    const kind = line.startsWith("[") ? parseCallAutomationEvent(JSON.parse(line)[0]).kind
      : (StreamingData.parse(line), StreamingData.getStreamingKind());
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  console.log(JSON.stringify(kinds));
}

await (process.argv[2] === "parse" ? parse() : walk(...process.argv.slice(2)));
