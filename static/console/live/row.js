// One running session on the board: who, since when, its state, a level strip for each participant. Built once, changed in
// place; what cannot be seen is not drawn.

import { offer, offerWith } from "console/live/actions.js";
import { Strip } from "console/live/strip.js";
import { span, spoke, trouble } from "console/live/trouble.js";

const COLOURS = 8;
const BREATH_MS = 800; // a pause that is none
const STATES = { no_audio: "no audio" };

const seen = new WeakMap(); // element → row
const eyes = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) if (seen.has(target)) seen.get(target).visible = isIntersecting;
});

export class Row {
  constructor(template, session) {
    this.element = template.content.firstElementChild.cloneNode(true);
    this.part = Object.fromEntries([...this.element.querySelectorAll("[data-part]")].map((found) => [found.dataset.part, found]));
    this.laneTemplate = this.part.lanes.querySelector("template");
    this.element.dataset.session = session.id;
    this.element.id = `live-${session.id}`;
    this.lanes = [];
    this.visible = true;
    seen.set(this.element, this);
    eyes.observe(this.element);
  }

  /** What changes seldom. `call` is the session's telephone call, if one is known. */
  show(session, call) {
    this.session = session;
    this.call = call;
    const { part } = this;
    const state = session.state === "waiting" && call ? call.state : session.state;
    text(part.name, title(session, call));
    part.note.hidden = !call?.note;
    text(part.note, call?.note ?? "");
    part.name.href = `/sessions/${session.id}/`;
    text(part.state, STATES[state] ?? state);
    part.state.className = `state state-${state}`;
    text(part.reason, session.reason);
    part.call.hidden = !call;
    if (call) part.call.href = `/calls/${call.id}/`;
    const sound = call && call.tone !== "good" ? call.pending || call.sound : "";
    part.sound.hidden = !sound;
    text(part.sound, sound);
    const said = sound.toLowerCase().includes(session.reason.toLowerCase());
    const heard = session.state === "waiting" && session.participants.length > 0; // and not stored yet
    part.reason.hidden = said || heard || session.state === "recording"; // then it says nothing that the strips do not show
    part.sound.className = `live-sound sound-${call?.tone}`;
    offer(part.actions, call, title(session, call));
    if (part.hear) part.hear.setAttribute("aria-label", `Hear ${title(session, call)}`);
    session.participants.forEach((participant, number) => this.#lane(participant, number));
  }

  #lane(participant, number) {
    if (!this.lanes[number]) {
      const element = this.laneTemplate.content.firstElementChild.cloneNode(true);
      element.className += ` lane-${number % COLOURS}`;
      this.part.lanes.append(element);
      const [chip, canvas, age] = ["chip", "strip", "spoke"].map((name) => element.querySelector(`[data-lane=${name}]`));
      this.lanes[number] = { element, chip, age, strip: new Strip(canvas), actions: element.querySelector("[data-lane=actions]") };
    }
    this.lanes[number].quiet = participant.quiet;
    const { chip, actions } = this.lanes[number];
    offerWith(actions, this.call, participant);
    text(chip, participant.label || participant.raw_id || "mixed");
    chip.title = participant.raw_id || "mixed audio";
  }

  /** Five times a second. */
  tick(now) {
    const { figures, speaking, spoke: lately } = this.session;
    this.lanes.forEach(({ strip, element, age, quiet }, number) => {
      strip.add(figures[number], speaking[number]);
      if (!this.visible) return;
      const speaks = speaking[number] || now - (lately[number] ?? 0) < BREATH_MS;
      element.classList.toggle("speaking", speaks);
      text(age, (!speaks && quiet) || spoke(lately[number], speaks, now));
      element.classList.toggle("quiet", Boolean(quiet) && !speaks);
      this.colours ??= colours(this.part.lanes);
      strip.draw({ quiet: this.colours.quiet, speech: this.colours[number % COLOURS] });
    });
  }

  /** Once a second. Returns what is wrong. */
  age(now) {
    const { session, part } = this;
    const wrong = trouble(session, now, this.call);
    part.trouble.hidden = !wrong.words;
    text(part.trouble, wrong.words);
    this.element.dataset.rank = wrong.rank;
    this.element.hidden = Boolean(wrong.forgotten);
    if (!this.visible) return wrong;
    text(part.since, `for ${span(now - Date.parse(session.started_at))}`);
    return wrong;
  }

  recolour() {
    this.colours = null;
  }

  remove() {
    eyes.unobserve(this.element);
    this.element.remove();
  }
}

function title(session, call) {
  return call?.heading ?? session.name;
}

function colours(element) {
  const style = getComputedStyle(element);
  const found = Array.from({ length: COLOURS }, (_, number) => style.getPropertyValue(`--lane-${number}`).trim());
  return Object.assign(found, { quiet: style.getPropertyValue("--line").trim() });
}

function text(element, words) {
  if (element.textContent !== words) element.textContent = words;
}
