// Plays the lanes of a session together: short blocks of every lane are laid out on the clock of one AudioContext, each
// lane through a gain of its own, so that they stay in step to the sample whatever is muted. Runs without secure context
// (no worklet). Knows nothing of the page and of the API.

import { PIECE_SECONDS, pieceOf } from "./pieces.js";
import { fade, joined, limited } from "./samples.js";
import { Stretcher } from "./stretch.js";

const BLOCK_SECONDS = 0.2;
const AHEAD_SECONDS = 0.5;
const AHEAD_HIDDEN_SECONDS = 2.6; // the browser wakes a hidden page once a second
const EDGE_SECONDS = 0.006; // fades where sound is cut, so that it does not click
const PUMP_MS = 80;

export class Sound extends EventTarget {
  /** Events: "move" (place or state changed), "refused" (detail: an Error). `pieces` is a Pieces. */
  constructor(pieces) {
    super();
    this.pieces = pieces;
    this.length = 0; // seconds that exist
    this.live = false;
    this.state = "paused"; // paused, playing, loading, waiting (for a running call to go on)
    this.rate = 0;
    this.speed = 1;
    this.gains = []; // of each lane, factors
    this.silences = []; // [from, to] in seconds, ascending; passed over while `skipping`
    this.skipping = false;
    this.loop = null; // [from, to] in seconds
    this.laid = []; // {from, to} on the context's clock, {place, end} in the session: what is being heard
    this.resting = 0; // the place where nothing is laid out
    pieces.addEventListener("came", () => this.#came());
    pieces.addEventListener("refused", (event) => this.#refuse(event.detail));
    this.ending = new AbortController();
    document.addEventListener("visibilitychange", () => this.#pump(), { signal: this.ending.signal });
  }

  get playing() {
    return this.state !== "paused";
  }

  /** The place being heard, in seconds. */
  get place() {
    if (!this.context || !this.laid.length) return this.resting;
    const now = this.context.currentTime - (this.context.outputLatency || 0);
    const block = this.laid.findLast(({ from }) => from <= now) ?? this.laid[0];
    const share = Math.min(1, Math.max(0, (now - block.from) / (block.to - block.from)));
    return block.place + share * (block.end - block.place);
  }

  /** For good. */
  close() {
    this.ending.abort();
    this.#close();
  }

  grow(rate, length, live) {
    if (this.rate && rate !== this.rate) this.#close();
    [this.rate, this.length, this.live] = [rate, length, live];
    if (this.state === "waiting" && !live && this.cursor >= this.#frames(length)) this.pause();
    this.#pump();
    this.#moved();
  }

  seek(place) {
    const to = Math.min(Math.max(0, place), this.length);
    this.#from(to);
  }

  async play() {
    if (!this.rate) return;
    if (this.place >= this.length - 0.05 && !this.live) this.resting = 0;
    else this.resting = this.place;
    this.#open();
    this.state = "loading";
    this.#from(this.resting);
    await this.context.resume().catch(() => {});
    if (this.playing && this.context.state === "suspended") this.#refuse(null);
  }

  pause() {
    const place = this.place;
    this.state = "paused";
    clearInterval(this.timer);
    this.#cut();
    this.resting = place;
    clearTimeout(this.rest);
    this.rest = setTimeout(() => { if (!this.playing) this.context?.suspend(); }, 300); // after the fade
    this.#moved();
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  /** What changes how the sound is laid out from here on: speed, loop, whether silence is passed over. */
  set(changes) {
    Object.assign(this, changes);
    if (this.playing) this.#from(this.place);
    this.#moved();
  }

  /** How loud each lane is, from now on. Of those that are not heard nothing is fetched; one that is heard again joins as
   *  soon as its samples are here, and what was laid out without it is laid out anew. */
  mix(gains) {
    const heard = [...gains.keys()].filter((lane) => gains[lane]);
    const coming = heard.filter((lane) => !this.pieces.chosen.includes(lane));
    this.pieces.choose(heard);
    this.gains = gains;
    this.joining ||= !this.laid.every(({ place }) => this.pieces.holds(coming, pieceOf(place)));
    if (this.joining && this.playing) this.#came();
    this.channels?.forEach((channel, number) => channel.gain.setTargetAtTime(gains[number] ?? 1, this.context.currentTime, 0.008));
  }

  #came() {
    if (this.joining && this.laid.length && this.pieces.want(pieceOf(this.place))) this.#from(this.place);
    else this.#pump();
  }

  // --- laying out ---------------------------------------------------------------------------------------------------------

  #open() {
    clearInterval(this.timer);
    this.timer = setInterval(() => this.#pump(), PUMP_MS);
    if (this.context) return;
    this.context = new AudioContext({ sampleRate: this.rate, latencyHint: "playback" });
    this.output = limited(this.context);
    this.channels = [];
    this.stretcher = new Stretcher(this.rate, (start, count) => this.pieces.read(start, count));
  }

  #close() {
    this.pause();
    this.context?.close();
    this.context = null;
  }

  /** Forgets what is laid out and goes on from `place`. */
  #from(place) {
    this.#cut();
    this.resting = place;
    this.cursor = this.#frames(place);
    this.stretcher?.start(this.cursor);
    this.jumped = true;
    this.joining = false;
    if (this.playing) this.#pump();
    this.#moved();
  }

  #cut() {
    if (!this.run) return;
    const now = this.context.currentTime;
    this.run.gain.setTargetAtTime(0, now, EDGE_SECONDS / 3);
    for (const source of this.sources) source.stop(now + 2 * EDGE_SECONDS);
    this.run = null;
    this.laid = [];
  }

  #pump() {
    if (!this.playing || !this.context) return;
    const ahead = document.hidden ? AHEAD_HIDDEN_SECONDS : AHEAD_SECONDS;
    const now = this.context.currentTime;
    if (!this.run) this.#begin(now + 0.02);
    while (this.when < (now + ahead) * this.rate) {
      if (!this.#lay()) break;
    }
    this.laid = this.laid.filter(({ to }, number) => to > now - 1 || number === this.laid.length - 1);
    this.#fetchAhead();
    if (this.state === "ending" && now * this.rate >= this.when) return this.#finish();
    this.#moved();
  }

  #begin(at) {
    this.run = this.context.createGain();
    this.run.connect(this.output);
    this.sources = new Set();
    this.channels = [];
    this.when = Math.ceil(at * this.rate);
  }

