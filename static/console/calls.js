// Pages of calls: what an action leaves behind in its form, keys, and what is not current any more. The pages themselves are
// kept current by htmx; without scripts every form still works.

import "console/command.js";
import "console/actions.js";
import { keys } from "console/keys.js";

let currentAt = new Date();

document.addEventListener("action-done", ({ target }) => {
  const form = target.closest?.("form[data-action]");
  form?.querySelectorAll(".fault").forEach((fault) => { fault.textContent = ""; });
  form?.reset();
  if (form) form.closest("details").open = false;
});

// A call is placed once, however often the button is pressed.
document.addEventListener("submit", ({ target }) => {
  if (target.matches("form[data-once]")) setTimeout(() => { target.querySelector("button.btn-primary").disabled = true; });
});
addEventListener("pageshow", () => { document.querySelectorAll("form[data-once] button").forEach((button) => { button.disabled = false; }); });

document.addEventListener("htmx:after:swap", () => {
  currentAt = new Date();
  const stale = document.getElementById("stale");
  if (stale) stale.hidden = true;
});

for (const kind of ["htmx:error", "htmx:response:error"]) {
  document.addEventListener(kind, () => {
    const stale = document.getElementById("stale");
    if (!stale || !document.querySelector("#call[hx-get]")) return;
    stale.textContent = `Not current since ${currentAt.toTimeString().slice(0, 8)}: the server does not answer. It is asked again.`;
    stale.hidden = false;
  });
}

function open(name) {
  const action = document.getElementById(`action-${name}`);
  if (action) action.open = true;
}

keys({
  a: () => open("add"),
  t: () => open("transfer"),
  e: () => document.getElementById("events")?.focus(),
});
