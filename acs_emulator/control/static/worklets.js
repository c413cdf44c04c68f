/* The audio thread's side of join.js. Between the context's rate and the call's: an average on the way in (so that
   nothing folds back), a straight line on the way out; the same rate passes untouched. */

class Capture extends AudioWorkletProcessor {
  constructor({ processorOptions: { rate } }) {
    super();
    this.step = sampleRate / rate;
    this.frame = new Int16Array(rate / 50);
    this.filled = 0;
    this.sum = 0;
    this.taken = 0;
    this.position = 0;
  }

  process([[channel]]) {
    if (channel) for (const sample of channel) this.take(sample);
    return true;
  }

  /* `position` keeps what the last sample reached into the next one's time: 44.1 kHz is no multiple of 16. */
  take(sample) {
    this.sum += sample;
    this.taken += 1;
    this.position += 1;
    if (this.position < this.step) return;
    this.position -= this.step;
    const mean = this.sum / this.taken;
    this.sum = this.taken = 0;
    this.frame[this.filled] = Math.max(-32768, Math.min(32767, Math.round(mean * 32767)));
    this.filled += 1;
    if (this.filled < this.frame.length) return;
    const whole = this.frame.slice().buffer;
    this.port.postMessage(whole, [whole]);
    this.filled = 0;
  }
}

class Playback extends AudioWorkletProcessor {
  constructor({ processorOptions: { rate } }) {
    super();
    this.step = rate / sampleRate;
    this.rate = rate;
    this.waiting = [];
    this.length = 0;
    this.at = 0;
    this.playing = false;
    this.port.onmessage = ({ data }) => this.add(new Int16Array(data));
  }

  /* More than half a second is too late to be of use. */
  add(frame) {
    this.waiting.push(frame);
    this.length += frame.length;
    while (this.length > this.rate / 2) this.drop();
  }

  drop() {
    this.length -= this.waiting.shift().length;
    this.at = Math.max(0, this.at % 1);
  }

  /* Begins with 60 ms in hand, so that a late message is not heard. */
  process(inputs, [[out]]) {
    this.playing = this.playing ? this.length - this.at > 2 : this.length >= this.rate * 0.06;
    for (let n = 0; n < out.length; n += 1) {
      if (!this.playing || this.length - this.at <= 2) {
        out[n] = 0;
        continue;
      }
      const whole = Math.floor(this.at);
      const here = this.sample(whole);
      out[n] = (here + (this.sample(whole + 1) - here) * (this.at - whole)) / 32768;
      this.at += this.step;
      while (this.waiting.length && this.at >= this.waiting[0].length) {
        const gone = this.waiting.shift().length;
        this.at -= gone;
        this.length -= gone;
      }
    }
    return true;
  }

  sample(index) {
    const first = this.waiting[0];
    return index < first.length ? first[index] : this.waiting[1]?.[index - first.length] ?? 0;
  }
}

registerProcessor("capture", Capture);
registerProcessor("playback", Playback);
