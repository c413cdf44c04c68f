// Lists of sessions and of calls: rows are chosen by click and key, and shown beside the list, where what was recorded can
// be heard; one after another if wished. Knows the list and the player, nothing of the server but the addresses in the page.

import htmx from "htmx.org";
import { whole } from "console/clock.js";
import { keys } from "console/keys.js";
import { mount } from "media/player.js";

const SETTLED_MS = 250; // whoever runs through the list looks at nothing on the way
const ROW = "tr[data-look]";

class Browse {
  constructor(root) {
    this.root = root;
    this.preview = root.querySelector("[data-preview]");
    this.actions = {
      j: () => this.step(1), k: () => this.step(-1), ArrowDown: () => this.step(1), ArrowUp: () => this.step(-1),
      Enter: () => this.row?.querySelector("a").click(), N: () => this.step(1, true),
    };
    this.unbind = keys(this.actions);
    root.addEventListener("click", (event) => {
      const row = event.target.closest(ROW);
      if (row && !event.target.closest("a, button") && this.beside()) this.choose(row);
    });
    root.addEventListener("focusin", (event) => {
      const row = event.target.closest(ROW);
      if (row && row !== this.row && this.beside()) this.choose(row);
    });
    document.addEventListener("htmx:after:swap", () => this.#stay());
  }

  /** On a telephone there is no room beside the list. */
  beside() {
    return this.preview.offsetParent !== null;
  }

  get onwards() {
    return this.root.querySelector("[data-one-after-another]")?.checked ?? false;
  }

  step(by, play = false) {
    const rows = [...this.root.querySelectorAll(ROW)];
    const at = rows.indexOf(this.row);
    const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by];
    if (!next) return;
    this.choose(next, play);
    next.querySelector("a").focus();
  }

  choose(row, play = false) {
    this.row?.classList.remove("chosen");
    this.row = row;
    row.classList.add("chosen");
    clearTimeout(this.settled);
    if (this.beside()) this.settled = setTimeout(() => this.show(row, play), play ? 0 : SETTLED_MS);
  }

  /** A list that was kept current has the same rows, or rows of the same calls. */
  #stay() {
    if (!this.row) return;
    if (!this.row.isConnected) this.row = document.getElementById(this.row.id) ?? this.row;
    this.row.classList.add("chosen");
  }

  async show(row, play) {
    const part = await fetched(row.dataset.look);
    if (row.id !== this.row.id) return;
    this.player?.stop();
    this.player = null;
    if (!put(this.preview, part)) return;
    const session = this.preview.querySelector("[data-preview-of]"); // of a call
    if (session) {
      const inner = await fetched(session.dataset.previewOf);
      if (row.id !== this.row.id || !put(session, inner)) return;
    }
    const root = this.preview.querySelector("[data-player]");
    if (root) await this.hear(mount(root), row, play);
    else if (play && this.onwards) this.step(1, true);
  }

  async hear(player, row, play) {
    this.player = player;
    this.unbind(); // ours before the player's
    this.unbind = keys(this.actions);
    await player.started;
    player.sound.addEventListener("move", () => {
      const { state, place, length, live } = player.sound;
      if (state === "playing") mark(row);
      if (state === "paused" && length && place >= length && !live && player === this.player && this.onwards) this.step(1, true);
    });
    if (play && player === this.player) player.sound.play();
  }
}

/** The part of a page at that address, or the sentence that says why it is not there. */
async function fetched(address) {
  const answer = await fetch(address, { credentials: "same-origin" }).catch(() => null);
  if (answer?.ok && !answer.redirected) return { html: await answer.text() };
  return { fault: answer ? "It cannot be shown; reload the page." : "The server cannot be reached." };
}

/** Whether there was something to show. */
function put(box, { html, fault }) {
  if (fault) {
    box.textContent = fault;
    return false;
  }
  box.innerHTML = html;
  htmx.process(box);
  return true;
}

/** It is on record as heard by now. */
function mark(row) {
  const place = row.isConnected ? row : document.getElementById(row.id);
  if (!place || place.querySelector(".heard")) return;
  const heard = document.createElement("span");
  heard.className = "heard";
  heard.textContent = "heard";
  place.querySelector("a").after(" ", heard);
}

/** What is not filled in stays out of the address. */
function tidy(form) {
  const empty = [...form.elements].filter((field) => field.name && !field.value);
  empty.forEach((field) => { field.disabled = true; });
  setTimeout(() => empty.forEach((field) => { field.disabled = false; }));
}

/** Times of filters stand in the address as UTC, and are chosen by the clock of this machine. What cannot be read stays. */
function byLocalClock(field) {
  const given = field.value.includes("T") ? field.value : `${field.value}T00:00`;
  const at = field.value ? new Date(/(Z|[+-]\d\d:?\d\d)$/.test(given) ? given : `${given}Z`) : null;
  if (field.getAttribute("aria-invalid") || (at && Number.isNaN(at.getTime()))) return;
  const chosen = Object.assign(document.createElement("input"), { type: "datetime-local", id: field.id, className: field.className });
  if (at?.getSeconds()) chosen.step = 1;
  if (at) chosen.value = whole(at).replace(" ", "T");
  chosen.addEventListener("input", () => { field.value = chosen.value && new Date(chosen.value).toISOString().slice(0, 19) + "Z"; });
  field.removeAttribute("id");
  field.type = "hidden";
  field.after(chosen);
  const label = field.parentElement.querySelector("label");
  label.textContent = label.textContent.replace(" (UTC)", "");
}

document.querySelectorAll("[data-filters] [data-utc]").forEach(byLocalClock);
document.querySelector("[data-filters]")?.addEventListener("submit", (event) => tidy(event.target));
document.querySelectorAll("[data-browse]").forEach((root) => new Browse(root));
