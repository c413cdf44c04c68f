// The session's sound in pieces of ten seconds, the participants side by side; of those that are muted none. Fetched when
// somebody wants to hear them (fetching is on record), kept as long as there is room: a call of hours is never held whole.
// Knows nothing of playing.

export const PIECE_SECONDS = 10;
/** The number of the piece in which that second lies. */
export const pieceOf = (place) => Math.floor(place / PIECE_SECONDS + 1e-9);

const KEPT_BYTES = 48 * 2 ** 20;
const AT_ONCE = 2;

export class Pieces extends EventTarget {
  /** @param fetchPiece (fromMs, toMs, lanes, signal) → ArrayBuffer of a WAV file with a channel for each of `lanes`
   *  (numbers, ascending). Events: "came", "refused" (detail: an Error). */
  constructor(fetchPiece) {
    super();
    this.fetchPiece = fetchPiece;
    this.kept = new Map(); // number → [{samples: Int16Array, frames}, by lane, with holes]; the first was not used for longest
    this.asked = new Map(); // number → AbortController
    this.chosen = [];
    this.count = 0;
    this.lengthMs = 0;
    this.rate = 0;
  }

  /** What there is now: `count` lanes. Another `identity` (participants, order, origin, rate) makes all that is kept worthless. */
  grow(identity, rate, lengthMs, count) {
    if (identity !== this.identity) this.forget();
    Object.assign(this, { identity, rate, lengthMs, count });
  }

  /** Which lanes are heard, as numbers, ascending; of the others nothing is fetched. */
  choose(lanes) {
    this.chosen = lanes;
  }

  forget() {
    this.asked.forEach((controller) => controller.abort());
    this.asked.clear();
    this.kept.clear();
  }

  /** The samples of every lane from frame `start` on, `count` of each; null while a piece of them is on its way. */
  read(start, count) {
    const size = PIECE_SECONDS * this.rate;
    const found = [];
    for (let number = Math.max(0, Math.floor(start / size)); number * size < start + count; number += 1) {
      const piece = this.want(number, start + count - number * size);
      if (!piece) return null;
      found.push([number * size, piece]);
    }
    const lanes = Array.from({ length: this.count }, () => new Float32Array(count));
    for (const [begin, piece] of found) copy(piece, begin, start, count, lanes);
    return lanes;
  }

  /** The piece, if its first `frames` are here as far as they exist, of all who are heard; else asks for it and gives null. */
  want(number, frames = Infinity) {
    const exist = this.#framesOf(number);
    if (exist <= 0 || !this.chosen.length) return this.kept.get(number) ?? [];
    const piece = this.kept.get(number) ?? [];
    const missing = this.chosen.filter((lane) => !(piece[lane]?.frames >= Math.min(exist, frames)));
    if (missing.length) {
      this.#ask(number, missing);
      return null;
    }
    this.#keep(number, piece);
    return piece;
  }

  /** Whether anything of these lanes is here of that piece. */
  holds(lanes, number) {
    return lanes.every((lane) => this.kept.get(number)?.[lane]);
  }

  #framesOf(number) {
    const size = PIECE_SECONDS * this.rate;
    return Math.min(size, Math.floor((this.lengthMs * this.rate) / 1000) - number * size);
  }

  async #ask(number, lanes) {
    if (this.asked.has(number) || this.asked.size >= AT_ONCE) return;
    const controller = new AbortController();
    this.asked.set(number, controller);
    const fromMs = number * PIECE_SECONDS * 1000;
    const toMs = Math.min(this.lengthMs, fromMs + PIECE_SECONDS * 1000);
    try {
      const came = unpack(await this.fetchPiece(fromMs, toMs, lanes, controller.signal));
      if (controller.signal.aborted) return;
      const frames = Math.max(came.frames, Math.floor(((toMs - fromMs) * this.rate) / 1000));
      const piece = this.kept.get(number)?.slice() ?? []; // holes and all
      lanes.forEach((lane, channel) => { piece[lane] = { samples: came.lanes[channel], frames }; });
      this.#keep(number, piece);
      this.#makeRoom();
    } catch (error) {
      if (!controller.signal.aborted) this.dispatchEvent(new CustomEvent("refused", { detail: error }));
    } finally {
      if (this.asked.get(number) === controller) this.asked.delete(number);
    }
    if (!controller.signal.aborted) this.dispatchEvent(new Event("came"));
  }

  /** As the one used last. */
  #keep(number, piece) {
    this.kept.delete(number);
    this.kept.set(number, piece);
  }

  #makeRoom() {
    const bytesOf = (piece) => piece.reduce((sum, lane) => sum + (lane?.samples.byteLength ?? 0), 0);
    let bytes = [...this.kept.values()].reduce((sum, piece) => sum + bytesOf(piece), 0);
    for (const number of [...this.kept.keys()].slice(0, -4)) { // those just heard and about to be heard stay in any case
      if (bytes <= KEPT_BYTES) return;
      bytes -= bytesOf(this.kept.get(number));
      this.kept.delete(number);
    }
  }
}

function copy(piece, begin, start, count, lanes) {
  piece.forEach(({ samples }, number) => { // holes are passed over
    const from = Math.max(start, begin);
    const to = Math.min(start + count, begin + samples.length);
    const target = lanes[number];
    for (let at = from; at < to; at += 1) target[at - start] = samples[at - begin] / 32768;
  });
}

/** A 16-bit WAV file as one array per channel. */
export function unpack(buffer) {
  const view = new DataView(buffer);
  const channels = view.getUint16(22, true);
  let at = 12;
  while (view.getUint32(at, false) !== 0x64617461) at += 8 + view.getUint32(at + 4, true); // "data"
  const samples = new Int16Array(buffer, at + 8, (buffer.byteLength - at - 8) >> 1);
  const frames = Math.floor(samples.length / channels);
  const lanes = Array.from({ length: channels }, () => new Int16Array(frames));
  for (let frame = 0, from = 0; frame < frames; frame += 1) {
    for (let channel = 0; channel < channels; channel += 1, from += 1) lanes[channel][frame] = samples[from];
  }
  return { lanes, frames };
}
