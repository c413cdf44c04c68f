// The player of a session: finds [data-player] in the page and brings it to life. Works while the call runs: what is new
// is asked for every few seconds, and drawn.

import { Lane } from "./lane.js";
import { SessionApi } from "./session_api.js";
import { Sound } from "./sound.js";
import { seconds } from "./times.js";
import { Transport } from "./transport.js";

const ASK_EVERY_MS = 3000;
const LOUDEST_GAIN = 12; // a lane of near silence is not blown up further

class Player {
  constructor(root) {
    this.root = root;
    this.api = new SessionApi(root.dataset.player);
    this.sound = new Sound(root.querySelector("[data-audio]"), (toMs) => this.api.audioUrl(toMs));
    this.transport = new Transport(root, this.sound);
    this.lanes = [];
    this.drawnMs = -1;
    this.sound.addEventListener("refused", (event) => this.explain(event.detail));
    this.sound.addEventListener("move", () => this.status());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.refresh(); });
    const watch = new MutationObserver(() => this.lanes.forEach((lane) => lane.recolour()));
    watch.observe(document.documentElement, { attributes: true, attributeFilter: ["class", "data-bs-theme", "data-theme"] });
  }

  async start() {
    await this.refresh();
    const moment = seconds(new URLSearchParams(location.search).get("t") || "0");
    if (moment) this.sound.seek(moment);
  }

  /** Asks once what there is; asks again later as long as the call runs. */
  async refresh() {
    clearTimeout(this.later);
    try {
      await this.apply(await this.api.session());
      this.say(this.fault === "session" ? "" : undefined);
    } catch (error) {
      this.say(error.message, "session");
    }
    if (this.session?.live !== false && !document.hidden) this.later = setTimeout(() => this.refresh(), ASK_EVERY_MS);
  }

  async apply(session) {
    const ended = this.session?.live && !session.live;
    this.session = session;
    this.transport.startedAt = session.audio_started_at ? new Date(session.audio_started_at) : null;
    this.arrange(session.participants);
    this.root.querySelector("[data-wait]").textContent = emptiness(session);
    this.sound.grow(session.duration_ms / 1000, session.live);
    if (session.duration_ms > 0) this.transport.enable();
    if (session.duration_ms !== this.drawnMs || ended) await this.draw(session.duration_ms);
    if (ended) this.say("The call has ended and everything is stored.");
  }

  /** A lane for each participant, in the session's order. */
  arrange(participants) {
    const order = participants.map((participant) => participant.id + participant.label).join();
    if (order === this.order) return;
    this.order = order;
    this.drawnMs = -1;
    const box = this.root.querySelector("[data-lanes]");
    this.root.querySelector("[data-wait]").hidden = participants.length > 0;
    this.lanes.forEach((lane) => lane.element.remove());
    this.lanes = participants.map((participant, number) => new Lane(participant, number));
    box.prepend(...this.lanes.map((lane) => lane.element));
  }

  async draw(lengthMs) {
    const waveforms = this.lanes.map((lane) => this.api.waveform(lane.participant.id, lane.points()));
    const [gaps, ...drawn] = await Promise.allSettled([this.api.gaps(), ...waveforms]);
    const peak = loudest(drawn.filter((one) => one.status === "fulfilled").map((one) => one.value));
    const gain = Math.min(LOUDEST_GAIN, 122 / Math.max(1, peak));
    this.lanes.forEach((lane, number) => {
      const { value, reason } = drawn[number];
      if (value) lane.draw(value, lengthMs, gain);
      else lane.fail(reason.message, () => this.draw(lengthMs));
      if (gaps.value && lengthMs) lane.hatch(gaps.value, lengthMs);
    });
    if (gaps.reason) this.say(`The gaps are not drawn: ${gaps.reason.message}`, "gaps");
    if (drawn.every((one) => one.status === "fulfilled")) this.drawnMs = lengthMs;
  }

  /** Says why the sound did not come; a snapshot that grew old meanwhile is simply opened anew. */
  async explain(url) {
    if (url === null) return this.say("The browser does not allow sound before a click: press Play.", "sound");
    const refusal = await this.api.refusal(url).catch((error) => error.message);
    return this.say(refusal ? `It cannot be played: ${refusal}` : "The sound broke off; press Play to go on.", "sound");
  }

  status() {
    if (this.sound.waiting) this.say("You are at the end of what is stored; it goes on as the call does.", "waiting");
    else if (this.fault === "waiting" || (this.fault === "sound" && this.sound.playing)) this.say("");
  }

  /** Shows a sentence; "" takes it away, undefined leaves what stands there. */
  say(text, fault = null) {
    if (text === undefined) return;
    const box = this.root.querySelector("[data-message]");
    if (box.textContent !== text) box.textContent = text;
    box.hidden = !text;
    this.fault = fault;
  }
}

/** What stands where there is no lane. */
function emptiness({ live, state, reason }) {
  if (!live) return `No audio captured. ${reason}`;
  if (state === "recording") return "Nothing archived yet: the first piece can be heard about ten seconds after it was spoken.";
  return `Nothing archived yet. ${reason || "Waiting for the first audio."}`;
}

function loudest(waveforms) {
  let most = 0;
  for (const { points } of waveforms) {
    for (const [low, high] of points) most = Math.max(most, -low, high);
  }
  return most;
}

document.querySelectorAll("[data-player]").forEach((root) => new Player(root).start());
