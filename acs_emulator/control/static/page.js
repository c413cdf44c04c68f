// The control page: shows the state and the journal, and gives orders. All that it knows comes from /emulator/.
import { FAULTS } from "./faults.js";
import { join } from "./join.js";

const $ = (selector, within = document) => within.querySelector(selector);
const VOICES = ["ada.ogg", "ben.ogg", "cleo.ogg", "dan.ogg", "eve.ogg"];
const KEPT = 2000;

let microphone = null; // this page's: { name, call, muted }
let paused = false;
let newest = 0;

async function order(name, fields) {
  const answer = await fetch(name, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(fields),
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.detail);
  return body;
}

function say(text) {
  const message = $("#message");
  message.textContent = text;
  message.hidden = false;
  clearTimeout(message.timer);
  message.timer = setTimeout(() => { message.hidden = true; }, 8000);
}

function attempt(work) {
  work().catch((wrong) => say(wrong.message));
}

function onSubmit(form, work) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(form));
    attempt(() => work(fields, event.submitter));
  });
}

function element(tag, text = "", className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

function button(text, className, work) {
  const made = element("button", text, className);
  made.type = "button";
  made.addEventListener("click", () => attempt(work));
  return made;
}

function choice(label, first, options, work) {
  const made = element("select");
  made.ariaLabel = label;
  made.append(new Option(first, ""), ...options);
  made.addEventListener("change", () => {
    const chosen = made.value;
    made.value = "";
    attempt(() => work(chosen));
  });
  return made;
}

function nameOf(who) {
  const made = element("span", who.length > 36 ? `${who.slice(0, 22)}…${who.slice(-8)}` : who, "who");
  made.title = who;
  return made;
}

function row(who, marks, controls) {
  const made = element("li");
  const buttons = element("span", "", "controls");
  buttons.append(...controls);
  made.append(nameOf(who), element("span", marks.filter(Boolean).join(", "), "mark"), buttons);
  return made;
}

function meter(label, name) {
  const made = element("label", label, "meter");
  const bar = element("meter");
  bar.max = 0.3;
  bar.dataset.level = name;
  made.append(bar);
  return made;
}

function microphoneControls() {
  const mute = button("Mute", "quiet", async () => {
    microphone.muted = !microphone.muted;
    microphone.call.mute(microphone.muted);
    mute.textContent = microphone.muted ? "Unmute" : "Mute";
  });
  mute.textContent = microphone.muted ? "Unmute" : "Mute";
  return [meter("you", "microphone"), meter("the call", "call"), mute];
}

function isMine(person) {
  return person.microphone && person.microphone_name === microphone?.name;
}

function personRow(call, person) {
  const fields = { conversation: call.correlation_id, who: person.who };
  const kind = isMine(person) ? "your microphone" : person.microphone ? "a microphone" : person.application && "application";
  const controls = isMine(person) ? microphoneControls() : [];
  if (!person.application && !person.microphone) {
    const sounds = VOICES.map((name) => new Option(name.slice(0, -4), name));
    controls.push(choice(`What ${person.who} says`, "talk…", sounds, (sound) => order("say", { ...fields, sound })));
  }
  if (!person.application) {
    const keys = [..."123456789*0#"].map((key) => new Option(key));
    controls.push(choice(`Key that ${person.who} presses`, "key…", keys, (pressed) => order("press", { ...fields, keys: pressed })));
  }
  controls.push(isMine(person)
    ? button("Hang up the microphone", "danger", async () => microphone?.call.leave())
    : button("Hang up", "danger", () => order("leave", fields)));
  return row(person.who, [kind, person.muted && "muted", person.on_hold && "on hold"], controls);
}

function ringingRow(call, ringing) {
  const fields = { conversation: call.correlation_id, who: ringing.who };
  return row(ringing.who, [`rings, called by ${ringing.caller}`], [
    button("Answer", "", () => order("answer", fields)),
    button("Busy", "quiet", () => order("refuse", { ...fields, how: "busy" })),
    button("Decline", "quiet", () => order("refuse", { ...fields, how: "declined" })),
    button("Caller hangs up", "danger", () => order("leave", { ...fields, who: ringing.caller })),
  ]);
}

async function talk(conversation, who) {
  microphone?.call.leave();
  const mine = { name: `${Math.random()}`, muted: false };
  const path = `microphone?${new URLSearchParams({ conversation, who, name: mine.name })}`;
  mine.call = await join(path, {
    onEnd: (reason) => {
      if (microphone === mine) microphone = null;
      attempt(refresh);
      if (reason !== "you left") say(`Your microphone: ${reason}.`);
    },
  });
  if (!mine.call.ended()) microphone = mine;
  await refresh();
}

// The first number that nobody has in this call.
function freeNumber(call) {
  const taken = new Set(call.people.map((person) => person.who));
  let number = 15550123;
  while (taken.has(`4:+${number}`)) number += 1;
  return `+${number}`;
}

function card(call) {
  const made = $("#call").content.cloneNode(true).firstElementChild;
  made.dataset.id = call.correlation_id;
  const form = $(".add", made);
  onSubmit(form, (fields) => order("join", { ...fields, conversation: call.correlation_id }));
  $(".join", made).addEventListener("click", () => attempt(
    () => talk(call.correlation_id, form.elements.who.value || $(".join", made).dataset.free),
  ));
  return made;
}

// Rows are made anew only when they differ, so that an open list or a focus is not lost.
function fill(made, call) {
  const mine = call.people.some(isMine);
  const text = JSON.stringify([call, mine]);
  if (made.dataset.text === text) return;
  made.dataset.text = text;
  $("h3", made).textContent = call.place ? `${call.kind} ${call.place}` : call.correlation_id.slice(0, 8);
  $(".legs", made).textContent = call.legs
    .map((leg) => `${leg.call_connection_id.slice(0, 8)}: ${leg.state}, media ${leg.streaming}`).join(" · ");
  const people = call.people.map((person) => personRow(call, person));
  $(".people", made).replaceChildren(...people, ...call.ringing.map((ringing) => ringingRow(call, ringing)));
  const joins = $(".join", made);
  joins.hidden = mine;
  joins.dataset.free = freeNumber(call);
}

function titleOf(state) {
  if (state.title) return state.title;
  return state.scenario ? `${state.scenario} (no title)` : "No scenario: everybody answers and speaks.";
}

async function refresh() {
  const state = await (await fetch("state")).json();
  $("#scenario").textContent = titleOf(state);
  $("#webhooks").textContent = state.webhooks.length
    ? `Told of incoming calls: ${state.webhooks.map((hook) => hook.url).join(", ")}`
    : "No webhook has subscribed yet: nobody would hear of the call.";
  $("#none").hidden = state.conversations.length > 0;
  const calls = $("#calls");
  const there = new Map([...calls.children].map((child) => [child.dataset.id, child]));
  for (const call of state.conversations) {
    const made = there.get(call.correlation_id) ?? calls.appendChild(card(call));
    there.delete(call.correlation_id);
    fill(made, call);
  }
  for (const gone of there.values()) gone.remove();
}

function summary(entry) {
  const at = entry.at.slice(11, 23);
  switch (entry.kind) {
    case "request": return [at, "request", `${entry.method} ${entry.operation} ${entry.path}`, entry.status];
    case "event": return [at, entry.grid ? "event grid" : "callback", `${entry.event} → ${entry.url}`, entry.status || "no answer"];
    case "call_state": return [at, "call", `${entry.call_connection_id.slice(0, 8)} is ${entry.state}`, ""];
    case "ringing": return [at, "ringing", `${entry.who}, called by ${entry.caller}`, ""];
    case "fault": return [at, "fault", entry.fault, entry.event ?? entry.operation ?? ""];
    default: {
      const facts = ["who", "caller", "key", "url", "why", "reason", "error"].map((name) => entry[name]).filter(Boolean);
      return [at, entry.kind.replaceAll("_", " "), facts.join(" "), entry.code ?? ""];
    }
  }
}

function shownEntry(entry) {
  const line = element("li");
  line.dataset.kind = entry.kind.split("_")[0];
  const details = element("details");
  const head = element("summary");
  const [at, kind, what, status] = summary(entry);
  const wrong = ["fault", "dial_failed", "emulator_error", "warning"].includes(entry.kind)
    || (["request", "event"].includes(entry.kind) && (!entry.status || entry.status >= 400));
  head.append(element("span", at, "at"), element("span", kind, wrong ? "bad" : ""), element("span", what, "what"), element("span", String(status), wrong ? "bad" : ""));
  details.append(head);
  details.addEventListener("toggle", () => {
    if (details.open && !$("pre", details)) details.append(element("pre", JSON.stringify(entry, null, 2)));
  });
  line.append(details);
  line.hidden = Boolean($("#filter").value) && line.dataset.kind !== $("#filter").value;
  return line;
}

let waiting = [];
let due = 0;

function show() {
  due = 0;
  if (paused) return;
  const list = $("#journal");
  list.prepend(...waiting.map(shownEntry).reverse());
  waiting = [];
  while (list.children.length > KEPT) list.lastElementChild.remove();
  refresh().catch(() => {});
}

function follow() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}/emulator/journal/live?after=${newest}`);
  const link = $("#link");
  socket.onopen = () => { link.textContent = "running"; link.dataset.state = "on"; refresh().catch(() => {}); };
  socket.onmessage = (message) => {
    const entry = JSON.parse(message.data);
    newest = entry.number;
    waiting.push(entry);
    due ||= setTimeout(show, 80);
  };
  socket.onclose = () => {
    link.textContent = "the emulator does not answer";
    link.dataset.state = "off";
    setTimeout(follow, 1500);
  };
}

onSubmit($("#incoming"), async (fields, submitter) => {
  const call = await order("incoming", fields);
  if (submitter?.value === "microphone") await talk(call.correlation_id, fields.caller);
});
onSubmit($("#subscribe"), (fields) => order("subscriptions", fields).then(refresh));
onSubmit($("#fault"), async (fields) => {
  const { streams } = await order("faults", FAULTS[fields.what][1]);
  if (streams === 0) say("No call has media streaming now: there was nothing to spoil.");
});
$("#fault select").append(...FAULTS.map(([text], number) => new Option(text, number)));
$("#filter").addEventListener("change", (event) => {
  for (const line of $("#journal").children) line.hidden = event.target.value && line.dataset.kind !== event.target.value;
});
$("#pause").addEventListener("click", (event) => {
  paused = !paused;
  event.target.ariaPressed = String(paused);
  event.target.textContent = paused ? "Go on" : "Pause";
  if (!paused) show();
});
setInterval(() => {
  const levels = microphone?.call.levels();
  for (const bar of document.querySelectorAll("meter")) bar.value = levels?.[bar.dataset.level] ?? 0;
}, 100);
$("#clear").addEventListener("click", () => $("#journal").replaceChildren());
follow();
