// This browser as a participant: its microphone out, the call in; 16 kHz s16le mono both ways.
const RATE = 16000;

export class Microphone {
  constructor(conversation, who, closed) {
    this.address = `microphone?conversation=${encodeURIComponent(conversation)}&who=${encodeURIComponent(who)}`;
    this.closed = closed;
  }

  async open() {
    if (!navigator.mediaDevices) throw new Error("The browser gives its microphone to https and localhost only.");
    const wanted = { echoCancellation: true, noiseSuppression: true, channelCount: 1 };
    this.stream = await navigator.mediaDevices.getUserMedia({ audio: wanted });
    this.audio = new AudioContext({ sampleRate: RATE });
    await this.audio.audioWorklet.addModule("static/telephone.js");
    this.telephone = new AudioWorkletNode(this.audio, "telephone", { outputChannelCount: [1] });
    this.audio.createMediaStreamSource(this.stream).connect(this.telephone).connect(this.audio.destination);
    const url = new URL(this.address, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new WebSocket(url);
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = (message) => this.telephone.port.postMessage(message.data, [message.data]);
    this.socket.onclose = () => this.#end();
    this.telephone.port.onmessage = (message) => {
      if (this.socket.readyState === WebSocket.OPEN) this.socket.send(message.data);
    };
    await this.audio.resume();
  }

  close() {
    if (this.socket) this.socket.close();
    else this.#end();
  }

  #end() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.audio?.close();
    this.closed();
  }
}
