// Tells Kibitz which ticket is open in this frame, and puts a reply into its editor. `helpdesk` does what differs between helpdesks:
// `ticket()` resolves to `{url, composer}` of the open ticket, or null; `insert(html)` puts HTML at the caret, or throws: then `whyNot`
// says what that means, "failed" or "no-composer".

import { cleaned } from "./clean.js";
import { Door, isBlocked } from "./door.js";
import { forgetKey, saveKey, savedKey } from "./keys.js";
import { Pairing, Refused } from "./pairing.js";
import { Session } from "./session.js";

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 30_000;
const TAB = crypto.getRandomValues(new Uint32Array(1))[0];

const isText = (value) => typeof value === "string";
const isSettings = ({ origins, drafts }) => Array.isArray(origins) && origins.every(isText) && typeof drafts === "boolean";

export class Follower {
  phase = "idle";
  trouble = "";
  #helpdesk;
  #name;
  #draw;
  #record = null;
  #door = null;
  #session = null;
  #pairing = null;
  #enter = null;
  #origins = [];
  #told = null; // what Kibitz believes to be in front: the ticket, or null
  #isActive = false;
  #isUnkept = false; // a browser that keeps nothing for frames: linked until the page is closed
  #timer = 0;
  #wait = FIRST_WAIT_MS;
  #reading = Promise.resolve();
  #inserting = Promise.resolve();

