// One running call, heard: its socket, its player, its lanes with mute, solo and gain, and how far behind it is.

import { parse } from "console/live/block.js";
import { ServerClock } from "console/live/clock.js";
import { heardAt, impossible, output, silenced } from "console/live/output.js";
import { Socket } from "console/live/socket.js";

const ACK_EVERY = 10; // blocks
const PING_MS = 5000, FIRST_PINGS = 5, FIRST_PING_MS = 150;
const SILENT_MS = 4000;

/** Events: "lanes" (who can be heard has changed), "state" (lag, problem, waiting), "block" (for who wants the samples). */
export class Ear extends EventTarget {
  constructor(session) {
    super();
    this.session = session;
    this.lanes = new Map(); // number → {id, label, raw_id, muted, solo, gain}
    this.clock = new ServerClock();
    this.problem = impossible();
    this.lag = null; // seconds from a frame's arrival at the server to the speaker
    this.waiting = true;
    this.told = "";
    this.heard = 0;
    if (this.problem) return;
    this.socket = new Socket(`/ws/sessions/${session}/listen`);
    this.socket.addEventListener("open", () => { this.pings = 0; this.#ping(); });
    this.socket.addEventListener("message", ({ detail }) => (typeof detail === "string" ? this.#hear(JSON.parse(detail)) : this.#sound(detail)));
    this.socket.addEventListener("lost", ({ detail }) => this.#lost(detail));
    this.watch = setInterval(() => this.#look(), 1000);
  }

  /** Fades out and is gone. */
  close() {
    clearInterval(this.watch);
    clearTimeout(this.pinging);
    this.socket?.close();
    this.#silence();
    this.closed = true;
    this.dispatchEvent(new Event("state"));
  }

  change(number, values) {
    Object.assign(this.lanes.get(number), values);
    this.#mix();
    this.dispatchEvent(new Event("lanes"));
  }

  /** Why nothing comes any more, as the board knows it before the socket does; "" where the call runs. */
  tell(words) {
    if (words === this.told) return;
    this.told = words;
    this.dispatchEvent(new Event("state"));
  }

  get sentence() {
    if (this.problem) return this.problem;
    if (this.over || this.told) return this.over || this.told;
    const where = this.lag === null ? "waiting for sound" : `${this.lag.toFixed(1)} s behind`;
    return `Listening silently — nobody on the call can hear you · ${where}`;
  }

  // --- what comes over the socket --------------------------------------------------------------------------------------

  #hear(message) {
    if (message.type === "pong") this.clock.note(message.t, performance.now(), message.now);
    if (message.type !== "lane") return;
    const known = [...this.lanes.values()].find((lane) => lane.id === message.id); // its number may be new after a break
    this.lanes.set(message.lane, { muted: false, solo: false, gain: 1, ...known, ...message });
    this.#mix();
    this.dispatchEvent(new Event("lanes"));
  }

  async #sound(buffer) {
    const block = parse(buffer);
    this.heard += 1;
    if (this.heard % ACK_EVERY === 0) this.socket.send({ type: "ack", seq: block.seq });
    this.arrivedAt = performance.now();
    this.dispatchEvent(new CustomEvent("block", { detail: block }));
    if (block.rate !== this.rate) await this.#play(block.rate);
    const segments = block.segments.filter(({ rate }) => rate === this.rate);
    if (this.node && segments.length) this.node.port.postMessage({ what: "block", segments, arrived: block.arrived }, [buffer]);
  }

  async #play(rate) {
    this.rate = rate;
    this.#silence();
    const context = await output(rate);
    if (this.closed || rate !== this.rate) return;
    this.context = context;
    this.node = new AudioWorkletNode(context, "live-player", { numberOfInputs: 0, outputChannelCount: [1] });
    this.node.port.onmessage = ({ data }) => this.#report(data);
    this.node.connect(context.destination);
    this.#mix();
  }

  #silence() {
    const { node } = this;
    this.node = null;
    node?.port.postMessage({ what: "stop" });
    if (node) setTimeout(() => node.disconnect(), 100);
  }

  /** Solo beats mute of the others: who is solo is heard, and nobody else. */
  #mix() {
    const solo = [...this.lanes.values()].some((lane) => lane.solo);
    for (const [lane, { muted, solo: alone, gain }] of this.lanes) {
      const value = (solo ? alone : !muted) ? gain : 0;
      this.node?.port.postMessage({ what: "gain", lane, value });
    }
  }

  // --- how it goes -----------------------------------------------------------------------------------------------------

  #report(report) {
    this.report = report;
    const now = this.clock.at(heardAt(this.context, report.time));
    if (now !== undefined && report.came !== null) this.lag = Math.max(0, (now - report.came) / 1000);
    this.dispatchEvent(new Event("state"));
  }

  #look() {
    this.waiting = !this.arrivedAt || performance.now() - this.arrivedAt > SILENT_MS;
    if (this.waiting) this.lag = null;
    if (!this.over && !impossible()) this.problem = this.context ? silenced(this.context) : this.lost ?? "";
    this.dispatchEvent(new Event("state"));
  }

  #ping() {
    clearTimeout(this.pinging);
    this.socket.send({ type: "ping", t: performance.now() });
    this.pings += 1;
    this.lost = undefined;
    this.pinging = setTimeout(() => this.#ping(), this.pings < FIRST_PINGS ? FIRST_PING_MS : PING_MS);
  }

  #lost({ code, reason, final }) {
    clearTimeout(this.pinging);
    this.lag = null;
    if (final) this.over = reason || `The server closed this (code ${code}).`;
    else this.lost = `${reason || "The connection broke off."} Trying again.`;
    if (final) this.#silence();
    else this.problem = this.lost;
    this.dispatchEvent(new Event("state"));
  }
}
