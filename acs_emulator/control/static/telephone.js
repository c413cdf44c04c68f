// An AudioWorklet: collects the microphone in pieces of 20 ms, plays what comes in, and forgets old sound when it is late.
const FRAME = 320;
const LONGEST = 16000 / 2;

class Telephone extends AudioWorkletProcessor {
  constructor() {
    super();
    this.out = new Int16Array(FRAME);
    this.filled = 0;
    this.heard = [];
    this.waiting = 0;
    this.at = 0;
    this.port.onmessage = (message) => this.take(new Int16Array(message.data));
  }

  take(samples) {
    this.heard.push(samples);
    this.waiting += samples.length;
    while (this.waiting > LONGEST) {
      this.waiting -= this.heard.shift().length - this.at;
      this.at = 0;
    }
  }

  process([input], [output]) {
    for (const sample of input[0] ?? []) {
      this.out[this.filled++] = Math.max(-1, Math.min(1, sample)) * 32767;
      if (this.filled === FRAME) {
        this.port.postMessage(this.out.buffer.slice(0));
        this.filled = 0;
      }
    }
    const speaker = output[0];
    for (let n = 0; n < speaker.length && this.heard.length; n++) {
      speaker[n] = this.heard[0][this.at++] / 32768;
      this.waiting--;
      if (this.at === this.heard[0].length) {
        this.heard.shift();
        this.at = 0;
      }
    }
    return true;
  }
}

registerProcessor("telephone", Telephone);
