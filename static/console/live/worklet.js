// Plays one running call: a jitter buffer for all its lanes on one clock. Runs in the audio thread; knows no page.
//
// What arrives is laid at its position; the play head runs behind it. What is left in the buffer just before a block comes
// is its reserve. The head runs at exactly 1 while the reserve stays near its target, and then samples leave as they came;
// a little faster while the reserve has been larger for seconds (so the lag goes back after a stall, and a clock that
// drifts never fills it), a little slower while it is smaller. Where the buffer runs dry the sound fades within
// milliseconds and comes back the same way. Nothing else is ever cut.

const SIZE = 1 << 17; // samples of a lane that are held at most: 8 s at 16 kHz, 2.7 s at 48 kHz
const KEEP = 4; // samples behind the head that interpolation still needs
const FADE_SECONDS = 0.005;
const LONG = 100, SHORT = 20, FIRST = 6; // blocks over which the reserve is judged: 5 s, 1 s
const BLOCK_SECONDS = 0.05;
const LEAST_TARGET = 0.04, MOST_TARGET = 0.3, CALM_SECONDS = 8;
const TOO_MUCH = 0.025, MUCH = 0.08, FAR_TOO_MUCH = 0.5, TOO_LITTLE = 0.025; // seconds off the target
const REPORT_SECONDS = 0.25;
const GLIDE = 16 * 128;
const LOUDEST = 0.8, KNEE = 1 - LOUDEST; // as the server's mixes: untouched below, softly limited above

class Lane {
  constructor() {
    this.ring = new Float32Array(SIZE);
    this.gain = 1;
    this.wanted = 1;
    this.peak = 0;
  }
}

class LivePlayer extends AudioWorkletProcessor {
  constructor({ processorOptions = {} }) {
    super();
    this.lanes = new Map();
    this.gains = new Map();
    this.base = null; // the position that stands for 0
    this.head = 0; // where the next sample comes from, relative to base
    this.newest = 0;
    this.cleared = 0;
    this.speed = this.pace = 1; // how fast the head runs; how fast it was told to
    this.gliding = 0; // samples of a glide that are left
    this.least = this.target = (processorOptions.target ?? LEAST_TARGET) * sampleRate;
    this.reserves = [];
    this.dry = true;
    this.level = 0; // of the fade, 0…1
    this.calm = 0;
    this.counts = { dry: 0, jumps: 0, blocks: 0 };
    this.arrivals = []; // [start, end, ms on the server's clock when its newest frame came]
    this.reported = 0;
    this.ended = false;
    this.port.onmessage = ({ data }) => this[data.what]?.(data);
  }

  // --- from the page ---------------------------------------------------------------------------------------------------

  block({ segments, arrived }) {
    const start = Math.min(...segments.map(({ position }) => position));
    const end = Math.max(...segments.map(({ position, pcm }) => position + pcm.length));
    if (this.base === null || Math.abs(end - this.base - this.newest) > SIZE / 2) this.anchor(start);
    const from = start - this.base, to = end - this.base;
    if (this.dry) this.restart(from);
    else this.judge(this.newest - this.head);
    for (const segment of segments) this.lay(segment);
    this.newest = Math.max(this.newest, to);
    this.arrivals.push([from, to, arrived]);
    this.counts.blocks += 1;
  }

  gain({ lane, value }) {
    this.gains.set(lane, value);
    if (this.lanes.has(lane)) this.lanes.get(lane).wanted = value;
  }

  stop() {
    this.ended = true;
  }

  // --- the buffer ------------------------------------------------------------------------------------------------------

  anchor(start) {
    this.base = start - SIZE;
    this.newest = this.head = this.cleared = SIZE;
    for (const lane of this.lanes.values()) lane.ring.fill(0);
    this.arrivals = [];
    this.dry = true;
  }

  /** After a pause of the stream, or at its beginning: what comes now is heard after the target's delay. */
  restart(from) {
    const cut = this.counts.blocks > 0 && from - this.newest < 0.05 * sampleRate; // not a pause of the stream: our buffer was too short
    if (cut) {
      this.counts.dry += 1;
      this.calm = 0;
      const missing = currentTime - this.driedAt; // longer than any reserve: none would have helped
      if (missing < MOST_TARGET) this.target = Math.min(MOST_TARGET * sampleRate, this.target + (missing + 0.01) * sampleRate);
    }
    this.fresh = true;
    this.begins = from;
    this.clear(from);
    this.head = from - Math.round(this.target);
    this.settle();
    this.reserves = [];
    this.dry = false;
  }

  lay({ lane, position, pcm }) {
    const { ring } = this.lane(lane);
    const at = position - this.base, first = Math.max(0, Math.ceil(this.head) - at);
    for (let index = first; index < pcm.length; index += 1) ring[(at + index) & (SIZE - 1)] = pcm[index] / 32768;
  }

  lane(number) {
    let lane = this.lanes.get(number);
    if (!lane) {
      lane = new Lane();
      lane.gain = lane.wanted = this.gains.get(number) ?? 1;
      this.lanes.set(number, lane);
    }
    return lane;
  }

