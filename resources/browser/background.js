// The part that is always there: it links the browser to the app, tells what is in front, and hands a reply to the page it is for.

import { Front } from "./front.js";
import { allowances, openTabs, pageOf, place, readSettings, register } from "./hosts.js";
import { forgetKey, saveKey, savedKey } from "./keys.js";
import { Link } from "./link.js";
import { Pairing, Refused } from "./pairing.js";
import { Session } from "./session.js";

const MOST_DRAFT_LETTERS = 20_000;
const INSERT_MS = 4_000;
const GRACE_MS = 3_000; // an app that was just there is not called gone at once: the host is connecting again

const state = {
  record: null, // `{id, key}` of the link, when this browser is paired
  session: null,
  pairing: null,
  enter: null, // takes the code that the agent types; it is on the panel
  host: "unknown", // or "missing", "forbidden", "broken", "ended", "here"
  isUp: false,
  upAt: -Infinity, // when the app was last there
  wantsPair: false,
  trouble: "", // why the last try to pair or to link was refused
  settings: { origins: [], drafts: false },
};
const popups = new Set();
let reading = Promise.resolve();
let inserting = Promise.resolve();
let isPlaced = false; // content.js, in the pages that were open before this script started

const link = new Link({ onUp, onDown, onFrame });
const front = new Front({ isKnown: (origin) => state.settings.origins.includes(origin), say: (message) => state.session?.say(message) });

/* the connection */

function onUp() {
  drop();
  state.host = "here";
  state.isUp = true;
  if (state.wantsPair) pair();
  else if (state.record) greet();
  tell();
}

function onDown(why) {
  if (state.isUp) state.upAt = Date.now();
  drop();
  state.host = why === "app" ? "here" : why;
  state.isUp = false;
  setTimeout(tell, GRACE_MS);
  tell();
}

/** What was under way on the last connection is over. */
function drop() {
  state.session?.end();
  state.session = null;
  state.pairing?.end("lost");
}

function hangUp() {
  link.close();
  drop();
  state.host = "unknown";
  state.isUp = false;
}

function greet() {
  state.session = new Session(state.record, (frame) => link.send(frame));
  state.session.hello();
}

function onFrame(frame) {
  const { session, pairing } = state;
  if (pairing) pairing.take(frame);
  else if (session) reading = reading.then(() => session === state.session && take(session, frame)).catch(() => breakOff(session));
}

async function take(session, frame) {
  if (session.isOpen) await heard(await session.read(frame));
  else if (frame.t === "hello") await session.welcomed(frame);
  else if (frame.t === "refused") refused(frame.why);
  else throw new TypeError("no greeting");
}

/** The app does not know this browser, or is of another time: nothing is tried again until somebody looks. */
function refused(why) {
  state.trouble = why === "version" ? "version" : "unknown";
  state.session = null;
  if (why === "unknown") state.record = null;
  if (!popups.size) hangUp();
  tell();
}

function breakOff(session) {
  if (session !== state.session) return;
  link.breakOff();
  onDown("ended");
}

/* what the app says */

async function heard(message) {
  if (message.t === "settings") await settle(readSettings(message));
  else if (message.t === "where") await front.again();
  else if (message.t === "insert") {
    if (["id", "url", "html", "text"].some((name) => typeof message[name] !== "string")) throw new TypeError("no insert");
    inserting = inserting.then(() => insert(message)).catch((error) => console.warn("inserting failed", error.name));
  }
}

async function settle(settings) {
  state.trouble = "";
  state.settings = settings;
  await front.again();
  spread(settings).catch((error) => console.warn("telling the pages failed", error.name));
  tell();
}

/** Have the pages know what is wanted, and be there where the agent's own hosts are. */
async function spread({ origins, drafts }) {
  await chrome.storage.local.set({ origins });
  await register(origins);
  const isFirst = !isPlaced;
  isPlaced = true;
  for (const { id } of await openTabs(origins)) {
    if (isFirst) place(id);
    toPage(id, { kind: "settings", drafts });
  }
}

async function insert({ id, url, html, text }) {
  const { session } = state;
  const tab = await front.tab();
  const page = front.pageOf(tab);
  const why = page === null || page !== url ? "moved" : await insertInto(tab.id, { kind: "insert", url, html, text });
  session?.say({ t: "inserted", id, ok: why === "", why });
}

async function insertInto(tab, message) {
  const timely = { ...message, until: Date.now() + INSERT_MS };
  const answer = (await toPage(tab, timely)) ?? ((await place(tab)) ? await toPage(tab, timely) : null);
  return ["", "moved", "no-composer", "failed"].includes(answer) ? answer : "no-composer";
}

/** Ask the page in `tab`; null when nothing there listens. The page itself refuses what comes too late. */
async function toPage(tab, message) {
  const late = new Promise((resolve) => setTimeout(resolve, 2 * INSERT_MS, "failed"));
  return Promise.race([chrome.tabs.sendMessage(tab, message, { frameId: 0 }).catch(() => null), late]);
}

/* what the pages say */

chrome.runtime.onMessage.addListener((message, sender, answer) => {
  const isOurs = sender.id === chrome.runtime.id && sender.tab && sender.frameId === 0 && typeof message === "object";
  if (!isOurs) return false;
  ready.then(() => fromPage(message, sender)).then(answer, () => answer(null));
  return true;
});