  /** Lays out one block; false where there is nothing to lay out now. */
  #lay() {
    this.cursor = this.#leap(this.cursor);
    const border = this.#border(this.cursor);
    if (this.cursor >= border) return this.#stall(this.live ? "waiting" : "ending");
    const block = this.#block(border);
    if (!block) return this.#stall("loading");
    if (this.when < this.context.currentTime * this.rate) this.when = Math.ceil((this.context.currentTime + 0.02) * this.rate);
    this.state = "playing";
    const count = block.lanes[0]?.length ?? 0;
    const edge = Math.round(EDGE_SECONDS * this.rate);
    if (this.jumped) block.lanes.forEach((lane) => fade(lane, edge));
    if (block.end === border) block.lanes.forEach((lane) => fade(lane, edge, true));
    this.jumped = false;
    block.lanes.forEach((lane, number) => this.#schedule(lane, number));
    const [from, to] = [this.when / this.rate, (this.when + count) / this.rate];
    this.laid.push({ from, to, place: this.cursor / this.rate, end: block.end / this.rate });
    this.when += count;
    this.cursor = block.end;
    return true;
  }

  #stall(state) {
    this.state = state;
    return false;
  }

  /** The next samples of all lanes, and the place after them. */
  #block(border) {
    if (this.speed === 1) {
      const count = Math.min(Math.round(BLOCK_SECONDS * this.rate), border - this.cursor);
      const lanes = this.pieces.read(this.cursor, count);
      return lanes && { lanes, end: this.cursor + count };
    }
    if (Math.abs(this.stretcher.place - this.cursor) > 1) this.stretcher.start(this.cursor);
    const hops = [];
    while (hops.length < 10 && this.stretcher.place < border) {
      const hop = this.stretcher.next(this.speed, this.gains);
      if (!hop) break;
      hops.push(hop);
    }
    if (!hops.length) return null;
    const lanes = hops[0].map((_, number) => joined(hops.map((hop) => hop[number])));
    return { lanes, end: Math.min(border, Math.round(this.stretcher.place)) };
  }

  #schedule(samples, number) {
    if (!samples.some(Boolean)) return;
    const buffer = this.context.createBuffer(1, samples.length, this.rate);
    buffer.copyToChannel(samples, 0);
    const source = new AudioBufferSourceNode(this.context, { buffer });
    source.connect(this.#channel(number));
    source.start(this.when / this.rate);
    this.sources.add(source);
    source.addEventListener("ended", () => { source.disconnect(); this.sources.delete(source); });
  }

  #channel(number) {
    if (!this.channels[number]) {
      this.channels[number] = new GainNode(this.context, { gain: this.gains[number] ?? 1 });
      this.channels[number].connect(this.run);
    }
    return this.channels[number];
  }

  // --- where to go on -----------------------------------------------------------------------------------------------------

  /** From the end of the loop to its beginning; from within a common silence to its end. */
  #leap(cursor) {
    const [loopFrom, loopTo] = this.loop?.map((place) => this.#frames(place)) ?? [0, Infinity];
    if (this.loop && cursor >= loopTo - 1) {
      this.jumped = true;
      return loopFrom;
    }
    const silence = this.skipping && this.#silenceAt(cursor);
    return silence ? Math.min(this.#frames(silence[1]), loopTo) : cursor;
  }

  /** How far the sound can be laid out in one go. */
  #border(cursor) {
    let border = this.#frames(this.length);
    if (this.loop) border = Math.min(border, this.#frames(this.loop[1]));
    if (this.skipping) {
      const next = this.silences.find(([from]) => this.#frames(from) > cursor);
      if (next) border = Math.min(border, this.#frames(next[0]));
    }
    return border;
  }

  #silenceAt(cursor) {
    return this.silences.find(([from, to]) => this.#frames(from) <= cursor && cursor < this.#frames(to));
  }

  #fetchAhead() {
    const ahead = PIECE_SECONDS * (1 - 1 / (2 * Math.max(1, this.speed)));
    this.pieces.want(pieceOf(this.cursor / this.rate + ahead));
  }

  #finish() {
    this.pause();
    this.resting = this.loop ? this.loop[0] : this.length;
    this.#moved();
  }

  #refuse(error) {
    if (this.playing) this.pause();
    this.dispatchEvent(new CustomEvent("refused", { detail: error }));
  }

  #frames(place) {
    return Math.floor(place * this.rate + 1e-6);
  }

  #moved() {
    this.dispatchEvent(new Event("move"));
  }
}