  /** `name` is shown in the panel; `draw()` is called when `phase` or `trouble` changed. */
  constructor(helpdesk, name, draw) {
    this.#helpdesk = helpdesk;
    this.#name = name;
    this.#draw = draw;
    document.addEventListener("visibilitychange", () => this.#seen());
    window.addEventListener("pagehide", () => this.#hangUp());
  }

  get isLinked() {
    return this.#session?.isOpen === true;
  }

  /** Another frame of this app may have linked or unlinked it. */
  async #remember() {
    if (!this.#isUnkept) this.#record = await savedKey().catch(() => null);
  }

  /* what the agent does */

  /** The ticket of this frame came to the front, or another one is in this frame now. */
  async activate() {
    this.#isActive = true;
    await this.#remember();
    if (!this.#isActive) return;
    if (this.#pairing) return;
    if (!this.#record) this.#rest("unpaired");
    else if (this.isLinked) await this.#tell();
    else this.connect();
  }

  /** The agent went to another page of the helpdesk. With its session, Kibitz forgets what was in front here. */
  deactivate() {
    this.#isActive = false;
    this.#hangUp();
    if (!this.#pairing) this.#show("idle");
  }

  /** Something of the ticket changed: it may have been closed. */
  async changed() {
    if (this.isLinked) await this.#tell();
  }

  submitted() {
    if (this.#told) this.#say({ t: "submitted", tab: TAB, url: this.#told.url });
  }

  /** Link now, or try again. */
  async connect() {
    this.#hangUp();
    this.#show("connecting");
    const door = await this.#open();
    if (door === null) return;
    this.#session = new Session(this.#record, (frame) => door.send(frame));
    this.#session.hello();
  }

  async pair() {
    if (this.#pairing) return;
    this.#hangUp();
    this.#show("asking");
    const door = await this.#open();
    if (door === null) return;
    const pairing = new Pairing((frame) => door.send(frame));
    this.#pairing = pairing;
    try {
      const agreed = await pairing.ask(this.#name);
      const code = await Promise.race([this.#typed(), pairing.ended]);
      this.#show("pairing");
      const key = await pairing.confirm(agreed, code);
      this.#record = { id: agreed.id, key };
      await saveKey(agreed.id, key).catch(() => {
        this.#isUnkept = true;
      });
      this.trouble = "";
    } catch (error) {
      this.trouble = error instanceof Refused ? error.why : "order";
    }
    this.#pairing = this.#enter = null;
    if (this.#record && this.#isActive) await this.connect();
    else this.#rest("unpaired");
  }

  enter(code) {
    if (/^[0-9]{6}$/.test(code)) this.#enter?.(code);
  }

  cancel() {
    this.#pairing?.refuse("cancelled");
  }

  async forget() {
    this.#record = null;
    await forgetKey().catch(() => {});
    this.#rest("unpaired");
  }

  /* the connection */

  async #open() {
    const isMine = () => door === this.#door;
    const door = new Door({ onFrame: (frame) => isMine() && this.#take(frame), onOver: (why) => isMine() && this.#lost(why) });
    this.#door = door;
    const isThere = await door.open();
    if (!isMine()) return null;
    if (isThere) return door;
    this.#door = null;
    this.#isOff((await isBlocked()) ? "blocked" : "off");
    return null;
  }

  #isOff(phase = "off") {
    this.#show(phase);
    if (!this.#record || !this.#isActive) return;
    this.#timer = setTimeout(() => this.connect(), this.#wait);
    this.#wait = Math.min(2 * this.#wait, LONGEST_WAIT_MS);
  }

  #hangUp() {
    clearTimeout(this.#timer);
    this.#session?.end();
    this.#session = this.#told = null;
    this.#door?.close();
    this.#door = null;
  }

  #lost(why) {
    const wasLinked = this.isLinked;
    this.#hangUp();
    if (this.#pairing) this.#pairing.end("lost");
    else if (why === "replaced") this.#show("away");
    else if (wasLinked && why === "down") this.connect();
    else this.#isOff();
  }

  #rest(phase) {
    this.#hangUp();
    this.#show(phase);
  }

  /** The agent came back to this window, or left it. */
  #seen() {
    if (!this.#isActive || !this.#record || this.#pairing) return;
    if (document.visibilityState === "hidden") this.#say({ t: "away" });
    else if (this.isLinked) this.#tell();
    else this.connect();
  }

  /* what Kibitz says */

  #take(frame) {
    const session = this.#session;
    if (this.#pairing) this.#pairing.take(frame);
    else if (session) {
      this.#reading = this.#reading
        .then(() => session === this.#session && this.#read(session, frame))
        .catch(() => session === this.#session && this.#lost("ended"));
    }
  }

  async #read(session, frame) {
    if (session.isOpen) await this.#heard(await session.read(frame));
    else if (frame.t === "hello") await session.welcomed(frame);
    else if (frame.t === "refused") await this.#refused(frame.why);
    else throw new TypeError("no greeting");
  }

  async #refused(why) {
    if (why === "version") {
      this.#rest("version");
      return;
    }
    this.trouble = "unknown";
    await this.forget();
  }

  async #heard(message) {
    if (message.t === "settings") {
      if (!isSettings(message)) throw new TypeError("no settings");
      this.#origins = message.origins;
      this.#wait = FIRST_WAIT_MS;
      await this.#tell();
    } else if (message.t === "where") await this.#tell();
    else if (message.t === "insert") {
      if (![message.id, message.url, message.html, message.text].every(isText)) throw new TypeError("no insert");
      this.#inserting = this.#inserting.then(() => this.#insert(message));
    }
  }

  /** Say what is in front. */
  async #tell() {
    const session = this.#session;
    const ticket = await this.#ticket();
    if (session !== this.#session || !this.isLinked || !this.#isActive) return;
    const isKnown = ticket !== null && this.#origins.includes(new URL(ticket.url).origin);
    this.#told = isKnown ? ticket : null;
    this.#say(isKnown ? { t: "front", url: ticket.url, tab: TAB, composer: ticket.composer } : { t: "elsewhere" });
    if (document.visibilityState === "hidden") this.#say({ t: "away" });
    this.trouble = "";
    this.#show(isKnown || ticket === null ? "linked" : "stranger");
  }

  async #ticket() {
    try {
      return await this.#helpdesk.ticket();
    } catch {
      return null;
    }
  }

  async #insert({ id, url, html, text }) {
    const why = await this.#place(url, cleaned(html, text));
    this.#say({ t: "inserted", id, ok: why === "", why });
  }

  /** Put a reply into the ticket at `url`, if that is the one in front; the helpdesk is asked last thing before. */
  async #place(url, html) {
    const ticket = await this.#ticket();
    const isHere = ticket?.url === url && this.#told?.url === url && this.#isActive && document.visibilityState === "visible";
    if (!isHere) return "moved";
    if (!ticket.composer) return "no-composer";
    if (!html) return "failed";
    try {
      await this.#helpdesk.insert(html);
      return "";
    } catch {
      return this.#helpdesk.whyNot;
    }
  }

  #say(message) {
    this.#session?.say(message);
  }

  #typed() {
    return new Promise((resolve) => {
      this.#enter = resolve;
      this.#show("code");
    });
  }

  #show(phase) {
    this.phase = phase;
    this.#draw();
  }
}
