// The session's sound in pieces of ten seconds, all participants side by side. Fetched when somebody wants to hear them
// (fetching is on record), kept as long as there is room: a call of hours is never held whole. Knows nothing of playing.

export const PIECE_SECONDS = 10;
const KEPT_BYTES = 48 * 2 ** 20;
const AT_ONCE = 2;

export class Pieces extends EventTarget {
  /** @param fetchPiece (fromMs, toMs, signal) → ArrayBuffer of a WAV file. Events: "came", "refused" (detail: an Error). */
  constructor(fetchPiece) {
    super();
    this.fetchPiece = fetchPiece;
    this.kept = new Map(); // number → {lanes: [Int16Array], frames}; the first was not used for longest
    this.asked = new Map(); // number → AbortController
    this.lengthMs = 0;
    this.rate = 0;
  }

  /** What there is now. Another `identity` (participants, order, origin, rate) makes all that is kept worthless. */
  grow(identity, rate, lengthMs) {
    if (identity !== this.identity) this.forget();
    this.identity = identity;
    this.rate = rate;
    this.lengthMs = lengthMs;
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
    const lanes = Array.from({ length: Math.max(...found.map(([, piece]) => piece.lanes.length)) }, () => new Float32Array(count));
    for (const [begin, piece] of found) copy(piece, begin, start, count, lanes);
    return lanes;
  }

  /** The piece, if its first `frames` are here as far as they exist; else asks for it and gives null. */
  want(number, frames = Infinity) {
    const exist = this.#framesOf(number);
    if (exist <= 0) return SILENCE;
    const piece = this.kept.get(number);
    if (!piece || piece.frames < Math.min(exist, frames)) {
      this.#ask(number);
      return null;
    }
    this.kept.delete(number);
    this.kept.set(number, piece);
    return piece;
  }

  #framesOf(number) {
    const size = PIECE_SECONDS * this.rate;
    return Math.min(size, Math.floor((this.lengthMs * this.rate) / 1000) - number * size);
  }

  async #ask(number) {
    if (this.asked.has(number) || this.asked.size >= AT_ONCE) return;
    const controller = new AbortController();
    this.asked.set(number, controller);
    const fromMs = number * PIECE_SECONDS * 1000;
    const toMs = Math.min(this.lengthMs, fromMs + PIECE_SECONDS * 1000);
    try {
      const piece = unpack(await this.fetchPiece(fromMs, toMs, controller.signal));
      if (controller.signal.aborted) return;
      piece.frames = Math.max(piece.frames, Math.floor(((toMs - fromMs) * this.rate) / 1000));
      this.kept.delete(number);
      this.kept.set(number, piece);
      this.#makeRoom();
    } catch (error) {
      if (!controller.signal.aborted) this.dispatchEvent(new CustomEvent("refused", { detail: error }));
    } finally {
      if (this.asked.get(number) === controller) this.asked.delete(number);
    }
    if (!controller.signal.aborted) this.dispatchEvent(new Event("came"));
  }

  #makeRoom() {
    let bytes = 0;
    const oldest = [...this.kept.keys()];
    for (const { lanes } of this.kept.values()) bytes += lanes.reduce((sum, lane) => sum + lane.byteLength, 0);
    for (const number of oldest.slice(0, -4)) { // those just heard and about to be heard stay in any case
      if (bytes <= KEPT_BYTES) return;
      bytes -= this.kept.get(number).lanes.reduce((sum, lane) => sum + lane.byteLength, 0);
      this.kept.delete(number);
    }
  }
}

const SILENCE = { lanes: [], frames: 0 };

function copy(piece, begin, start, count, lanes) {
  const from = Math.max(start, begin);
  const to = Math.min(start + count, begin + (piece.lanes[0]?.length ?? 0));
  if (to <= from) return;
  piece.lanes.forEach((lane, number) => {
    const target = lanes[number];
    for (let at = from; at < to; at += 1) target[at - start] = lane[at - begin] / 32768;
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
