// The list of sessions: rows are chosen by click and key, and shown beside the list, where they can be heard; one after
// another if wished. Knows the list and the player, nothing of the server but two addresses.

import { keys } from "console/keys.js";
import { mount } from "media/player.js";

const SETTLED_MS = 250; // whoever runs through the list looks at nothing on the way

class Browse {
  constructor(root) {
    this.root = root;
    this.preview = root.querySelector("[data-preview]");
    this.onwards = root.querySelector("[data-one-after-another]");
    this.actions = {
      j: () => this.step(1), k: () => this.step(-1), ArrowDown: () => this.step(1), ArrowUp: () => this.step(-1),
      Enter: () => this.row?.querySelector("a").click(), N: () => this.step(1, true),
    };
    this.unbind = keys(this.actions);
    root.addEventListener("click", (event) => {
      const row = event.target.closest("tr[data-session]");
      if (row && !event.target.closest("a, button") && this.beside()) this.choose(row);
    });
    root.addEventListener("focusin", (event) => {
      const row = event.target.closest("tr[data-session]");
      if (row && row !== this.row && this.beside()) this.choose(row);
    });
  }

  /** On a telephone there is no room beside the list. */
  beside() {
    return this.preview.offsetParent !== null;
  }

  step(by, play = false) {
    const rows = [...this.root.querySelectorAll("tr[data-session]")];
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

  async show(row, play) {
    const answer = await fetch(`/sessions/${row.dataset.session}/preview/`, { credentials: "same-origin" }).catch(() => null);
    if (row !== this.row) return;
    this.player?.stop();
    this.player = null;
    if (!answer?.ok || answer.redirected) {
      this.preview.textContent = answer ? "It cannot be shown; reload the page." : "The server cannot be reached.";
      return;
    }
    this.preview.innerHTML = await answer.text();
    const root = this.preview.querySelector("[data-player]");
    if (root) await this.hear(mount(root), row, play);
    else if (play && this.onwards?.checked) this.step(1, true);
  }

  async hear(player, row, play) {
    this.player = player;
    this.unbind(); // ours before the player's
    this.unbind = keys(this.actions);
    await player.started;
    player.sound.addEventListener("move", () => {
      const { state, place, length, live } = player.sound;
      if (state === "playing") mark(row);
      if (state === "paused" && length && place >= length && !live && player === this.player && this.onwards?.checked) this.step(1, true);
    });
    if (play && player === this.player) player.sound.play();
  }
}

/** It is on record as heard by now. */
function mark(row) {
  if (row.querySelector(".heard")) return;
  const heard = document.createElement("span");
  heard.className = "heard";
  heard.textContent = "heard";
  row.querySelector("a").after(" ", heard);
}

/** What is not filled in stays out of the address. */
function tidy(form) {
  const empty = [...form.elements].filter((field) => field.name && !field.value);
  empty.forEach((field) => { field.disabled = true; });
  setTimeout(() => empty.forEach((field) => { field.disabled = false; }));
}

document.querySelector("[data-filters]")?.addEventListener("submit", (event) => tidy(event.target));
document.querySelectorAll("[data-browse]").forEach((root) => new Browse(root));
