// Which calls are heard: press to hear while held, click to pin, as many as wanted; and their controls at the foot of the
// page. Nothing sounds by mere hovering.

import { Ear } from "console/live/ear.js";

const CLICK_MS = 350;
const COLOURS = 8;

export class Wall extends EventTarget {
  /** `panel` has the templates of an ear and of one of its lanes. `known(session, participant)`: {label, quiet, number}, if
   *  they are known: what they are called, why they are not heard, and their place in the session, which is their colour. */
  constructor(panel, known = () => null) {
    super();
    this.known = known;
    this.panel = panel;
    this.list = panel.querySelector("[data-ears]");
    this.templates = { ear: panel.querySelector("template[data-ear]"), lane: panel.querySelector("template[data-ear-lane]") };
    this.ears = new Map(); // session → {ear, element, pinned, name}
  }

  heard(session) {
    return this.ears.has(session);
  }

  pinned(session) {
    return this.ears.get(session)?.pinned ?? false;
  }

  /** The button of a session: pointer and keyboard alike. */
  serve(button, session, name) {
    let pressedAt = 0;
    const press = () => {
      pressedAt = performance.now();
      if (!this.heard(session)) this.#open(session, name());
    };
    const release = () => {
      if (!pressedAt) return;
      const click = performance.now() - pressedAt < CLICK_MS;
      pressedAt = 0;
      if (!click && !this.pinned(session)) this.close(session);
      else if (click) this.toggle(session, name());
    };
    button.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      button.setPointerCapture(event.pointerId);
      press();
    });
    for (const end of ["pointerup", "pointercancel"]) button.addEventListener(end, release);
    button.addEventListener("contextmenu", (event) => { if (pressedAt) event.preventDefault(); }); // a long touch
    button.addEventListener("keydown", (event) => {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      if (!event.repeat) press();
    });
    button.addEventListener("keyup", (event) => { if (event.key === " " || event.key === "Enter") release(); });
    button.addEventListener("blur", () => { if (pressedAt && !this.pinned(session)) this.close(session); pressedAt = 0; });
    button.addEventListener("click", (event) => { if (event.detail === 0 && !event.pointerType) this.toggle(session, name()); }); // by a program
  }

  /** Pins what is not pinned yet; else ends it. */
  toggle(session, name) {
    if (this.pinned(session)) {
      this.close(session);
      return;
    }
    if (!this.heard(session)) this.#open(session, name);
    this.ears.get(session).pinned = true;
    this.#changed(session);
  }

  close(session) {
    const found = this.ears.get(session);
    if (!found) return;
    found.ear.close();
    found.element.remove();
    this.ears.delete(session);
    this.#changed(session);
  }

  closeAll() {
    [...this.ears.keys()].forEach((session) => this.close(session));
  }

  #open(session, name) {
    const ear = new Ear(session);
    const element = this.templates.ear.content.firstElementChild.cloneNode(true);
    const [title, sentence, lanes, stop] = ["name", "sentence", "lanes", "stop"].map((part) => element.querySelector(`[data-part=${part}]`));
    title.textContent = name;
    title.href = `/sessions/${session}/`;
    stop.setAttribute("aria-label", `Stop hearing ${name}`);
    stop.addEventListener("click", () => this.close(session));
    ear.addEventListener("state", () => { if (sentence.textContent !== ear.sentence) sentence.textContent = ear.sentence; });
    ear.addEventListener("lanes", () => this.#lanes(ear, lanes));
    sentence.textContent = ear.sentence;
    this.list.append(element);
    this.ears.set(session, { ear, element, pinned: false, name });
    this.#changed(session);
  }

  #lanes(ear, list) {
    for (const [number, lane] of ear.lanes) {
      const row = list.querySelector(`[data-lane="${lane.id}"]`) ?? this.#lane(ear, list, lane);
      row.dataset.number = number;
      row.querySelector("[data-part=mute]").setAttribute("aria-pressed", lane.muted);
      row.querySelector("[data-part=solo]").setAttribute("aria-pressed", lane.solo);
    }
  }

  #lane(ear, list, lane) {
    const row = this.templates.lane.content.firstElementChild.cloneNode(true);
    row.dataset.lane = lane.id;
    const known = this.known(ear.session, lane.id);
    const place = known?.number ?? list.children.length;
    colour(row, place);
    row.dataset.place = place;
    call(row, known?.label || lane.label || lane.raw_id || "mixed");
    silence(row, known?.quiet);
    const number = () => Number(row.dataset.number);
    for (const [part, field] of [["mute", "muted"], ["solo", "solo"]]) {
      const button = row.querySelector(`[data-part=${part}]`);
      button.addEventListener("click", () => ear.change(number(), { [field]: !ear.lanes.get(number())[field] }));
    }
    const gain = row.querySelector("[data-part=gain]");
    gain.addEventListener("input", () => ear.change(number(), { gain: Number(gain.value) }));
    list.insertBefore(row, [...list.children].find((other) => other.dataset.place > place) ?? null);
    return row;
  }

  /** Whoever is heard is called as on the board, which hears of names first, of who is on hold, and of the call's end; `phone`: the telephone
   *  call, if one is known. */
  know({ id, participants }, phone) {
    const found = this.ears.get(id);
    if (!found) return;
    found.called ||= Boolean(phone);
    found.ear.tell(phone ? (phone.tone === "warn" ? phone.sound : "") : found.called ? "The call has ended." : "");
    participants.forEach(({ id: lane, label, quiet }, number) => {
      const row = found.element.querySelector(`[data-lane="${lane}"]`);
      if (!row) return;
      colour(row, number);
      if (label) call(row, label);
      silence(row, quiet);
    });
  }

  /** The session is over; its reason as the server says it. */
  end({ id, reason }) {
    this.ears.get(id)?.ear.tell(reason ? `This session has ended: ${reason}` : "This session has ended.");
  }

  #changed(session) {
    this.panel.hidden = this.ears.size === 0;
    this.dispatchEvent(new CustomEvent("change", { detail: session }));
  }
}

/** As on the board and in the player. */
function colour(row, number) {
  const wanted = `ear-lane lane-${number % COLOURS}`;
  if (row.className !== wanted) row.className = wanted;
}

/** Says why nothing comes from them. */
function silence(row, quiet) {
  const words = row.querySelector("[data-part=quiet]");
  if (words.textContent !== (quiet || "")) words.textContent = quiet || "";
}

/** Names a lane's row and its controls. */
function call(row, who) {
  row.querySelector(".chip").textContent = who;
  for (const button of row.querySelectorAll("button")) button.setAttribute("aria-label", `${button.textContent} ${who}`);
  row.querySelector("[data-part=gain]").setAttribute("aria-label", `Volume of ${who}`);
}
