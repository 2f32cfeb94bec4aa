// Which pages this extension may see: the helpdesks' own hosts, and what the agent allowed in the popup.

const SCRIPT = "extra";
const AGENT_PATHS = ["/agent/*", "/a/*"];
const OWN = /^https:\/\/[^/]+\.(zendesk|freshdesk)\.com$/;

/** Return the address's scheme, host and path, or null for what is no web page or could not be said to the app. */
export function pageOf(address) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  const page = url.origin + url.pathname;
  const isWeb = url.protocol === "https:" || url.protocol === "http:";
  return isWeb && page.length <= 2_048 && /^[!-~]+$/.test(page) && !/[?#@\\"<>`]/.test(page) ? page : null;
}

/** Return the match pattern for an origin: patterns know no ports. */
export function patternOf(origin) {
  const url = new URL(origin);
  return `${url.protocol}//${url.hostname}/*`;
}

const isOrigin = (value) => typeof value === "string" && /^https?:\/\/[^/]+$/.test(value) && URL.canParse(value) && new URL(value).origin === value;

/** Return the settings of a frame as `{origins, drafts}`. Throws when a field is missing or wrong. */
export function readSettings(frame) {
  if (!Array.isArray(frame.origins) || !frame.origins.every(isOrigin) || typeof frame.drafts !== "boolean") throw new TypeError("no settings");
  return { origins: [...frame.origins], drafts: frame.drafts };
}

export const mayRead = (origin) => chrome.permissions.contains({ origins: [patternOf(origin)] });

/** Return each of `origins` with whether its pages may be seen. */
export const allowances = (origins) => Promise.all(origins.map(async (origin) => ({ origin, allowed: await mayRead(origin) })));

/** Have content.js on the pages of `origins` that the manifest does not name, now and in later sessions of the browser. */
export async function register(origins) {
  const extra = (await allowances(origins)).filter(({ origin, allowed }) => allowed && !OWN.test(origin));
  const matches = [...new Set(extra.flatMap(({ origin }) => AGENT_PATHS.map((path) => patternOf(origin).replace("/*", path))))];
  const known = await chrome.scripting.getRegisteredContentScripts({ ids: [SCRIPT] });
  if (known.length && String(known[0].matches) === String(matches)) return;
  if (known.length) await chrome.scripting.unregisterContentScripts({ ids: [SCRIPT] });
  if (matches.length) await chrome.scripting.registerContentScripts([{ id: SCRIPT, matches, js: ["content.js"], runAt: "document_end" }]);
}

/** Put content.js into a page that was open before this extension, or its permission, was there. Does nothing where it is. */
export async function place(tab) {
  try {
    await chrome.scripting.executeScript({ target: { tabId: tab }, files: ["content.js"] });
    return true;
  } catch {
    return false; // a page that is gone, or that no extension may touch
  }
}

/** Return the open tabs that show pages of `origins`. */
export async function openTabs(origins) {
  const url = origins.map(patternOf);
  return url.length ? chrome.tabs.query({ url }) : [];
}
