// The popup: what the link is doing, the six digits, and the hosts that are still to be allowed.

import { patternOf } from "./hosts.js";

const say = chrome.i18n.getMessage;
const part = (id) => document.getElementById(id);
const port = chrome.runtime.connect({ name: "popup" });
let shown = null;
let isAsking = false; // whether it was asked to be sure about unlinking

const BADGES = { linked: "badgeOn", down: "badgeOff", missing: "badgeOff", broken: "badgeOff", forbidden: "badgeOff" };
const TROUBLES = new Set(["code", "order", "busy", "late", "cancelled", "lost", "unknown"]);
const capital = (word) => word[0].toUpperCase() + word.slice(1);

function show(id, isShown) {
  part(id).hidden = !isShown;
}

function draw(state) {
  const last = shown?.phase;
  shown = state;
  const { phase, trouble, hosts, drafts } = state;
  const closed = hosts.filter(({ allowed }) => !allowed);
  const isLinked = phase === "linked";
  const isSetUp = !["missing", "forbidden", "broken"].includes(phase);
  isAsking = isAsking && isLinked;

  const words = isLinked && closed.length ? "LinkedClosed" : capital(phase);
  write("title", say(`title${words}`));
  write("lead", say(`lead${words}`));
  drawBadge(phase, closed.length > 0);
  const hasTrouble = TROUBLES.has(trouble) && phase === "unpaired";
  write("trouble", hasTrouble ? say(`trouble${capital(trouble)}`) : "");
  show("trouble", hasTrouble);

  show("code-form", phase === "code");
  show("hosts", isLinked && hosts.length > 0);
  part("host-list").replaceChildren(...hosts.map(drawHost));
  show("drafts", drafts);
  show("pair", phase === "unpaired");
  write("pair", say(hasTrouble ? "pairAgain" : "pair"));
  show("allow", isLinked && closed.length > 0 && !isAsking);
  show("retry", !isSetUp);
  show("forget", isLinked && !isAsking);
  show("sure", isAsking);
  if (phase !== last) settleFocus(phase);
}

/** Set a text only when it changes, so that a screen reader does not say it again. */
function write(id, text) {
  if (part(id).textContent !== text) part(id).textContent = text;
}

function drawBadge(phase, isPartly) {
  const badge = part("badge");
  badge.hidden = !(phase in BADGES);
  badge.classList.toggle("warn", phase !== "linked" || isPartly);
  if (!badge.hidden) badge.textContent = say(isPartly && phase === "linked" ? "badgePartly" : BADGES[phase]);
}

function drawHost({ origin, allowed }) {
  const row = document.createElement("li");
  row.className = allowed ? "" : "closed";
  for (const [name, text] of [["name", new URL(origin).host], ["state", say(allowed ? "hostOpen" : "hostClosed")]]) {
    const cell = document.createElement("span");
    cell.className = name;
    cell.textContent = text;
    row.append(cell);
  }
  return row;
}

function settleFocus(phase) {
  const first = { code: "code", unpaired: "pair", missing: "retry", broken: "retry", forbidden: "retry" }[phase];
  if (phase === "code") part("code").value = "";
  if (first) part(first).focus();
}

const tell = (kind, more = {}) => port.postMessage({ kind, ...more });

function sure(isOpen) {
  isAsking = isOpen;
  draw(shown);
  part(isOpen ? "forget-no" : "forget").focus();
}

async function allow() {
  const origins = shown.hosts.filter(({ allowed }) => !allowed).map(({ origin }) => patternOf(origin));
  if (await chrome.permissions.request({ origins })) tell("allowed");
}

function onCode(event) {
  event.preventDefault();
  const code = part("code").value;
  if (/^[0-9]{6}$/.test(code)) tell("code", { code });
  else part("code").focus();
}

document.documentElement.lang = chrome.i18n.getUILanguage();
for (const node of document.querySelectorAll("[data-text]")) node.textContent = say(node.dataset.text);
chrome.tabs.getCurrent().then((tab) => document.documentElement.classList.toggle("tab", Boolean(tab)));
part("code").addEventListener("input", () => {
  part("code").value = part("code").value.replace(/[^0-9]/g, "");
});
part("code-form").addEventListener("submit", onCode);
for (const kind of ["pair", "retry"]) part(kind).addEventListener("click", () => tell(kind));
part("code-cancel").addEventListener("click", () => tell("cancel"));
part("allow").addEventListener("click", allow);
part("forget").addEventListener("click", () => sure(true));
part("forget-no").addEventListener("click", () => sure(false));
part("forget-yes").addEventListener("click", () => {
  isAsking = false;
  tell("forget");
});
port.onMessage.addListener(draw);
