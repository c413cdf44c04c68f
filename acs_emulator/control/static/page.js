// The control page: shows the state and the journal, and gives orders. All that it knows comes from /emulator/.
import { Microphone } from "./microphone.js";

const $ = (selector, within = document) => within.querySelector(selector);
const VOICES = ["ada.ogg", "ben.ogg", "cleo.ogg", "dan.ogg", "eve.ogg"];
const KEPT = 2000;
const FAULTS = [
  ["Media: nothing is sent for 3 s", { stream: { do: "stall", for: "3s" } }],
  ["Media: the socket breaks off", { stream: { do: "drop_socket" } }],
  ["Media: the socket is closed (1001)", { stream: { do: "drop_socket", how: "close" } }],
  ["Media: the socket breaks off for good", { stream: { do: "drop_socket", redial: "never" } }],
  ["Media: frames come twice for 2 s", { stream: { do: "duplicate", for: "2s" } }],
  ["Media: frames change places for 2 s", { stream: { do: "reorder", for: "2s" } }],
  ["Media: frames are lost for 1 s", { stream: { do: "lose", for: "1s" } }],
  ["Media: the clock jumps back an hour", { stream: { do: "clock_jump", by: "-1h" } }],
  ["Media: a frame that is no JSON", { stream: { do: "damage" } }],
  ["Event: the next comes twice", { event: { do: "twice" } }],
  ["Event: the next is lost", { event: { do: "lose" } }],
  ["Event: the next comes 5 s late", { event: { do: "delay", by: "5s" } }],
  ["Event: the next two change places", { event: { do: "swap" } }],
  ["Request: the next fails (503)", { rest: { status: 503 } }],
  ["Request: the next takes 5 s", { rest: { delay: "5s" } }],
];

let microphone = null;
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

function attempt(work) {
  work().catch((wrong) => {
    const message = $("#message");
    message.textContent = wrong.message;
    message.hidden = false;
    clearTimeout(message.timer);
    message.timer = setTimeout(() => { message.hidden = true; }, 8000);
  });
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

function personRow(call, person) {
  const row = element("li");
  const fields = { conversation: call.correlation_id, who: person.who };
  row.append(element("span", person.who, "who"));
  const marks = [person.application && "application", person.muted && "muted", person.on_hold && "on hold"];
  row.append(element("span", marks.filter(Boolean).join(", "), "mark"));
  if (!person.application) {
    const sounds = element("select");
    sounds.ariaLabel = `What ${person.who} says`;
    sounds.append(new Option("talk…", ""), ...VOICES.map((name) => new Option(name.slice(0, -4), name)));
    sounds.addEventListener("change", () => {
      const sound = sounds.value;
      sounds.value = "";
      attempt(() => order("say", { ...fields, sound }));
    });
    const keys = element("select");
    keys.ariaLabel = `Key that ${person.who} presses`;
    keys.append(new Option("key…", ""), ...[..."123456789*0#"].map((key) => new Option(key)));
    keys.addEventListener("change", () => {
      const pressed = keys.value;
      keys.value = "";
      attempt(() => order("press", { ...fields, keys: pressed }));
    });
    row.append(sounds, keys);
  }
  row.append(button("Hang up", "danger", () => order("leave", fields)));
  return row;
}

function ringingRow(call, ringing) {
  const row = element("li");
  const fields = { conversation: call.correlation_id, who: ringing.who };
  row.append(element("span", ringing.who, "who"), element("span", "rings", "mark"));
  row.append(button("Answer", "", () => order("answer", fields)));
  row.append(button("Busy", "quiet", () => order("refuse", { ...fields, how: "busy" })));
  row.append(button("Give up", "danger", () => order("leave", { ...fields, who: ringing.caller })));
  row.append(button("Decline", "quiet", () => order("refuse", { ...fields, how: "declined" })));
  return row;
}

async function talk(conversation, who) {
  microphone?.close();
  microphone = new Microphone(conversation, who, () => { microphone = null; refresh(); });
  await microphone.open();
}

function card(call) {
  const made = $("#call").content.cloneNode(true).firstElementChild;
  made.dataset.id = call.correlation_id;
  const form = $(".add", made);
  onSubmit(form, (fields) => order("join", { ...fields, conversation: call.correlation_id }));
  $(".join", made).addEventListener("click", () => attempt(async () => {
    if (microphone) return microphone.close();
    await talk(call.correlation_id, form.elements.who.value || "+15550123");
  }));
  return made;
}

// Rows are made anew only when they differ, so that an open list or a focus is not lost.
function fill(made, call) {
  const text = JSON.stringify([call, Boolean(microphone)]);
  if (made.dataset.text === text) return;
  made.dataset.text = text;
  $("h3", made).textContent = call.place ? `${call.kind} ${call.place}` : call.correlation_id.slice(0, 8);
  $(".legs", made).textContent = call.legs
    .map((leg) => `${leg.call_connection_id.slice(0, 8)}: ${leg.state}, media ${leg.streaming}`).join(" · ");
  const people = call.people.map((person) => personRow(call, person));
  $(".people", made).replaceChildren(...people, ...call.ringing.map((ringing) => ringingRow(call, ringing)));
  $(".join", made).textContent = microphone ? "Hang up the microphone" : "Join as caller";
}

async function refresh() {
  const state = await (await fetch("state")).json();
  $("#scenario").textContent = state.title || "Everybody answers and speaks; nothing fails.";
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
onSubmit($("#fault"), (fields) => order("faults", FAULTS[fields.what][1]));
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
$("#clear").addEventListener("click", () => $("#journal").replaceChildren());
follow();
