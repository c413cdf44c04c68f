// Buttons of a call on the board: hang up, start and stop streaming, and mute and hold for each lane; only those that can
// apply now, each with the request to the REST API that does the same. Their forms go by htmx, which puts what came of it into #notice; how the call stands then
// comes over the socket.

import htmx from "htmx.org";

const armed = new WeakSet();
const about = new WeakMap(); // a lane's actions → its call and person

/** An element made from a template; htmx takes it once it stands in the page. */
function arm(actions) {
  if (armed.has(actions) || !actions.isConnected) return;
  armed.add(actions);
  htmx.process(actions);
}

/** `call`: as the feed tells it, or nothing; `name`: what it is called, for those who hear the buttons. */
export function offer(actions, call, name) {
  show(actions, call?.can ?? [], call, name, call?.id);
}

/** The same for somebody in the call; `person`: a participant of the feed. The buttons are made once they are opened: there
    may be hundreds of people. */
export function offerWith(actions, call, person) {
  if (!actions) return;
  actions.hidden = !(call && person.can?.length);
  if (actions.hidden) return;
  if (!about.has(actions)) actions.addEventListener("toggle", () => fill(actions));
  about.set(actions, { call, person });
  set(actions.firstElementChild, "aria-label", `What can be done with ${person.label || person.raw_id}`);
  fill(actions);
}

function fill(actions) {
  if (!actions.open) return;
  if (!actions.querySelector("form")) actions.append(document.querySelector("[data-lane-actions]").content.cloneNode(true));
  const { call, person } = about.get(actions);
  const who = encodeURIComponent(person.raw_id).replace(/%(3A|2B)/g, decodeURIComponent);
  actions.querySelectorAll("[name=who]").forEach((field) => { field.value = person.raw_id; });
  show(actions, person.can, call, person.label || person.raw_id, `${call.id}-${person.id}`, `/participants/${who}`);
}

function show(actions, can, call, name, key, place = "") {
  if (!actions) return;
  queueMicrotask(() => arm(actions));
  actions.hidden = !can.length;
  for (const one of actions.querySelectorAll("[data-can]")) {
    const action = one.dataset.can;
    one.hidden = !can.includes(action);
    if (one.hidden) continue;
    set(one.querySelector("form"), "action", `/calls/${call.id}/${action}/`);
    const button = one.querySelector("form button");
    const label = `${button.textContent}: ${name}`;
    set(button, "aria-label", label);
    byApi(one, `${action}-${key}`, label, `${location.origin}/api/v1/calls/${call.id}${place}/${action}`);
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
