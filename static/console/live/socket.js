// A WebSocket that comes back by itself, a little later each time; and the codes after which it must not.

export const SIGN_IN = 4401, NOT_ALLOWED = 4403, NOT_FOUND = 4404, TOO_SLOW = 4408, NOT_LIVE = 4409, ENDED = 1000;
const FINAL = new Set([SIGN_IN, NOT_ALLOWED, NOT_FOUND, NOT_LIVE, ENDED]);
const FIRST_WAIT_MS = 500, LONGEST_WAIT_MS = 8000;

/** Events: "open", "message" (detail: text or ArrayBuffer), "lost" (detail: {code, reason, final, again: ms}). */
export class Socket extends EventTarget {
  constructor(path) {
    super();
    this.url = new URL(path, location.href.replace(/^http/, "ws"));
    this.wait = FIRST_WAIT_MS;
    this.#open();
  }

  get connected() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  send(facts) {
    if (this.connected) this.socket.send(JSON.stringify(facts));
  }

  /** For good. */
  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.socket.close();
  }

  /** At once instead of after the pause. */
  again() {
    if (this.closed || this.connected || this.socket.readyState === WebSocket.CONNECTING) return;
    clearTimeout(this.timer);
    this.#open();
  }

  /** Something is wrong with this connection (it is silent): a new one. */
  renew() {
    const old = this.socket;
    this.#lost(old, 4000, "Nothing came any more.");
    old.close();
  }

  #open() {
    const socket = new WebSocket(this.url);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.addEventListener("open", () => this.dispatchEvent(new Event("open")));
    socket.addEventListener("message", ({ data }) => {
      if (socket !== this.socket) return;
      this.wait = FIRST_WAIT_MS;
      this.dispatchEvent(new CustomEvent("message", { detail: data }));
    });
    socket.addEventListener("close", ({ code, reason }) => this.#lost(socket, code, reason));
  }

  #lost(socket, code, reason) {
    if (this.closed || socket !== this.socket || socket.given) return;
    socket.given = true; // up
    const final = FINAL.has(code);
    this.closed = final;
    const again = this.wait * (0.75 + Math.random() / 2);
    if (!final) this.timer = setTimeout(() => this.#open(), again);
    this.wait = Math.min(LONGEST_WAIT_MS, this.wait * 2);
    this.dispatchEvent(new CustomEvent("lost", { detail: { code, reason, final, again } }));
  }
}