function fromPage({ kind, page, present, text }, sender) {
  if (kind === "hello") return { drafts: state.settings.drafts };
  const { origin } = new URL(sender.url);
  const isKnown = pageOf(page) === page && new URL(page).origin === origin && state.settings.origins.includes(origin);
  if (!isKnown) return null;
  const tab = sender.tab.id;
  if (kind === "composer") front.composer(tab, page, present === true);
  if (kind === "submitted") state.session?.say({ t: "submitted", tab, url: page });
  if (kind === "draft" && state.settings.drafts) state.session?.say({ t: "draft", tab, url: page, text: String(text).slice(0, MOST_DRAFT_LETTERS) });
  return null;
}

/* the popup */

chrome.runtime.onConnect.addListener((port) => {
  const isPopup = port.name === "popup" && port.sender?.id === chrome.runtime.id && port.sender.url?.startsWith(chrome.runtime.getURL("popup.html"));
  if (!isPopup) {
    port.disconnect();
    return;
  }
  popups.add(port);
  port.onMessage.addListener((message) => ready.then(() => fromPopup(message)));
  port.onDisconnect.addListener(() => {
    popups.delete(port);
    rest();
  });
  ready.then(() => {
    link.open();
    tell();
  });
});

/** A browser that is not paired keeps no connection while nobody looks. */
function rest() {
  if (!popups.size && !state.record && !state.pairing) hangUp();
}

function fromPopup({ kind, code }) {
  if (kind === "pair") askForCode();
  if (kind === "code" && /^[0-9]{6}$/.test(code)) state.enter?.(code);
  if (kind === "cancel") state.pairing?.refuse("cancelled");
  if (kind === "retry") link.retry();
  if (kind === "forget") forget();
  if (kind === "allowed") allowed();
}

function askForCode() {
  if (state.pairing) return;
  if (state.isUp) pair();
  else state.wantsPair = true;
}

async function pair() {
  state.session?.end();
  Object.assign(state, { session: null, trouble: "", wantsPair: false });
  const pairing = new Pairing((frame) => link.send(frame));
  state.pairing = pairing;
  tell();
  try {
    const agreed = await pairing.ask(browserName());
    const code = await Promise.race([typed(), pairing.ended]);
    const key = await pairing.confirm(agreed, code);
    await saveKey(agreed.id, key);
    state.record = { id: agreed.id, key };
  } catch (error) {
    state.trouble = error instanceof Refused ? error.why : "order";
  }
  Object.assign(state, { pairing: null, enter: null });
  if (state.record && state.isUp) greet();
  rest();
  tell();
}

/** Wait for the code that the agent types; the panel shows it now. */
function typed() {
  return new Promise((resolve) => {
    state.enter = (code) => {
      state.enter = null;
      resolve(code);
      tell();
    };
    tell();
  });
}

async function forget() {
  await forgetKey();
  hangUp();
  Object.assign(state, { record: null, trouble: "", settings: { origins: [], drafts: false } });
  await chrome.storage.local.clear();
  await register([]);
  if (popups.size) link.open();
  tell();
}

/** The agent allowed a host, or took it back. */
async function allowed() {
  const { settings } = state;
  await register(settings.origins);
  for (const { id } of await openTabs(settings.origins)) place(id);
  await front.again();
  tell();
}

function phase() {
  if (["missing", "forbidden", "broken"].includes(state.host)) return state.host;
  if (state.pairing) return state.enter ? "code" : "pairing";
  const isNear = state.isUp || Date.now() - state.upAt < GRACE_MS;
  if (!isNear) return state.host === "unknown" ? "connecting" : "down";
  if (state.wantsPair) return "pairing";
  if (state.trouble === "version") return "version";
  if (!state.record) return "unpaired";
  return state.session?.isOpen ? "linked" : "connecting";
}

async function tell() {
  if (!popups.size) return;
  const hosts = await allowances(state.settings.origins);
  const shown = { phase: phase(), trouble: state.trouble, hosts, drafts: state.settings.drafts };
  for (const port of popups) port.postMessage(shown);
}

function browserName() {
  const agent = navigator.userAgent;
  if (agent.includes("Firefox/")) return "Firefox";
  if (agent.includes("Edg/")) return "Edge";
  const brands = navigator.userAgentData?.brands.map(({ brand }) => brand) ?? [];
  return ["Brave", "Opera", "Vivaldi", "Google Chrome"].find((name) => brands.includes(name))?.replace("Google ", "") ?? "Chromium";
}

/* the start: at every event the browser may start this script anew */

async function start() {
  state.record = await savedKey();
  const { origins = [] } = await chrome.storage.local.get("origins");
  state.settings.origins = origins;
  if (state.record) link.open();
}

front.watch();
chrome.commands.onCommand.addListener((name) => {
  if (name === "keyboard") ready.then(() => state.session?.say({ t: "keys" }));
});
chrome.runtime.onStartup.addListener(() => {}); // reason enough for the browser to start this script with itself
chrome.permissions.onAdded.addListener(() => ready.then(allowed));
chrome.permissions.onRemoved.addListener(() => ready.then(allowed));
const ready = start();
