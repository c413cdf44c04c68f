// Buttons of a call on the board: hang up, start and stop streaming; only those that can apply now. Their forms go by htmx,
// which puts what came of it into #notice; how the call stands then comes over the socket.

import htmx from "htmx.org";

const armed = new WeakSet();

/** An element made from a template; htmx takes it once it stands in the page. */
function arm(deeds) {
  if (armed.has(deeds) || !deeds.isConnected) return;
  armed.add(deeds);
  htmx.process(deeds);
}

/** `call`: as the feed tells it, or nothing; `name`: what it is called, for those who hear the buttons. */
export function offer(deeds, call, name) {
  if (!deeds) return;
  queueMicrotask(() => arm(deeds));
  deeds.hidden = !call?.can.length;
  for (const form of deeds.querySelectorAll("[data-can]")) {
    form.hidden = !call?.can.includes(form.dataset.can);
    if (form.hidden) continue;
    const action = `/calls/${call.id}/${form.dataset.can}/`;
    if (form.getAttribute("action") !== action) form.setAttribute("action", action);
    const button = form.querySelector("button");
    const label = `${button.textContent}: ${name}`;
    if (button.getAttribute("aria-label") !== label) button.setAttribute("aria-label", label);
  }
}
