// What is running, as the server's board tells it (media/live/board.py): a snapshot, then numbered events. A number left
// out, a pause or a lost connection means "not current", which is said and repaired.

import { Socket } from "console/live/socket.js";

const SPEAKING = 128, SILENCE = 127;
const SILENT_MS = 4000;

/** Events: "sessions" (all are new), "session", "gone", "calls", "incoming" and "current". */
export class Feed extends EventTarget {
  constructor() {
    super();
    this.sessions = new Map(); // id → as the server says, with figures: [−dBFS…] and speaking: [bool…]
    this.calls = new Map();
    this.incoming = new Map();
    this.byNumber = new Map();
    this.seq = null;
    this.ahead = 0; // ms that the server's clock is ahead of ours
    this.currentAt = null;
    this.problem = "Connecting …";
    this.socket = new Socket("/ws/board");
    this.socket.addEventListener("open", () => { this.seq = null; this.heardAt = performance.now(); });
    this.socket.addEventListener("message", ({ detail }) => this.#hear(JSON.parse(detail)));
    this.socket.addEventListener("lost", ({ detail }) => this.#lost(detail));
    setInterval(() => this.#look(), 1000);
    addEventListener("online", () => this.socket.again());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.socket.again(); });
  }

  /** The server's clock, ms since the epoch. */
  now() {
    return Date.now() + this.ahead;
  }

  #hear(message) {
    this.heardAt = performance.now();
    this.ahead = message.at - Date.now();
    if (message.type === "snapshot") this.#begin(message);
    else if (this.seq === null && message.type === "beat") this.#judge(message.trouble);
    else if (this.seq === null) return;
    else if (message.seq !== this.seq + 1) this.#hole();
    else this.#take(message);
    if (message.type === "beat") this.socket.send({ type: "ack", seq: message.seq });
  }

  #begin({ seq, sessions, calls, incoming, trouble }) {
    this.seq = seq;
    this.sessions.clear();
    this.byNumber.clear();
    for (const session of sessions) this.#keep(session);
    this.calls = new Map(calls.map((call) => [call.id, call]));
    this.incoming = new Map(incoming.map((call) => [call.id, call]));
    this.dispatchEvent(new Event("sessions"));
    this.#judge(trouble);
  }

  #take(message) {
    this.seq = message.seq;
    if (message.type === "levels") this.#levels(message);
    if (message.type === "session") this.#say("session", this.#keep(message.session));
    if (message.type === "gone") this.#gone(message);
    if (message.type === "call") this.#say("calls", this.calls.set(message.call.id, message.call));
    if (message.type === "call_gone") this.#say("calls", this.calls.delete(message.id));
    if (message.type === "incoming") this.#ring(this.incoming.set(message.incoming.id, message.incoming));
    if (message.type === "incoming_gone") this.#ring(this.incoming.delete(message.id));
    if (message.type === "beat") this.#judge(message.trouble);
  }

  #ring() {
    this.#say("calls");
    this.#say("incoming");
  }

  #keep(session) {
    const before = this.sessions.get(session.id);
    const count = session.participants.length;
    const fill = (old, value) => Array.from({ length: count }, (_, index) => old?.[index] ?? value);
    const kept = { ...session, figures: fill(before?.figures, SILENCE), speaking: fill(before?.speaking, false) };
    kept.spoke = session.spoke.map((at, index) => Math.max(at ?? 0, before?.spoke[index] ?? 0) || null);
    this.sessions.set(session.id, kept);
    this.byNumber.set(session.n, kept);
    return kept;
  }

  #gone(message) {
    const session = this.sessions.get(message.id);
    if (!session) return;
    this.sessions.delete(message.id);
    this.byNumber.delete(session.n);
    this.#say("gone", { ...session, ...message });
  }

  #levels({ at, of }) {
    for (const [number, figures] of Object.entries(of)) {
      const session = this.byNumber.get(Number(number));
      if (!session) continue;
      figures.forEach((figure, lane) => {
        session.speaking[lane] = figure >= SPEAKING;
        session.figures[lane] = figure % SPEAKING;
        if (figure >= SPEAKING) session.spoke[lane] = at;
      });
    }
  }

  #hole() {
    this.seq = null;
    this.socket.send({ type: "snapshot" });
    this.#judge("Something was missed; asking for all of it again.");
  }

  #look() {
    if (this.socket.connected && performance.now() - this.heardAt > SILENT_MS) this.socket.renew();
  }

  #lost({ code, reason, final }) {
    this.seq = null;
    const why = reason || (code === 1006 ? "The server does not answer." : `The connection ended (code ${code}).`);
    this.final = final;
    this.#judge(final ? why : `${why} Trying again.`);
  }

  #judge(problem) {
    if (!problem) this.currentAt = new Date();
    const changed = problem !== this.problem;
    this.problem = problem;
    if (changed) this.dispatchEvent(new Event("current"));
  }

  #say(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
