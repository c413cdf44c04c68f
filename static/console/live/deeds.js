// Buttons of a call on the board: hang up, start and stop streaming, and mute and hold for each lane; only those that can
// apply now, each with the request to the REST API that does the same. Their forms go by htmx, which puts what came of it into #notice; how the call stands then
// comes over the socket.

import htmx from "htmx.org";

const armed = new WeakSet();
const about = new WeakMap(); // a lane's deeds → its call and person

/** An element made from a template; htmx takes it once it stands in the page. */
function arm(deeds) {
  if (armed.has(deeds) || !deeds.isConnected) return;
  armed.add(deeds);
  htmx.process(deeds);
}

/** `call`: as the feed tells it, or nothing; `name`: what it is called, for those who hear the buttons. */
export function offer(deeds, call, name) {
  show(deeds, call?.can ?? [], call, name, call?.id);
}

/** The same for somebody in the call; `person`: a participant of the feed. The buttons are made once they are opened: there
    may be hundreds of people. */
export function offerWith(deeds, call, person) {
  if (!deeds) return;
  deeds.hidden = !(call && person.can?.length);
  if (deeds.hidden) return;
  if (!about.has(deeds)) deeds.addEventListener("toggle", () => fill(deeds));
  about.set(deeds, { call, person });
  set(deeds.firstElementChild, "aria-label", `What can be done with ${person.label || person.raw_id}`);
  fill(deeds);
}

function fill(deeds) {
  if (!deeds.open) return;
  if (!deeds.querySelector("form")) deeds.append(document.querySelector("[data-lane-deeds]").content.cloneNode(true));
  const { call, person } = about.get(deeds);
  const who = encodeURIComponent(person.raw_id).replace(/%(3A|2B)/g, decodeURIComponent);
  deeds.querySelectorAll("[name=who]").forEach((field) => { field.value = person.raw_id; });
  show(deeds, person.can, call, person.label || person.raw_id, `${call.id}-${person.id}`, `/participants/${who}`);
}

function show(deeds, can, call, name, key, place = "") {
  if (!deeds) return;
  queueMicrotask(() => arm(deeds));
  deeds.hidden = !can.length;
  for (const one of deeds.querySelectorAll("[data-can]")) {
    const deed = one.dataset.can;
    one.hidden = !can.includes(deed);
    if (one.hidden) continue;
    set(one.querySelector("form"), "action", `/calls/${call.id}/${deed}/`);
    const button = one.querySelector("form button");
    const label = `${button.textContent}: ${name}`;
    set(button, "aria-label", label);
    byApi(one, `${deed}-${key}`, label, `${location.origin}/api/v1/calls/${call.id}${place}/${deed}`);
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
