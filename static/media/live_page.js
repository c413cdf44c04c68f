// Keeps the page of a running session current: asks for its parts every two seconds until the session has ended, and puts
// each in the place of the one with its id. What is not among them (the player) is left alone.

import { morph } from "./morph.js";

const ASK_EVERY_MS = 2000;
const PATIENCE_MS = 10000;

class LivePage {
  constructor(root) {
    this.root = root;
    this.currentAt = new Date();
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.refresh(); });
    this.#later();
  }

  async refresh() {
    if (this.done || this.asking) return;
    clearTimeout(this.timer);
    this.asking = true;
    try {
      this.#show(await parts(this.root.dataset.live));
    } catch (error) {
      this.done = error instanceof Refused;
      this.#admit(error);
    }
    this.asking = false;
    this.#later();
  }

  #later() {
    if (!this.done && !document.hidden) this.timer = setTimeout(() => this.refresh(), ASK_EVERY_MS);
  }

  #show(fresh) {
    this.done = !("live" in fresh.dataset);
    this.currentAt = new Date();
    for (const part of fresh.querySelectorAll("[id^=session-]")) {
      const old = document.getElementById(part.id);
      if (old) morph(old, part);
    }
  }

  /** The page must not pass off old figures as new ones. */
  #admit(error) {
    const since = this.currentAt.toTimeString().slice(0, 5);
    const mark = this.root.querySelector("[data-stale]");
    const text = `not current since ${since}${error instanceof Refused ? ": sign in again or reload the page" : ""}`;
    if (mark.textContent !== text) mark.textContent = text;
  }
}

/** The server will not give it, however often it is asked. */
class Refused extends Error {}

/** The body of the document of parts; where somebody is signed out, the answer is the page to sign in. */
async function parts(url) {
  const answer = await fetch(url, { credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
  if (answer.redirected || (answer.status >= 400 && answer.status < 500)) throw new Refused();
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  return new DOMParser().parseFromString(await answer.text(), "text/html").body;
}

document.querySelectorAll("[data-live]").forEach((root) => new LivePage(root));
