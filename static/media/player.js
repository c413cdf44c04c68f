// The player of a session: finds [data-player] in the page and brings it to life. Works while the call runs: what is new
// is asked for every few seconds, and drawn.

import { Lane } from "./lane.js";
import { MediaKeys } from "./media_keys.js";
import { Pieces } from "./pieces.js";
import { Selection } from "./selection.js";
import { SessionApi } from "./session_api.js";
import { Sound } from "./sound.js";
import { moment, seconds } from "./times.js";
import { Transport } from "./transport.js";
import { View } from "./view.js";
import { Waves } from "./waves.js";

const ASK_EVERY_MS = 3000;
const LAGS_MS = 90_000; // a piece is at most a minute long
const SPOKEN_DBFS = -22; // how loud everybody is with "Level"
const MOST_DECIBELS = 24;

export class Player {
  constructor(root) {
    this.root = root;
    this.api = new SessionApi(root.dataset.player);
    this.pieces = new Pieces((from, to, lanes, signal) => this.api.piece(from, to, lanes.map((lane) => this.lanes[lane].participant.id), signal));
    this.sound = new Sound(this.pieces);
    this.view = new View();
    this.selection = new Selection(root, this.sound, this.view);
    this.waves = new Waves(root, this.api, this.view);
    this.transport = new Transport(this);
    this.mediaKeys = new MediaKeys(this.sound);
    this.lanes = [];
    this.loudness = new Map(); // participant → dBFS
    this.sound.addEventListener("refused", (event) => this.explain(event.detail));
    this.sound.addEventListener("move", () => this.status());
    this.selection.addEventListener("change", () => this.selection.loop(this.sound.loop !== null));
    this.ending = new AbortController();
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.refresh(); }, { signal: this.ending.signal });
  }

  async start() {
    this.asked = new URLSearchParams(location.search).get("t");
    await this.refresh();
  }

  /** Goes to the moment that a link names, once, and before anything can be played; one that there is not is said. */
  begin() {
    const { asked, sound: { length: whole } } = this;
    if (!asked || !whole) return;
    this.asked = null;
    const place = seconds(asked);
    if (place) this.sound.seek(place);
    if (place === null) this.say(`“${asked.slice(0, 20)}” in the address is no moment: t=83.5, t=1:23 and t=1m23s are.`, "link");
    else if (place > whole) this.say(`The address leads to ${moment(place)}, but what is stored ends at ${moment(whole)}.`, "link");
  }

  /** Nothing is asked for any more, nothing sounds, nothing is kept. */
  stop() {
    this.stopped = true;
    clearTimeout(this.later);
    this.ending.abort();
    this.sound.close();
    this.pieces.forget();
    this.transport.stop();
    this.waves.stop();
  }

  /** Asks once what there is; asks again later as long as the call runs. */
  async refresh() {
    clearTimeout(this.later);
    if (this.stopped) return;
    try {
      await this.apply(await this.api.session());
      this.say(this.fault === "session" ? "" : undefined);
    } catch (error) {
      this.say(error.message, "session");
    }
    const watched = !document.hidden || this.sound.playing;
    if (this.session?.live !== false && watched && !this.stopped) this.later = setTimeout(() => this.refresh(), ASK_EVERY_MS);
  }

  async apply(session) {
    const ended = this.session?.live && !session.live;
    const grown = session.duration_ms !== this.session?.duration_ms || ended;
    this.session = session;
    const startedAt = session.audio_started_at ? new Date(session.audio_started_at) : null;
    const earlier = this.startedAt && startedAt ? (this.startedAt - startedAt) / 1000 : 0; // of a running call more may come
    this.startedAt = startedAt;
    const order = session.participants.map((participant) => participant.id).join();
    this.arrange(session.participants);
    this.root.querySelector("[data-wait]").textContent = emptiness(session);
    this.pieces.grow(`${session.audio_started_at} ${session.sample_rate} ${order}`, session.sample_rate, session.duration_ms, session.participants.length);
    this.view.grow(session.duration_ms);
    this.sound.grow(session.sample_rate, session.duration_ms / 1000, session.live);
    if (earlier) this.sound.seek(this.sound.place + earlier);
    this.begin();
    this.transport.enable(session.duration_ms > 0, session.live);
    if (grown || this.waves.incomplete) this.say((await this.waves.load(session.duration_ms)) ?? (this.fault === "waves" ? "" : undefined), "waves");
    if (grown) this.learn();
    if (ended) this.say("The call has ended and everything is stored.");
  }

  /** A lane for each participant, in the session's order. */
  arrange(participants) {
    const order = participants.map((participant) => participant.id + participant.label).join();
    if (order === this.order) return;
    this.order = order;
    this.root.querySelector("[data-wait]").hidden = participants.length > 0;
    this.lanes.forEach((lane) => lane.element.remove());
    this.lanes = participants.map((participant, number) => new Lane(participant, number));
    this.lanes.forEach((lane) => lane.addEventListener("mix", () => this.mix()));
    this.root.querySelector(".player-axis").after(...this.lanes.map((lane) => lane.element));
    this.waves.lanes = this.lanes;
    this.waves.incomplete = true;
    this.mix();
  }

  /** What the levels say: who is how loud, where nobody speaks. */
  async learn() {
    try {
      const talk = await this.api.talk();
      this.sound.silences = talk.silences.map((span) => span.map((ms) => ms / 1000));
      this.loudness = new Map(talk.participants.map((lane) => [lane.participant, lane.loudness_dbfs]));
      this.mix();
    } catch { /* the page's own table of talk says so */ }
  }

  mix() {
    const solo = this.lanes.some((lane) => lane.solo);
    this.sound.mix(this.lanes.map((lane) => {
      const heard = solo ? lane.solo : !lane.muted;
      lane.heard = heard;
      const loudness = this.loudness.get(lane.participant.id) ?? null;
      const levelled = this.level && loudness !== null ? Math.min(MOST_DECIBELS, SPOKEN_DBFS - loudness) : 0;
      return heard ? 10 ** ((lane.decibels + levelled) / 20) : 0;
    }));
  }

  /** Says why the sound did not come. */
  explain(error) {
    if (error === null) this.say("The browser does not allow sound before a click: press Play.", "sound");
    else this.say(`It cannot be played: ${error.message}`, "sound");
  }

  status() {
    if (this.sound.state === "waiting") this.say("You are at the end of what is stored; it goes on as the call does.", "waiting");
    else if (this.fault === "waiting" || (this.fault === "sound" && this.sound.state === "playing")) this.say("");
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
function emptiness({ live, state, reason, connections }) {
  if (!live) return `No audio captured. ${reason}`;
  if (["ended", "interrupted"].includes(state)) return "It is over and being stored; it can be heard in a moment.";
  const opened = Math.min(...connections.map(({ opened_at }) => Date.parse(opened_at)));
  if (state === "recording" && Date.now() - opened > LAGS_MS) return "Archiving is behind: what came is kept, and can be heard later.";
  if (state === "recording") return "Nothing archived yet: the first piece can be heard about ten seconds after it was spoken.";
  return `Nothing archived yet. ${reason || "Waiting for the first audio."}`;
}

/** Brings one player to life; gives it back, so that it can be played and stopped. */
export function mount(root) {
  const player = new Player(root);
  player.started = player.start();
  return player;
}

document.querySelectorAll("[data-player]").forEach(mount);
