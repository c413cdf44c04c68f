// The board: what is running on top, and below it the history that it slides into as it ends.

import { keys } from "console/keys.js";
import { offer } from "console/live/actions.js";
import { Feed } from "console/live/feed.js";
import { impossible } from "console/live/output.js";
import { Row } from "console/live/row.js";
import { span, UNUSED } from "console/live/trouble.js";
import { Wall } from "console/live/wall.js";

const TICK_MS = 200, AGE_MS = 1000, SORT_MS = 3000;
const LEAVE_MS = 400;

class Board {
  constructor(root) {
    this.root = root;
    this.list = root.querySelector("[data-running]");
    this.template = root.querySelector("template[data-row]");
    this.callTemplate = root.querySelector("template[data-call]");
    this.callList = root.querySelector("[data-calls]");
    this.says = root.querySelector("[data-current]");
    this.summary = root.querySelector("[data-summary]");
    this.waiting = root.querySelector("[data-waiting]");
    this.nothing = root.querySelector("[data-nothing]");
    const panel = document.querySelector("[data-wall]"); // for those who may hear running calls
    const known = (session, lane) => {
      const people = this.feed.sessions.get(session)?.participants ?? [];
      const number = people.findIndex(({ id }) => id === lane);
      return number < 0 ? null : { ...people[number], number };
    };
    this.wall = panel && new Wall(panel, known);
    this.rows = new Map();
    this.feed = new Feed();
    this.#follow();
    this.#refuseSound();
    setInterval(() => { if (!document.hidden) this.rows.forEach((row) => row.tick(this.feed.now())); }, TICK_MS);
    setInterval(() => this.#age(), AGE_MS);
    setInterval(() => this.#sort(), SORT_MS);
    new MutationObserver(() => this.rows.forEach((row) => row.recolour())).observe(document.documentElement, { attributes: true });
  }

  #follow() {
    const on = (type, act) => this.feed.addEventListener(type, ({ detail }) => act(detail));
    on("sessions", () => this.#all());
    on("session", (session) => this.#show(session));
    on("gone", (session) => this.#end(session));
    on("calls", () => this.#calls());
    for (const kind of ["sessions", "incoming"]) on(kind, () => document.dispatchEvent(new Event("rings"))); // the banner of every page asks at once
    on("current", () => this.#admit());
    this.wall?.addEventListener("change", ({ detail }) => this.#press(detail));
  }

  #all() {
    for (const id of this.rows.keys()) if (!this.feed.sessions.has(id)) this.#end({ id });
    this.feed.sessions.forEach((session) => this.#show(session));
    this.#calls();
    this.#sort(true);
    for (const id of (this.wall && this.asked) || []) if (this.rows.has(id) && !this.wall.heard(id)) this.wall.toggle(id, this.#name(id));
    this.asked = null;
  }

  #show(session) {
    let row = this.rows.get(session.id);
    if (!row) {
      row = new Row(this.template, session);
      this.rows.set(session.id, row);
      this.list.append(row.element);
      if (row.part.hear) this.wall.serve(row.part.hear, session.id, () => this.#name(session.id));
    }
    this.#tell(session);
    row.age(this.feed.now());
    this.#count();
  }

  /** Its row, and whoever hears it. */
  #tell(session) {
    const call = this.feed.calls.get(session.call);
    this.rows.get(session.id)?.show(session, call);
    this.wall?.know(session, call);
  }

  #name(id) {
    return this.rows.get(id)?.part.name.textContent ?? id.slice(0, 8);
  }

  /** Out of the running ones and into the history, which the server draws. */
  #end({ id, reason }) {
    this.wall?.end({ id, reason });
    const row = this.rows.get(id);
    if (!row) return;
    this.rows.delete(id);
    row.element.classList.add("leaving");
    setTimeout(() => row.remove(), LEAVE_MS);
    this.#count();
    clearTimeout(this.refreshing);
    this.refreshing = setTimeout(() => document.getElementById("history")?.dispatchEvent(new Event("ended")), LEAVE_MS);
  }

  /** Calls that ring here, and those that have no session yet. */
  #calls() {
    const withSession = new Set([...this.feed.sessions.values()].map(({ call }) => call));
    const bare = [...this.feed.calls.values()].filter(({ id }) => !withSession.has(id));
    const calls = [...this.feed.incoming.values(), ...bare];
    const shown = new Map([...this.callList.children].map((element) => [element.dataset.key, element]));
    const elements = calls.map((call) => this.#call(call, shown.get(call.id)));
    if (elements.some((element, number) => element !== this.callList.children[number]) || elements.length !== shown.size) {
      this.callList.replaceChildren(...elements);
    }
    this.callList.hidden = !calls.length;
    this.feed.sessions.forEach((session) => this.#tell(session));
    this.#count();
  }

  /** `known`: the element that shows it already, whose buttons keep the focus. */
  #call(call, known) {
    const element = known ?? this.callTemplate.content.firstElementChild.cloneNode(true);
    const part = (name) => element.querySelector(`[data-part=${name}]`);
    element.dataset.key = call.id;
    offer(part("actions"), call.received_at ? null : call, call.heading);
    const since = call.connected_at ?? call.created_at ?? call.received_at;
    element.dataset[call.received_at ? "incoming" : "call"] = call.id;
    part("who").textContent = call.heading;
    if (call.received_at) part("who").removeAttribute("href");
    else part("who").href = `/calls/${call.id}/`;
    part("state").textContent = call.state ?? "ringing here";
    part("state").className = `state state-${call.state ?? "ringing"}`;
    part("since").textContent = `for ${span(this.feed.now() - Date.parse(since))}`;
    part("since").dataset.since = since;
    part("pending").textContent = call.pending || call.sound || "";
    return element;
  }

  #admit() {
    const { problem, currentAt, final } = this.feed;
    this.root.classList.toggle("stale", Boolean(problem));
    const since = currentAt ? `Not current since ${currentAt.toTimeString().slice(0, 8)}. ` : "";
    this.says.textContent = problem ? `${since}${problem}` : "current";
    this.says.classList.toggle("bad", Boolean(problem));
    this.root.querySelector("[data-sign-in]").hidden = !final;
  }

  #age() {
    const now = this.feed.now();
    for (const age of this.callList.querySelectorAll("[data-since]")) age.textContent = `for ${span(now - Date.parse(age.dataset.since))}`;
    const ranks = { [UNUSED]: 0, 0: 0, 1: 0, 2: 0, 3: 0 };
    this.rows.forEach((row) => { ranks[row.age(now).rank] += 1; });
    const words = [`${this.rows.size - ranks[UNUSED]} running`];
    if (ranks[3]) words.push(`${ranks[3]} without audio`);
    if (ranks[2]) words.push(`${ranks[2]} silent`);
    if (ranks[1]) words.push(`${ranks[1]} one-sided`);
    this.waiting.textContent = `${ranks[UNUSED]} waiting`;
    this.waiting.hidden = !ranks[UNUSED];
    this.#count();
    const said = this.rows.size ? words.join(" · ") : "";
    if (this.summary.textContent !== said) this.summary.textContent = said;
  }

  #count() {
    const shown = [...this.rows.values()].some(({ element }) => !element.hidden);
    this.nothing.hidden = shown || !this.callList.hidden || this.feed.seq === null;
  }

  /** The worse the higher, then the newest. Never under somebody's pointer or keyboard. */
  #sort(now = false) {
    if (!now && (this.list.matches(":hover") || this.list.contains(document.activeElement))) return;
    const rank = ({ element }) => Number(element.dataset.rank);
    const wanted = [...this.rows.values()].sort(
      (one, other) => rank(other) - rank(one) || Date.parse(other.session.started_at) - Date.parse(one.session.started_at),
    );
    let place = this.list.firstElementChild;
    for (const { element } of wanted) {
      if (element === place) place = place.nextElementSibling;
      else this.list.insertBefore(element, place);
    }
  }

  #press(id) {
    const row = this.rows.get(id);
    row?.part.hear?.setAttribute("aria-pressed", this.wall.pinned(id));
    row?.element.classList.toggle("heard", this.wall.heard(id));
    if (row) this.wall.know(row.session, this.feed.calls.get(row.session.call));
  }

  #refuseSound() {
    const why = impossible();
    if (why && this.root.dataset.mayHear !== undefined) {
      const note = this.root.querySelector("[data-no-sound]");
      note.textContent = why;
      note.hidden = false;
      this.template.content.querySelector("[data-part=hear]")?.remove();
    } else {
      this.asked = new URLSearchParams(location.search).getAll("hear");
    }
  }

  // --- by keyboard -----------------------------------------------------------------------------------------------------

  step(by) {
    const links = [...this.list.querySelectorAll(":not([hidden]) > * > [data-part=name]")];
    const here = links.findIndex((link) => link.closest("[data-session]").contains(document.activeElement));
    links[Math.min(links.length - 1, Math.max(0, here + by))]?.focus();
  }

  hear() {
    const id = document.activeElement?.closest("[data-session]")?.dataset.session;
    if (id && this.rows.get(id)?.part.hear) this.wall.toggle(id, this.#name(id));
  }
}

const board = new Board(document.querySelector("[data-board]"));
keys({
  j: () => board.step(1),
  k: () => board.step(-1),
  h: () => board.hear(),
  x: () => board.wall?.closeAll(),
});
window.board = board; // for the console of whoever looks into it