  /** How fast to play, by what has been left each time that a block came. */
  judge(reserve) {
    const reserves = this.reserves;
    reserves.push(reserve);
    if (reserves.length > LONG) reserves.shift();
    const second = sampleRate, known = reserves.length >= SHORT;
    const lately = Math.min(...reserves.slice(-SHORT)) - this.target, spare = Math.min(...reserves) - this.target;
    const full = known && (lately > MUCH * second || (reserves.length === LONG && spare > TOO_MUCH * second));
    const late = reserves.length === FIRST && this.fresh && spare > TOO_LITTLE * second; // the output took its time to start
    if (late || (known && lately > FAR_TOO_MUCH * second)) this.skip(spare);
    else if (this.pace > 1 ? lately > 0.005 * second : full) this.run(lately > 0.25 * second ? 1.08 : lately > 0.1 * second ? 1.04 : 1.015);
    else if (this.pace < 1 ? lately < -0.005 * second : lately < -TOO_LITTLE * second) this.run(0.995);
    else this.steady();
    if (++this.calm * BLOCK_SECONDS > CALM_SECONDS && this.target > this.least) {
      this.calm = 0;
      this.target = Math.max(this.least, this.target - Math.max(0.005 * second, (this.target - this.least) * 0.2));
    }
  }

  run(pace) {
    this.pace = this.speed = pace;
    this.gliding = 0;
  }

  /** Back to 1, by way of a glide to a whole sample: a leap of half a sample would click. */
  steady() {
    if (this.pace === 1) return;
    this.pace = 1;
    this.gliding = GLIDE;
    this.speed = 1 + (Math.ceil(this.head) - this.head) / GLIDE;
  }

  settle() {
    this.pace = this.speed = 1;
    this.gliding = 0;
    this.head = Math.round(this.head);
  }

  /** Far behind (the machine slept): straight on to what is new, through a fade. */
  skip(spare) {
    this.fresh = false;
    this.leap = Math.round(spare);
    this.counts.jumps += 1;
    this.reserves = [];
  }

  clear(upTo) {
    const end = Math.floor(upTo);
    const from = Math.max(this.cleared, end - SIZE);
    for (const { ring } of this.lanes.values()) for (let at = from; at < end; at += 1) ring[at & (SIZE - 1)] = 0;
    this.cleared = Math.max(this.cleared, end);
  }

  // --- the audio thread ------------------------------------------------------------------------------------------------

  process(_, [[out]]) {
    const count = out.length;
    if (this.base !== null && !this.dry) {
      this.mix(out, count);
      this.shape(out, count);
      this.head += count * this.speed;
      if (this.gliding && (this.gliding -= count) <= 0) this.settle();
      this.clear(this.head - KEEP);
      if (this.head >= this.newest) this.runDry();
      this.report();
    }
    return !this.ended || (!this.dry && this.level > 0);
  }

  mix(out, count) {
    const whole = this.speed === 1 && Number.isInteger(this.head);
    for (const lane of this.lanes.values()) {
      const { ring } = lane, step = (lane.wanted - lane.gain) / count;
      if (!lane.gain && !lane.wanted) continue;
      for (let index = 0; index < count; index += 1) {
        lane.gain += step;
        const at = this.head + index * this.speed;
        out[index] += lane.gain * (whole ? ring[at & (SIZE - 1)] : between(ring, at));
      }
      lane.gain = lane.wanted;
    }
    if (this.lanes.size > 1 || this.loud()) for (let index = 0; index < count; index += 1) out[index] = limited(out[index]);
  }

  loud() {
    for (const { gain } of this.lanes.values()) if (gain > 1) return true;
    return false;
  }

  /** Fades out before the buffer is dry, at a leap and at the end; in again after it. */
  shape(out, count) {
    const step = 1 / (FADE_SECONDS * sampleRate);
    for (let index = 0; index < count; index += 1) {
      const at = this.head + index * this.speed, left = this.newest - at;
      const down = this.leap || this.ended || at < this.begins || left * step < this.level;
      this.level = down ? Math.max(0, this.level - step) : Math.min(1, this.level + step);
      if (this.level < 1) out[index] *= left > 0 ? this.level : 0;
    }
    if (this.leap && !this.level) {
      this.head += this.leap;
      this.leap = 0;
      this.settle();
    }
  }

  /** Nothing is left: the next block begins anew. */
  runDry() {
    this.dry = true;
    this.driedAt = currentTime;
    this.level = 0;
  }

  report() {
    if (currentTime - this.reported < REPORT_SECONDS) return;
    this.reported = currentTime;
    while (this.arrivals.length > 1 && this.arrivals[0][1] <= this.head) this.arrivals.shift();
    const [, end, arrived] = this.arrivals[0] ?? [];
    const came = arrived === undefined ? null : arrived - ((end - this.head) / sampleRate) * 1000;
    const reserve = ((this.reserves.at(-1) ?? 0) / sampleRate) * 1000;
    this.port.postMessage({ what: "report", time: currentTime, came, reserve, pace: this.pace, ...this.counts });
  }
}

/** Catmull-Rom through the four samples around `at`. */
function between(ring, at) {
  const whole = Math.floor(at), part = at - whole, last = SIZE - 1;
  const a = ring[(whole - 1) & last], b = ring[whole & last], c = ring[(whole + 1) & last], d = ring[(whole + 2) & last];
  return b + 0.5 * part * (c - a + part * (2 * a - 5 * b + 4 * c - d + part * (3 * (b - c) + d - a)));
}

function limited(sample) {
  const loud = Math.abs(sample);
  return loud <= LOUDEST ? sample : Math.sign(sample) * (LOUDEST + KNEE * Math.tanh((loud - LOUDEST) / KNEE));
}

registerProcessor("live-player", LivePlayer);
