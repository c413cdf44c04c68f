// Writing a marker at the moment being heard: "Here", or the key ".". Knows the player's clock on the page, nothing else of it.

import { keys } from "console/keys.js";

function here() {
  const moment = document.querySelector("[data-player] [data-now]")?.textContent;
  const field = document.querySelector("[data-note-at]");
  if (!field) return;
  if (moment) field.value = moment;
  document.querySelector("[data-note]").focus();
}

document.addEventListener("click", (event) => { if (event.target.closest("[data-mark-here]")) here(); });
keys({ ".": here });
