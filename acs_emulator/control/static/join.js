/* Joins a running call from this browser: the microphone goes in, everybody else comes out. The socket carries s16le mono
   at `rate`, both ways, nothing else. Knows no page.

   const call = await join("/…/join", { rate: 16000, onEnd: (reason) => … });
   call.levels()  → { microphone, call }, 0 to 1 · call.mute(true) · call.leave() · call.ended()                           */

export async function join(path, { rate = 16000, onEnd = () => {} } = {}) {
  const stream = await microphone();
  const { context, source } = await listen(stream, rate);
  await context.audioWorklet.addModule(new URL("worklets.js", import.meta.url));
  const capture = new AudioWorkletNode(context, "capture", { processorOptions: { rate } });
  const playback = new AudioWorkletNode(context, "playback", { processorOptions: { rate } });
  source.connect(capture);
  playback.connect(context.destination);
  capture.connect(context.destination); // a node that leads nowhere is not run; it gives silence

  const address = new URL(path, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  address.searchParams.set("rate", rate);
  const socket = new WebSocket(address);
  socket.binaryType = "arraybuffer";
  const levels = { microphone: 0, call: 0 };
  let muted = false;
  capture.port.onmessage = ({ data }) => {
    levels.microphone = muted ? 0 : level(data);
    if (!muted && socket.readyState === WebSocket.OPEN) socket.send(data);
  };
  socket.onmessage = ({ data }) => {
    levels.call = level(data);
    playback.port.postMessage(data, [data]);
  };

  let ended = false;
  const end = (reason) => {
    if (ended) return;
    ended = true;
    stream.getTracks().forEach((track) => track.stop());
    context.close();
    socket.close();
    onEnd(reason);
  };
  socket.onclose = ({ code, reason }) => end(reason || (code === 1000 ? "the call is over" : `the socket closed (${code})`));
  await opened(socket);
  return { levels: () => ({ ...levels }), mute: (on) => { muted = on; }, leave: () => end("you left"), ended: () => ended };
}

async function microphone() {
  if (!navigator.mediaDevices) throw new Error("Browsers give the microphone on https or localhost only.");
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true },
    });
  } catch (wrong) {
    throw new Error(wrong.name === "NotFoundError" ? "There is no microphone." : "The microphone was not allowed.");
  }
}

/* Chromium resamples to the call's rate by itself; Firefox refuses to, then the worklets do it. */
async function listen(stream, rate) {
  const wanted = new AudioContext({ sampleRate: rate });
  try {
    const source = wanted.createMediaStreamSource(stream);
    await wanted.resume();
    return { context: wanted, source };
  } catch {
    await wanted.close();
    const context = new AudioContext();
    await context.resume();
    return { context, source: context.createMediaStreamSource(stream) };
  }
}

function opened(socket) {
  return new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve, { once: true });
    socket.addEventListener("close", () => reject(new Error("The call cannot be joined: is it still running?")), { once: true });
  });
}

function level(buffer) {
  const samples = new Int16Array(buffer);
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return samples.length ? Math.sqrt(sum / samples.length) / 32768 : 0;
}
