// What is in front: the page of the active tab of the window that had focus last, told in the order in which it happened.

import { pageOf } from "./hosts.js";

const AWAY_MS = 150; // some window managers say "no window" between any two windows
const NONE = -1;

export class Front {
  #isKnown;
  #say;
  #composers = new Map();
  #window = null;
  #isAway = false;
  #awayTimer = 0;
  #focusTurn = 0; // what was found out before the focus moved on is old
  #holder = null; // the window that has focus, where the browser itself names another
  #told = "";
  #toldComposer = false;
  #looks = Promise.resolve();
  #waiting = false;

  /** `isKnown(origin)` tells whether the app wants to hear of an origin; `say(message)` tells the app. */
  constructor({ isKnown, say }) {
    this.#isKnown = isKnown;
    this.#say = say;
  }

  /** Listen. To be called while the background script starts, or the browser would not wake it for these. */
  watch() {
    const look = () => this.look();
    chrome.tabs.onUpdated.addListener((_id, change, tab) => tab.active && (change.url || change.status) && look());
    for (const event of [chrome.tabs.onActivated, chrome.tabs.onAttached, chrome.tabs.onDetached, chrome.tabs.onReplaced, chrome.windows.onRemoved]) {
      event?.addListener(look);
    }
    chrome.tabs.onRemoved.addListener((tab) => {
      this.#composers.delete(tab);
      look();
    });
    chrome.windows.onFocusChanged.addListener((window) => this.#focus(window));
  }

  /** Return the active tab of the normal window that had focus last, or null. */
  async tab() {
    const window = this.#holder === null ? { lastFocusedWindow: true } : { windowId: this.#holder };
    const [tab] = await chrome.tabs.query({ active: true, windowType: "normal", ...window });
    if (tab || this.#window === null) return tab ?? null;
    const [other] = await chrome.tabs.query({ active: true, windowId: this.#window, windowType: "normal" });
    return other ?? null;
  }

  /** Return the page that `tab` shows if the app may hear of it, else null. */
  pageOf(tab) {
    const page = tab?.url ? pageOf(tab.url) : null;
    return page !== null && this.#isKnown(new URL(page).origin) ? page : null;
  }

  /** Look at what is in front and tell it if it is news. Looks wait for each other, so nothing old is told after anything new. */
  look() {
    if (this.#waiting) return this.#looks;
    this.#waiting = true;
    this.#looks = this.#looks.then(() => this.#look()).catch((error) => console.warn("looking at the tabs failed", error.name));
    return this.#looks;
  }

  /** Tell everything again: a new session, or the app asked. */
  async again() {
    this.#told = "";
    this.#isAway = false;
    await this.look();
    await this.#goAway();
  }

  /** Take what a page says of its composer. */
  composer(tab, page, present) {
    this.#composers.set(tab, { page, present });
    if (this.#told !== keyOf(tab, page) || this.#toldComposer === present) return;
    this.#toldComposer = present;
    this.#say({ t: "composer", tab, present });
  }

  async #look() {
    this.#waiting = false;
    const tab = await this.tab();
    if (tab) this.#window = tab.windowId;
    const page = this.pageOf(tab);
    const key = page === null ? "elsewhere" : keyOf(tab.id, page);
    if (key === this.#told) return;
    this.#told = key;
    this.#toldComposer = page !== null && this.#hasComposer(tab.id, page);
    this.#say(page === null ? { t: "elsewhere" } : { t: "front", url: page, tab: tab.id, composer: this.#toldComposer });
  }

  #hasComposer(tab, page) {
    const known = this.#composers.get(tab);
    return known?.page === page && known.present;
  }

  #focus(window) {
    this.#focusTurn += 1;
    this.#holder = null;
    clearTimeout(this.#awayTimer);
    if (window === NONE) {
      this.#awayTimer = setTimeout(() => this.#goAway(), AWAY_MS);
      return;
    }
    if (this.#isAway) this.#told = "";
    this.#isAway = false;
    this.look();
  }

  /** Tell that the browser is not in front, if that is so. */
  async #goAway() {
    const turn = this.#focusTurn;
    const window = await chrome.windows.getLastFocused().catch(() => null);
    const all = window?.focused === false ? await chrome.windows.getAll({ windowTypes: ["normal"] }) : [];
    if (turn !== this.#focusTurn || window?.focused !== false) return;
    // When windows take the focus from each other, Chromium may end with "no window" though one has it.
    const holder = all.find(({ focused }) => focused);
    if (holder) {
      this.#focus(holder.id);
      this.#holder = holder.id;
    } else if (!this.#isAway) {
      this.#isAway = true;
      this.#looks = this.#looks.then(() => this.#isAway && this.#say({ t: "away" }));
    }
  }
}

const keyOf = (tab, page) => `${tab} ${page}`;
