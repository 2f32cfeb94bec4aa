// In the helpdesk's page: says whether there is a composer, and puts a reply into it. It changes nothing else, and presses nothing.

(() => {
  if (globalThis.kibitz?.isAlive()) return;

  /*
   * What tells the parts of a helpdesk's page. `ticket` is the path of a ticket; `pane` what names the ticket around an editor, where
   * a page keeps several; `composer` the editors; `send` what sends; `words` what its button is called where nothing else marks it;
   * `keys` the letters that send with Ctrl+Alt; `joins` whether the editor joins what is pasted with the line that the caret is in.
   */
  const HELPDESKS = [
    {
      ticket: /^\/agent\/tickets\/(\d+)/,
      pane: "[data-ticket-id]",
      composer: [
        '[data-test-id="omnicomposer-rich-text-ckeditor"][contenteditable="true"]',
        '[data-test-id="omnicomposer-rich-text-ckeditor"] [contenteditable="true"]',
        '[data-test-id="ticket-rich-text-editor"] [contenteditable="true"]',
        '.ck-editor__editable[contenteditable="true"]',
      ],
      send: ['[data-test-id="submit_button-button"]'],
      words: null,
      keys: "uops",
      joins: true,
    },
    {
      ticket: /^\/a\/tickets\/(\d+)/,
      pane: null,
      composer: ['.fr-element.fr-view[contenteditable="true"]'],
      send: ['[data-test-email-action="send"]'],
      words: /^(send|senden|envoyer|enviar|invia|verzenden|add note|notiz hinzufügen)\b/i,
      keys: "",
      joins: false,
    },
  ];
  const COMPOSERS = HELPDESKS.flatMap((desk) => desk.composer).join(",");
  const NOBODY = "nobody";
  const LOOK_MS = 200;
  const DRAFT_MS = 1_000;
  const SETTLE_MS = 80; // editors take a moved caret over a little later
  const TAKEN_MS = 1_500;
  const MOST_DRAFT_LETTERS = 20_000;
  const MOST_PROOF_LETTERS = 200; // of the reply, that must be in the editor before it counts as inserted

  const ended = new AbortController();
  const born = new WeakMap(); // each composer's ticket: the one that was shown when it came; null for none, NOBODY for who knows
  const carets = new WeakMap();
  let here = where();
  let told = "";
  let focused = null;
  let drafts = false;
  let lookTimer = 0;
  let draftTimer = 0;
  let lookedAt = -Infinity;

  globalThis.kibitz = { isAlive };

  /* which ticket, which composer */

  function where() {
    const desk = HELPDESKS.find((one) => one.ticket.test(location.pathname)) ?? null;
    return { page: location.origin + location.pathname, desk, ticket: desk ? desk.ticket.exec(location.pathname)[1] : null };
  }

  /** Take over the address, if the page made a step. */
  function catchUp() {
    if (here.page !== location.origin + location.pathname) here = where();
  }

  /** Keep for which ticket the composers in `node` came. */
  function notice(node) {
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    for (const editor of [node, ...node.querySelectorAll(COMPOSERS)]) if (!born.has(editor) && editor.matches(COMPOSERS)) born.set(editor, here.ticket);
  }

  /** Keep for which ticket the composers came that are there already. Of several, only the one on top is surely this ticket's. */
  function noticeAll() {
    const found = [...document.querySelectorAll(COMPOSERS)];
    for (const editor of found) {
      const isSure = here.ticket !== null && (found.length === 1 || isOnTop(editor));
      born.set(editor, isSure ? here.ticket : NOBODY);
    }
  }

  /** Tell whether `editor` writes to the ticket that the address names. A page may keep the editors of other tickets. */
  function belongs(editor) {
    const marked = here.desk.pane && editor.closest(here.desk.pane)?.dataset.ticketId;
    if (marked && /^\d+$/.test(marked)) return marked === here.ticket;
    // One that came while no ticket was shown was drawn for the first one that is.
    if (born.get(editor) === null) born.set(editor, here.ticket);
    return born.get(editor) === here.ticket;
  }

  function isVisible(editor) {
    if (!editor.isConnected || editor.closest("[hidden], [inert], [aria-hidden='true']")) return false;
    return editor.getClientRects().length > 0 && (editor.checkVisibility?.({ visibilityProperty: true }) ?? true);
  }

  function isOnTop(editor) {
    const box = editor.getBoundingClientRect();
    return editor.contains(document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height / 2, 20)));
  }

  function composer() {
    catchUp();
    if (here.desk === null) return null;
    const found = [...document.querySelectorAll(here.desk.composer.join(","))].filter((editor) => belongs(editor) && isVisible(editor));
    return found.find((editor) => editor === focused) ?? found.find(isOnTop) ?? found[0] ?? null;
  }

  /* telling */

  function isAlive() {
    try {
      return Boolean(chrome.runtime?.id) && !ended.signal.aborted;
    } catch {
      return false;
    }
  }

  function tell(message) {
    if (!isAlive()) {
      stop();
      return;
    }
    chrome.runtime.sendMessage({ page: here.page, ...message }).catch(() => {});
  }

  /** The extension was updated or removed: leave the page as if nothing had been there. */
  function stop() {
    ended.abort();
    observer.disconnect();
    clearTimeout(lookTimer);
    clearTimeout(draftTimer);
  }

  function look() {
    clearTimeout(lookTimer);
    lookTimer = 0;
    lookedAt = performance.now();
    const present = composer() !== null;
    const news = `${here.page} ${present}`;
    if (news === told) return;
    told = news;
    tell({ kind: "composer", present });
  }

  function lookSoon() {
    if (!lookTimer) lookTimer = setTimeout(look, Math.max(0, lookedAt + LOOK_MS - performance.now()));
  }

  function sayDraft() {
    draftTimer = 0;
    const editor = composer();
    if (drafts && editor) tell({ kind: "draft", text: editor.innerText.slice(0, MOST_DRAFT_LETTERS) });
  }

  function onInput(event) {
    if (drafts && !draftTimer && event.target.closest?.(COMPOSERS)) draftTimer = setTimeout(sayDraft, DRAFT_MS);
  }

  /* what was sent */

  function sayIfSubmitted() {
    const editor = composer();
    if (editor && editor.textContent.trim()) tell({ kind: "submitted" });
  }

  function onClick(event) {
    if (!event.isTrusted || here.desk === null) return;
    const button = event.target.closest?.("button, a, [role='button'], [role='menuitem']");
    if (!button || button.disabled) return;
    const { send, words } = here.desk;
    const isNamed = words?.test((button.textContent.trim() || button.getAttribute("aria-label")) ?? "");
    if (isNamed || button.closest(send.join(","))) sayIfSubmitted();
  }

  function onKey(event) {
    if (!event.isTrusted || here.desk === null || !(event.ctrlKey || event.metaKey)) return;
    const isLetter = event.altKey && here.desk.keys.includes(event.key.toLowerCase());
    if (isLetter || (event.key === "Enter" && event.target.closest?.(COMPOSERS))) sayIfSubmitted();
  }

  /* the caret */

  function onFocus(event) {
    const editor = event.target.closest?.(COMPOSERS);
    if (editor) focused = editor;
  }

  function onSelection() {
    const selection = getSelection();
    const node = selection.rangeCount ? selection.anchorNode : null;
    const editor = (node?.nodeType === Node.TEXT_NODE ? node.parentElement : node)?.closest?.(COMPOSERS);
    if (editor) carets.set(editor, selection.getRangeAt(0).cloneRange());
  }

  /** Put the caret where the agent left it, without taking the place of anything marked. Returns whether anything moved. */
  function takeCaret(editor) {
    const selection = getSelection();
    const isInside = selection.rangeCount > 0 && editor.contains(selection.anchorNode) && editor.contains(selection.focusNode);
    const hasFocus = document.activeElement === editor;
    if (isInside && hasFocus && selection.isCollapsed) return false;
    const caret = isInside ? selection.getRangeAt(0).cloneRange() : carets.get(editor);
    if (!hasFocus) editor.focus();
    const range = caret && editor.contains(caret.endContainer) ? caret.cloneRange() : atEnd(editor);
    range.collapse(false);
    selection.removeAllRanges();
    selection.addRange(range);
    return true;
  }

  function atEnd(editor) {
    const range = document.createRange();
    range.selectNodeContents(editor.lastElementChild ?? editor);
    return range;
  }

  /* what is inserted */

  const TAGS = new Set(["p", "div", "br", "ul", "ol", "li", "b", "strong", "i", "em", "a"]);
  const DROPPED = new Set(["script", "style", "template", "noscript", "iframe", "object", "svg", "math", "title", "textarea", "select"]);
  const MOST_DEEP = 40;

  const escaped = (text) => text.replace(/[&<>"]/g, (letter) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[letter]);

  /** Build the HTML anew from the few tags that a reply needs, whatever came. */
  function rebuilt(node, depth = 0) {
    if (node.nodeType === Node.TEXT_NODE) return /^\s*\n\s*$/.test(node.data) ? "" : escaped(node.data);
    if (node.nodeType !== Node.ELEMENT_NODE) return "";
    const tag = node.localName;
    if (DROPPED.has(tag) || depth > MOST_DEEP) return "";
    const inside = [...node.childNodes].map((child) => rebuilt(child, depth + 1)).join("");
    if (tag === "br") return "<br>";
    if (!TAGS.has(tag)) return inside;
    const href = tag === "a" ? node.getAttribute("href") ?? "" : "";
    if (tag === "a" && !/^(https?:\/\/|mailto:)[^\s]+$/i.test(href)) return inside;
    return `<${tag}${href && ` href="${escaped(href)}"`}>${inside}</${tag}>`;
  }

  function cleaned(html, text) {
    const clean = rebuilt(parsed(html));
    if (clean.trim()) return /^<(p|div|ul|ol)>/.test(clean) ? clean : `<p>${clean}</p>`;
    const lines = text.split(/\r\n|\r|\n/).map((line) => `<p>${escaped(line) || "<br>"}</p>`);
    return text.trim() ? lines.join("") : "";
  }

  const BLOCKS = new Set(["p", "div", "li", "td", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"]);
  const GAP = "<p><br></p>";

  /** Return the text of the caret's line before and after the caret. */
  function line(editor) {
    const caret = getSelection().getRangeAt(0);
    let block = caret.startContainer;
    while (block !== editor && !BLOCKS.has(block.localName)) block = block.parentNode;
    const [before, after] = [caret.cloneRange(), caret.cloneRange()];
    before.setStart(block, 0);
    after.setEnd(block, block.childNodes.length);
    return { before: before.toString(), after: after.toString() };
  }

  /** Keep the reply apart from what stands in the caret's line; a single paragraph may go on in it, after a space. */
  function apart(editor, html) {
    if (!here.desk.joins) return html;
    const { before, after } = line(editor);
    const goesOn = parsed(html).children.length === 1 && /\s$/.test(before);
    if (goesOn) return /^\S/.test(after) ? html.replace(/(<\/\w+>)$/, "\u00a0$1") : html;
    return (before.trim() ? GAP : "") + html + (after.trim() ? GAP : "");
  }

  const parsed = (html) => new DOMParser().parseFromString(html, "text/html").body;

  /** Hand the reply to the editor as something pasted, which its own undo knows. Returns whether the editor took it. */
  function paste(editor, html, text) {
    const about = { bubbles: true, cancelable: true, composed: true };
    const event = window.wrappedJSObject ? pageEvent(about) : new ClipboardEvent("paste", { ...about, clipboardData: new DataTransfer() });
    event.clipboardData.setData("text/html", html);
    event.clipboardData.setData("text/plain", text);
    return !editor.dispatchEvent(event);
  }

  /** Firefox shows the page no data but that of an event of the page's own making. */
  const pageEvent = (about) => new window.wrappedJSObject.ClipboardEvent("paste", cloneInto(about, window));

  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const squeezed = (text) => text.replace(/[\s\u200b-\u200d\u2060\ufeff]/g, "");

  /** Count how often `words` stand in the editor, spaces aside: they are the editor's own affair. */
  const count = (editor, words) => squeezed(editor.textContent).split(words).length;

  async function isTaken(editor, words, before) {
    for (const until = performance.now() + TAKEN_MS; performance.now() < until; await pause(10)) if (count(editor, words) > before) return true;
    return false;
  }

  function reasonNot(url, until) {
    if (location.origin + location.pathname !== url || document.visibilityState === "hidden" || Date.now() > until) return "moved";
    return "";
  }

  /** Insert at the caret; return "" or why not. What is asked for is checked last thing before it is done. */
  async function insert({ url, html, text, until }) {
    if (reasonNot(url, until)) return reasonNot(url, until);
    const editor = composer();
    if (editor === null) return "no-composer";
    const clean = cleaned(html, text);
    if (!squeezed(parsed(clean).textContent)) return "failed";
    if (takeCaret(editor)) await pause(SETTLE_MS);
    if (reasonNot(url, until)) return reasonNot(url, until);
    if (composer() !== editor) return "moved";
    const words = squeezed(parsed(clean).textContent).slice(0, MOST_PROOF_LETTERS);
    const before = count(editor, words);
    const fit = apart(editor, clean);
    const took = paste(editor, fit, text) || document.execCommand("insertHTML", false, fit);
    return took && (await isTaken(editor, words, before)) ? "" : "failed";
  }

  /* the start */

  chrome.runtime.onMessage.addListener((message, sender, answer) => {
    if (sender.id !== chrome.runtime.id || sender.tab || ended.signal.aborted) return false;
    if (message.kind === "settings") {
      drafts = message.drafts === true;
      told = ""; // whoever asks has just started
      look();
    }
    if (message.kind !== "insert") return false;
    insert(message).then(answer, () => answer("failed"));
    return true;
  });

  const observer = new MutationObserver((changes) => {
    catchUp();
    for (const change of changes) {
      if (change.type === "attributes") notice(change.target);
      else change.addedNodes.forEach(notice);
    }
    lookSoon();
  });
  observer.observe(document.documentElement, { childList: true, subtree: true, attributeFilter: ["contenteditable", "hidden", "aria-hidden", "inert"] });
  const always = { capture: true, passive: true, signal: ended.signal };
  document.addEventListener("click", onClick, always);
  document.addEventListener("keydown", onKey, always);
  document.addEventListener("input", onInput, always);
  document.addEventListener("focusin", onFocus, always);
  document.addEventListener("selectionchange", onSelection, always);
  window.addEventListener("popstate", look, always);
  window.addEventListener("pageshow", look, always);
  window.navigation?.addEventListener("currententrychange", look, always);
  chrome.runtime
    .sendMessage({ kind: "hello" })
    .then((answer) => {
      drafts = answer?.drafts === true;
    })
    .catch(() => {});
  noticeAll();
  look();
})();
