// Faster and slower without another pitch (WSOLA): the sound is laid out in overlapping windows, and each window is taken
// from where it fits best to what would have come next. The places are chosen for the sum of all lanes, so the lanes stay
// in step to the sample. Knows nothing of where samples come from.

const HOP_SECONDS = 0.02;
const SEARCH_SECONDS = 0.01;

export class Stretcher {
  /** @param read (start, count) → one Float32Array per lane, or null while they are not here */
  constructor(rate, read) {
    this.read = read;
    this.hop = Math.round(rate * HOP_SECONDS);
    this.search = Math.round(rate * SEARCH_SECONDS);
    this.fade = Float32Array.from({ length: this.hop }, (_, at) => 0.5 - 0.5 * Math.cos((Math.PI * (at + 0.5)) / this.hop));
    this.start(0);
  }

  /** Goes on from frame `place`, without regard to what was before. */
  start(place) {
    this.place = place;
    this.natural = null; // where the window before would go on by itself
  }

  /** The next hop at `speed`, one array per lane; null while samples are missing. `weights`: how loud each lane is. */
  next(speed, weights) {
    const target = Math.round(this.place);
    const natural = this.natural ?? target;
    const from = Math.min(natural, target - this.search);
    const count = Math.max(natural, target + this.search) + 2 * this.hop - from;
    const lanes = this.read(from, count);
    if (!lanes) return null;
    const best = this.natural === null ? target : from + fit(sum(lanes, weights), natural - from, target - from, this.search, this.hop);
    this.natural = best + this.hop;
    this.place += this.hop * speed;
    return lanes.map((lane) => this.#blend(lane, natural - from, best - from));
  }

  #blend(lane, leaving, coming) {
    const made = new Float32Array(this.hop);
    for (let at = 0; at < this.hop; at += 1) {
      made[at] = lane[leaving + at] * (1 - this.fade[at]) + lane[coming + at] * this.fade[at];
    }
    return made;
  }
}

function sum(lanes, weights) {
  const total = new Float32Array(lanes[0]?.length ?? 0);
  lanes.forEach((lane, number) => {
    const weight = weights[number] ?? 1;
    if (weight) for (let at = 0; at < total.length; at += 1) total[at] += weight * lane[at];
  });
  return total;
}

/** Where within `search` of `target` the sound is most like that at `natural`: first roughly, then to the sample. */
function fit(mix, natural, target, search, length) {
  let best = target;
  let most = -Infinity;
  const consider = (from, to, step) => {
    for (let place = from; place <= to; place += step) {
      const likeness = similarity(mix, natural, place, length);
      if (likeness > most) [most, best] = [likeness, place];
    }
  };
  consider(Math.max(0, target - search), target + search, 4);
  const rough = best;
  consider(Math.max(0, rough - 3), Math.min(rough + 3, target + search), 1);
  return best;
}

function similarity(mix, one, other, length) {
  let product = 0;
  let power = 1e-6;
  for (let at = 0; at < length; at += 2) {
    product += mix[one + at] * mix[other + at];
    power += mix[other + at] * mix[other + at];
  }
  return product / Math.sqrt(power);
}
