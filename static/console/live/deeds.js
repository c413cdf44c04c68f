// Buttons of a call on the board: hang up, start and stop streaming; only those that can apply now, each with the request to
// the REST API that does the same. Their forms go by htmx, which puts what came of it into #notice; how the call stands then
// comes over the socket.

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
  for (const one of deeds.querySelectorAll("[data-can]")) {
    const deed = one.dataset.can;
    one.hidden = !call?.can.includes(deed);
    if (one.hidden) continue;
    set(one.querySelector("form"), "action", `/calls/${call.id}/${deed}/`);
    const button = one.querySelector("form button");
    const label = `${button.textContent}: ${name}`;
    set(button, "aria-label", label);
    byApi(one, `${deed}-${call.id}`, label, `${location.origin}/api/v1/calls/${call.id}/${deed}`);
  }
}

/** templates/calls/_api.html, filled in. */
function byApi(one, key, label, url) {
  const [opener, line] = [one.querySelector(".api"), one.querySelector(".api-line")];
  const command = `curl -X POST '${url}' \\\n  -H "Authorization: Bearer $TOKEN"`;
  if (opener.title === command && opener.ariaLabel === `By API: ${label}`) return;
  opener.title = command;
  for (const part of [opener, line]) part.setAttribute("aria-label", `By API: ${label}`);
  line.id = `api-${key}`;
  opener.setAttribute("popovertarget", line.id);
  const text = line.querySelector("pre");
  text.id = line.querySelector("[data-copy]").dataset.copy = `${line.id}-line`;
  text.textContent = command;
}

function set(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
