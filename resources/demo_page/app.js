// The agent page of the demo helpdesk. One module, no build step; every address also works by a full load.

const POLL_MS = 2000;
const LIST_POLL_MS = 4000;
const NEAR_BOTTOM_PX = 120;
const ORDERS_SHOWN = 3;

const ICONS = {
  tickets: "M4 6h16M4 12h16M4 18h10",
  flask: "M9 3h6M10 3v6l-5 9a2 2 0 0 0 1.8 3h10.4a2 2 0 0 0 1.8-3l-5-9V3M7.5 15h9",
  back: "M15 5l-7 7 7 7",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM20 20l-4-4",
  down: "M6 9l6 6 6-6",
  clip: "M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7L9.3 17a1.7 1.7 0 0 1-2.4-2.4L14 7.5",
  list: "M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01",
  link: "M10 14a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1-1",
  email: "M3 6h18v12H3zM3 7l9 7 9-7",
  web: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18",
  chat: "M4 5h16v11H9l-5 4z",
  phone: "M6 3h4l1.5 5-2.5 1.5a12 12 0 0 0 5.5 5.5L16 12.5l5 1.5v4a2 2 0 0 1-2 2A16 16 0 0 1 4 5a2 2 0 0 1 2-2z",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4.5l3 2",
  api: "M8 7l-5 5 5 5M16 7l5 5-5 5",
};

const state = {
  session: null,
  view: "unsolved",
  search: "",
  rows: [],
  counts: {},
  cursor: 0,
  ticket: null,
  drafts: new Map(),
  status: null,
  faults: {},
  timer: 0,
  route: 0,
};

const $ = (selector, root = document) => root.querySelector(selector);

/** Make an element: `el("p.note", {title: "x"}, "text", child)`. Strings become text, never markup. */
function el(spec, attributes = {}, ...children) {
  const node = document.createElement(/^[a-z0-9]+/.exec(spec)[0]);
  for (const [, kind, name] of spec.matchAll(/([#.])([\w-]+)/g)) {
    if (kind === "#") node.id = name;
    else node.classList.add(name);
  }
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(svg.namespaceURI, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

function avatar(person, size = "") {
  const node = el("span.avatar", { "aria-hidden": "true" }, person.initials);
  node.classList.add(person.role);
  if (size) node.classList.add(size);
  node.style.setProperty("--hue", person.hue);
  return node;
}

const chip = (status, label) => el(`span.chip.${status}`, {}, label);

function age(iso) {
  const minutes = Math.max(0, (Date.now() - Date.parse(iso)) / 60000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${Math.floor(minutes)} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h`;
  return minutes < 90 * 24 * 60 ? `${Math.floor(minutes / 1440)} d` : `${Math.floor(minutes / 43800)} mo`;
}

const date = (iso) => new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" }).format(new Date(iso));
const moment = (iso) =>
  new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" }).format(new Date(iso));

function when(iso) {
  const hours = (Date.now() - Date.parse(iso)) / 3600000;
  const options = hours < 120 ? { weekday: "short", hour: "2-digit", minute: "2-digit" } : { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
  return new Intl.DateTimeFormat("en-GB", options).format(new Date(iso));
}

/* the small API */

async function call(path, { method = "GET", body } = {}) {
  const options = { method, headers: { "content-type": "application/json" } };
  if (body !== undefined) options.body = JSON.stringify(body);
  let answer;
  try {
    answer = await fetch(path, options);
  } catch (error) {
    setLost(true);
    throw error;
  }
  setLost(false);
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(data.error ?? `The server answered ${answer.status}.`);
  return data;
}

function setLost(lost) {
  const banner = $("#lost-banner");
  if (banner) banner.hidden = !lost;
}

/* frame and routes */

function drawFrame() {
  const { session } = state;
  const rail = el(
    "nav.rail",
    { "aria-label": "Main" },
    el("a.brand", { href: session.listPath, "data-link": true, title: session.brand }, el("img", { src: "/demo/static/icon.svg", alt: session.brand })),
    el("a.rail-button#rail-tickets", { href: session.listPath, "data-link": true, title: "Tickets", "aria-label": "Tickets" }, icon("tickets")),
    el("span.space"),
    el(
      "button.rail-button#demo-toggle",
      { type: "button", title: "Demo controls", "aria-label": "Demo controls", "aria-expanded": "false", "aria-controls": "demo-controls", onclick: toggleDemo },
      icon("flask"),
      el("span.dot", { hidden: true }),
    ),
    avatar(session.agent),
  );
  rail.lastChild.title = session.agent.name;
  const lost = el("div#lost-banner.banner.lost", { role: "status", hidden: true }, "No connection to the helpdesk. Trying again…");
  const fault = el("div#fault-banner.banner", { role: "status", hidden: true }, el("span"), el("button", { type: "button", onclick: resetFaults }, "Reset"));
  $("#app").replaceChildren(el("div.frame", {}, rail, el("main.main", {}, lost, fault, el("div#view")), drawDemo()));
}

function ticketIdInPath() {
  const { ticketPath } = state.session;
  const rest = location.pathname.startsWith(ticketPath) ? location.pathname.slice(ticketPath.length) : "";
  return /^\d+$/.test(rest) ? Number(rest) : null;
}

function go(path) {
  if (path !== location.pathname) history.pushState({}, "", path);
  return route();
}

async function route() {
  keepDraft();
  clearTimeout(state.timer);
  const turn = ++state.route;
  const id = ticketIdInPath();
  $("#customer-writes").disabled = id === null;
  $("#rail-tickets").classList.toggle("on", id === null);
  try {
    if (id === null) await showList(turn);
    else await showTicket(id, turn);
  } catch (error) {
    if (turn === state.route) showProblem(error);
  }
}

function showProblem(error) {
  document.title = `Not found – ${state.session.brand}`;
  $("#view").replaceChildren(el("div.empty#problem", {}, el("strong", {}, "This cannot be shown"), error.message));
}

function later(turn, delayMs, work) {
  clearTimeout(state.timer);
  state.timer = setTimeout(async () => {
    if (turn !== state.route) return;
    try {
      await work();
    } catch {
      // The banner says that the connection is lost; the next round tries again.
    }
    if (turn === state.route) later(turn, delayMs, work);
  }, delayMs);
}

/* list */

async function showList(turn) {
  state.ticket = null;
  const load = async () => {
    const answer = await call(`/demo/api/tickets?view=${state.view}`);
    if (turn !== state.route || answer.view !== state.view) return;
    state.rows = answer.tickets;
    state.counts = answer.counts;
    drawTabs();
    drawRows();
  };
  drawListFrame();
  document.title = `Tickets – ${state.session.brand}`;
  await load();
  $("#ticket-list")?.focus({ preventScroll: true });
  later(turn, LIST_POLL_MS, load);
}

function drawListFrame() {
  const search = el("input#search", { type: "search", placeholder: "Search in this view", "aria-label": "Search in this view", value: state.search, autocomplete: "off" });
  search.addEventListener("input", () => {
    state.search = search.value;
    state.cursor = 0;
    drawRows();
  });
  $("#view").replaceChildren(
    el(
      "div.list-head",
      {},
      el("div.list-title", {}, el("h1", {}, "Tickets"), el("div.search", {}, icon("search"), search)),
      el("div.tabs#views", { role: "tablist", "aria-label": "Views" }),
    ),
    el("ul.rows#ticket-list", { tabindex: "-1", "aria-label": "Tickets" }),
  );
}

function drawTabs() {
  const tabs = state.session.views.map((view) =>
    el(
      "button.tab",
      { type: "button", role: "tab", "data-view": view.id, "aria-selected": String(view.id === state.view), onclick: () => chooseView(view.id) },
      view.label,
      el("span.count", {}, String(state.counts[view.id])),
    ),
  );
  const focused = document.activeElement?.dataset?.view;
  $("#views").replaceChildren(...tabs);
  if (focused) $(`#views [data-view="${focused}"]`)?.focus();
}

function chooseView(view) {
  state.view = view;
  state.cursor = 0;
  route();
}

function shownRows() {
  const wanted = state.search.trim().toLowerCase();
  if (!wanted) return state.rows;
  return state.rows.filter((row) => `${row.id} ${row.subject} ${row.requester.name} ${row.snippet}`.toLowerCase().includes(wanted));
}

function drawRows() {
  const list = $("#ticket-list");
  const rows = shownRows();
  state.cursor = Math.min(state.cursor, Math.max(0, rows.length - 1));
  const top = list.scrollTop;
  list.replaceChildren(...rows.map((row, index) => el("li", {}, drawRow(row, index === state.cursor))));
  if (!rows.length) list.append(el("li.empty", {}, el("strong", {}, state.search ? "No ticket matches" : "All clear"), state.search ? "Try another word." : "There is nothing in this view."));
  list.scrollTop = top;
}

function drawRow(row, isCursor) {
  const node = el(
    "a.row",
    { href: state.session.ticketPath + row.id, "data-link": true, "data-ticket-id": row.id, "data-status": row.status, "aria-label": `${row.unread ? "Unread: " : ""}${row.subject}, ${row.requester.name}, ${row.statusLabel}` },
    el("span.unread-dot"),
    avatar(row.requester),
    el(
      "span.what",
      {},
      el("span.subject", {}, row.subject ? el("strong", {}, row.subject) : el("strong.untitled", {}, "No subject"), el("span.number", {}, `#${row.id}`)),
      el("span.snippet", {}, el("b", {}, row.requester.name), el("span", {}, `${row.lastByUs ? "↩ " : ""}${row.snippet}`)),
    ),
    el(
      "span.facts",
      {},
      row.priority ? el(`span.priority.${row.priority}`, {}, row.priority[0].toUpperCase() + row.priority.slice(1)) : el("span.priority.none"),
      el("span.status", {}, chip(row.status, row.statusLabel)),
      row.assignee ? avatar(row.assignee, "small") : el("span"),
      el("time.age", { datetime: row.updatedAt, title: moment(row.updatedAt) }, age(row.updatedAt)),
    ),
  );
  if (row.assignee) $(".avatar.small", node).title = `Assigned to ${row.assignee.name}`;
  node.classList.toggle("unread", row.unread);
  node.classList.toggle("cursor", isCursor);
  return node;
}

function moveCursor(step) {
  const rows = document.querySelectorAll("#ticket-list .row");
  if (!rows.length) return;
  rows[state.cursor]?.classList.remove("cursor");
  state.cursor = Math.min(Math.max(state.cursor + step, 0), rows.length - 1);
  rows[state.cursor].classList.add("cursor");
  rows[state.cursor].scrollIntoView({ block: "nearest" });
}

/* ticket */

async function showTicket(id, turn) {
  const ticket = await call(`/demo/api/tickets/${id}`);
  if (turn !== state.route) return;
  state.ticket = ticket;
  state.status = defaultStatus(ticket);
  drawTicket();
  call(`/demo/api/tickets/${id}/viewed`, { method: "POST" }).catch(() => {});
  later(turn, POLL_MS, () => refreshTicket(id, turn));
}

const defaultStatus = (ticket) => (["open", "pending", "hold", "solved"].includes(ticket.status) ? ticket.status : "open");

async function refreshTicket(id, turn) {
  const answer = await call(`/demo/api/tickets/${id}?version=${state.ticket.version}`);
  if (turn === state.route && !answer.unchanged) updateTicket(answer);
}

function updateTicket(ticket) {
  const followStatus = state.status === defaultStatus(state.ticket);
  state.ticket = ticket;
  if (followStatus) state.status = defaultStatus(ticket);
  $(".ticket-head").replaceWith(drawTicketHead());
  $(".sidebar").replaceWith(drawCustomer());
  drawSendLabel();
  appendMessages();
}

function drawTicket() {
  const { ticket } = state;
  document.title = `${ticket.subject} – ${state.session.brand}`;
  const messages = el("section.messages#messages", { "aria-label": "Conversation", tabindex: "0" });
  const fragment = document.createDocumentFragment();
  for (const message of ticket.messages) fragment.append(drawMessage(message));
  messages.append(fragment);
  messages.addEventListener("scroll", () => isNearBottom() && $("#newer").setAttribute("hidden", ""), { passive: true });
  const newer = el("button.newer#newer", { type: "button", hidden: true, onclick: toNewest }, "New message ↓");
  $("#view").replaceChildren(
    el(
      "div.ticket",
      { "data-ticket-id": ticket.id },
      el("div.talk", {}, drawTicketHead(), el("div.messages-wrap", {}, messages, newer), drawComposer()),
      drawCustomer(),
    ),
  );
  toNewest();
}

function drawTicketHead() {
  const { ticket, session } = state;
  const channel = ICONS[ticket.channel] ? ticket.channel : "web";
  const meta = el(
    "div.meta",
    {},
    chip(ticket.status, ticket.statusLabel),
    el("span", {}, `#${ticket.id}`),
    el("span", {}, `via ${channel === "api" ? "API" : channel}`),
    ticket.priority ? el(`span.priority.${ticket.priority}`, {}, ticket.priority[0].toUpperCase() + ticket.priority.slice(1)) : null,
    el("span", {}, ticket.assignee ? `Assigned to ${ticket.assignee.name}` : "Unassigned"),
    el("span.muted", {}, `${ticket.messageCount} message${ticket.messageCount === 1 ? "" : "s"}`),
  );
  return el(
    "header.ticket-head",
    {},
    el("a.icon-button#back", { href: session.listPath, "data-link": true, title: "Back to the list (Esc)", "aria-label": "Back to the list" }, icon("back")),
    el("div.names", {}, el("h1#subject", {}, ticket.subject || "No subject"), meta),
  );
}

function drawMessage(message, isFresh = false) {
  const { author } = message;
  const label = message.public ? (author.role === "bot" ? "bot" : "") : state.session.noteLabel;
  const body = el("div.message-body", { lang: state.ticket.customer.locale });
  body.innerHTML = message.html; // sanitised by the server; the page's CSP lets nothing run or load
  foldQuotes(body);
  const node = el(
    "article.message",
    { "data-message-id": message.id, "data-author-role": author.role, "data-public": String(message.public) },
    avatar(author),
    el(
      "div",
      {},
      el("header", {}, el("strong", {}, author.name), label ? el("span.kind", {}, label) : null, el("time", { datetime: message.at, title: moment(message.at) }, when(message.at))),
      body,
      message.attachments.length ? el("div.attachments", {}, ...message.attachments.map((name) => el("span.attachment", {}, icon("clip"), name))) : null,
    ),
  );
  node.classList.add(author.role);
  node.classList.toggle("note", !message.public);
  node.classList.toggle("fresh", isFresh);
  return node;
}

function foldQuotes(body) {
  for (const quote of body.querySelectorAll("blockquote")) {
    if (quote.parentElement.closest("blockquote")) continue;
    const folded = el("details.quoted", {}, el("summary", { title: "Show quoted text" }, "···"));
    quote.replaceWith(folded);
    folded.append(quote);
  }
}

function appendMessages() {
  const list = $("#messages");
  const wasNear = isNearBottom();
  const known = new Set([...list.querySelectorAll(".message")].map((node) => Number(node.dataset.messageId)));
  const fresh = state.ticket.messages.filter((message) => !known.has(message.id));
  for (const message of fresh) list.append(drawMessage(message, true));
  if (!fresh.length) return;
  if (wasNear) toNewest();
  else $("#newer").removeAttribute("hidden");
}

function isNearBottom() {
  const list = $("#messages");
  return list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_BOTTOM_PX;
}

function toNewest() {
  const list = $("#messages");
  list.scrollTop = list.scrollHeight;
  $("#newer").setAttribute("hidden", "");
}

/* composer */

/** What the real editors are known by, so that what finds them there finds them here: CKEditor and Froala. */
const HOOKS = {
  zendesk: {
    around: [".ck.ck-editor", ".ck.ck-editor__main"],
    editor: ".ck.ck-content.ck-editor__editable.ck-editor__editable_inline",
    attributes: { "data-test-id": "omnicomposer-rich-text-ckeditor" },
    send: "submit_button-button",
  },
  freshdesk: { around: [".fr-box.fr-basic", ".fr-wrapper"], editor: ".fr-element.fr-view", attributes: {}, send: undefined },
};

function drawComposer() {
  const { session, ticket } = state;
  const draft = state.drafts.get(ticket.id) ?? { html: "", isNote: false };
  const hooks = HOOKS[session.face];
  const editor = el(`div#composer${hooks.editor}`, {
    ...hooks.attributes,
    contenteditable: "true",
    role: "textbox",
    "aria-multiline": "true",
    "aria-label": "Reply",
    spellcheck: "true",
    lang: ticket.customer.locale,
    "data-placeholder": `Write to ${ticket.requester.name.split(" ")[0]}…`,
  });
  editor.innerHTML = draft.html;
  editor.addEventListener("input", drawSendState);
  editor.addEventListener("paste", paste);
  const tab = (isNote, label) =>
    el("button.composer-tab", { type: "button", role: "tab", "data-note": String(isNote), "aria-selected": String(isNote === draft.isNote), onclick: () => setNote(isNote) }, label);
  const tool = (title, command, child, classes = "") =>
    el(`button.tool${classes}`, { type: "button", title, "aria-label": title, tabindex: "-1", onmousedown: (event) => format(event, command) }, child);
  const box = el(
    "section.composer-box",
    { "aria-label": "Composer" },
    el(
      "div.composer-tabs",
      { role: "tablist", "aria-label": "Kind of message" },
      tab(false, session.publicLabel),
      tab(true, session.noteLabel),
      el("span.to", {}, `To: ${ticket.requester.name}`),
    ),
    el(
      "div.composer-frame",
      {},
      hooks.around.reduceRight((inside, name) => el(`div${name}`, {}, inside), editor),
      el(
        "div.composer-foot",
        {},
        tool("Bold", "bold", "B", ".b"),
        tool("Italic", "italic", "I", ".it"),
        tool("List", "insertUnorderedList", icon("list")),
        tool("Link", "createLink", icon("link")),
        el("span.problem#send-problem", { role: "alert" }),
        el(
          "div.send-group",
          {},
          el("button.send#send", { type: "button", title: "Ctrl+Enter", "data-test-id": hooks.send, onclick: send }),
          el("button.send-more#send-menu", { type: "button", "aria-label": "Choose the status to send with", "aria-haspopup": "menu", "aria-expanded": "false", onclick: toggleSendMenu }, icon("down")),
        ),
      ),
    ),
  );
  box.classList.toggle("note-mode", draft.isNote);
  requestAnimationFrame(() => {
    drawSendLabel();
    drawSendState();
  });
  return box;
}

const isNote = () => $(".composer-box").classList.contains("note-mode");

function setNote(note) {
  $(".composer-box").classList.toggle("note-mode", note);
  for (const tab of document.querySelectorAll(".composer-tab")) tab.setAttribute("aria-selected", String(tab.dataset.note === String(note)));
  const first = state.ticket.requester.name.split(" ")[0];
  $("#composer").dataset.placeholder = note ? "Only colleagues will see this…" : `Write to ${first}…`;
  $(".composer-tabs .to").textContent = note ? "Not sent to the customer" : `To: ${state.ticket.requester.name}`;
  $("#composer").focus();
}

function drawSendLabel() {
  const button = $("#send");
  if (!button) return;
  const label = state.session.statuses.find((status) => status.id === state.status).label;
  const isPlain = state.session.face === "freshdesk" && state.status === defaultStatus(state.ticket);
  button.textContent = (isPlain ? state.session.sendLabel : state.session.sendAsLabel).replace("{status}", label);
  button.dataset.status = state.status;
}

function drawSendState() {
  const editor = $("#composer");
  if (!editor) return;
  const isEmpty = editor.textContent.trim() === "" && !editor.querySelector("li");
  editor.classList.toggle("is-empty", isEmpty);
  $("#send").disabled = isEmpty;
  $("#send-problem").textContent = "";
}

function keepDraft() {
  const editor = $("#composer");
  if (!editor || !state.ticket) return;
  if (editor.textContent.trim()) state.drafts.set(state.ticket.id, { html: editor.innerHTML, isNote: isNote() });
  else state.drafts.delete(state.ticket.id);
}

/** Paste as the real editors do: what is rich keeps its structure and links, text becomes a paragraph for each line. */
function paste(event) {
  const rich = event.clipboardData.getData("text/html");
  const text = event.clipboardData.getData("text/plain");
  if (!rich && !text) return;
  event.preventDefault();
  const holder = rich ? pastedHtml(rich) : pastedLines(text);
  if (rich && state.session.face === "freshdesk" && isInLine()) holder.prepend(el("div", {}, el("br"))); // Froala joins no lines
  document.execCommand("insertHTML", false, holder.children.length === 1 && !rich ? holder.firstChild.innerHTML : holder.innerHTML);
  drawSendState();
}

/** Tell whether something stands before the caret in its line. */
function isInLine() {
  const before = getSelection().getRangeAt(0).cloneRange();
  const start = before.startContainer;
  const block = (start.nodeType === Node.TEXT_NODE ? start.parentElement : start).closest("p, div, li");
  before.setStart(block, 0);
  return before.toString().trim() !== "";
}

function pastedLines(text) {
  const holder = el("div");
  for (const line of text.replaceAll("\r\n", "\n").split("\n")) holder.append(el("div", {}, line || el("br")));
  return holder;
}

const PASTED_TAGS = new Set(["p", "div", "br", "ul", "ol", "li", "b", "strong", "i", "em", "a"]);

function pastedHtml(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html").body;
  for (const node of parsed.querySelectorAll("script, style, template")) node.remove();
  for (const node of [...parsed.querySelectorAll("*")]) {
    if (!PASTED_TAGS.has(node.localName)) node.replaceWith(...node.childNodes);
    for (const { name } of [...node.attributes]) if (name !== "href" || !/^(https?|mailto):/i.test(node.getAttribute(name))) node.removeAttribute(name);
  }
  return parsed;
}

function format(event, command) {
  event.preventDefault();
  $("#composer").focus();
  if (command !== "createLink") {
    document.execCommand(command);
    return;
  }
  const address = prompt("Address of the link", "https://");
  if (address && /^https?:\/\/\S+$/.test(address)) document.execCommand(command, false, address);
}

function toggleSendMenu() {
  const open = $(".menu");
  $("#send-menu").setAttribute("aria-expanded", String(!open));
  if (open) {
    open.remove();
    return;
  }
  const choices = state.session.statuses.map((status) =>
    el(
      "button",
      { type: "button", role: "menuitemradio", "data-status": status.id, "aria-checked": String(status.id === state.status), onclick: () => chooseStatus(status.id) },
      el(`span.swatch.${status.id}`),
      state.session.sendAsLabel.replace("{status}", status.label),
    ),
  );
  $(".send-group").append(el("div.menu#status-menu", { role: "menu" }, ...choices));
  $("#status-menu button").focus();
}

function chooseStatus(status) {
  state.status = status;
  toggleSendMenu();
  drawSendLabel();
  $("#composer").focus();
}

async function send() {
  const button = $("#send");
  if (button.disabled) return;
  button.disabled = true;
  const id = state.ticket.id;
  const wasNote = isNote();
  const keepsStatus = state.status === state.ticket.status;
  const body = { html: $("#composer").innerHTML, public: !wasNote, status: keepsStatus ? null : state.status };
  try {
    const ticket = await call(`/demo/api/tickets/${id}/reply`, { method: "POST", body });
    state.drafts.delete(id);
    if (state.ticket?.id !== id) return;
    $("#composer").replaceChildren();
    state.ticket.status = ticket.status;
    updateTicket(ticket);
    toNewest();
    toast(wasNote ? "Note added" : "Reply sent");
    drawSendState();
  } catch (error) {
    button.disabled = false;
    $("#send-problem").textContent = error instanceof TypeError ? "Not sent: no connection." : `Not sent: ${error.message}`;
  }
}

function toast(text) {
  $(".toast")?.remove();
  const node = el("div.toast", { role: "status" }, text);
  $(".main").append(node);
  setTimeout(() => node.remove(), 2500);
}

/* customer panel */

function drawCustomer() {
  const { customer, tags, csat, csatComment } = state.ticket;
  const facts = [
    ["email", customer.email],
    ["phone", customer.phone],
    ["web", customer.language],
    ["clock", `Customer since ${date(customer.since)}`],
  ].filter(([, value]) => value);
  const labels = [...new Set([...customer.tags, ...tags])];
  return el(
    "aside.sidebar",
    { "aria-label": "Customer" },
    el("div.who", {}, avatar(customer), el("div", {}, el("h2", {}, customer.name), el("span.muted", {}, `${customer.ticketCount} ticket${customer.ticketCount === 1 ? "" : "s"}`))),
    el("ul.contact", {}, ...facts.map(([name, value]) => el("li", {}, icon(name), el("span", {}, ...breakable(value))))),
    customer.notes ? part("Notes", el("div.card.note-card", {}, customer.notes)) : null,
    customer.plan ? part("Plan", el("div.card", {}, el("div.top", {}, el("strong", {}, customer.plan)), customer.renewal ? el("div.sub", {}, `Renews ${date(customer.renewal)}`) : null)) : null,
    customer.organization ? part("Organisation", drawOrganization(customer.organization)) : null,
    customer.orders.length ? part("Orders", ...drawOrders(customer.orders)) : null,
    csat ? part("Rating", el("div.card", {}, el("div.top", {}, el("strong", {}, csat === "good" ? "Good" : "Bad")), csatComment ? el("div.sub", {}, `“${csatComment}”`) : null)) : null,
    customer.tickets.length ? part("Earlier tickets", ...customer.tickets.map(drawPast)) : null,
    labels.length ? part("Tags", el("div.tags", {}, ...labels.map((tag) => el(`span.tag${tag === "vip" ? ".vip" : ""}`, {}, tag)))) : null,
  );
}

/** Let a long mail address break before its @. */
const breakable = (text) => text.split(/(?=@)/).flatMap((piece, index) => (index ? [el("wbr"), piece] : [piece]));

const part = (title, ...children) => el("section", {}, el("h3", {}, title), ...children);

function drawOrders(orders) {
  const cards = orders.map(drawOrder);
  const rest = cards.slice(ORDERS_SHOWN);
  const label = `${rest.length} older order${rest.length === 1 ? "" : "s"}`;
  return rest.length ? [...cards.slice(0, ORDERS_SHOWN), el("details.more", {}, el("summary", {}, label), ...rest)] : cards;
}

function drawOrder(order) {
  return el(
    "div.card.order",
    { "data-order": order.number },
    el("div.top", {}, el("strong", {}, order.number), el(`span.order-status.${order.status}`, {}, order.status)),
    el("div.sub", {}, order.items.join(", ")),
    el("div.sub.muted", {}, `${order.total} · ${date(order.at)}`),
  );
}

function drawOrganization(organization) {
  const health = organization.health.toLowerCase().replaceAll(" ", "-");
  return el(
    "div.card",
    {},
    el("div.top", {}, el("strong", {}, organization.name)),
    organization.tier ? el("div.sub", {}, `Tier ${organization.tier}`) : null,
    organization.health ? el("div.sub", {}, "Health: ", el(`span.health.${health}`, {}, organization.health)) : null,
    organization.renewal ? el("div.sub", {}, `Renews ${date(organization.renewal)}`) : null,
  );
}

function drawPast(ticket) {
  return el(
    "a.past",
    { href: state.session.ticketPath + ticket.id, "data-link": true, title: `#${ticket.id}, ${date(ticket.createdAt)}` },
    el("strong", {}, ticket.subject || "No subject"),
    chip(ticket.status, ticket.statusLabel),
  );
}

/* demo controls */

function drawDemo() {
  const check = (id, label) => el("label", {}, label, el("input", { type: "checkbox", id, onchange: applyFaults }));
  const latency = el("select#fault-latency", { onchange: applyFaults }, ...[["0", "none"], ["300", "300 ms"], ["1500", "1.5 s"], ["5000", "5 s"]].map(([value, label]) => el("option", { value }, label)));
  return el(
    "section.demo#demo-controls",
    { "aria-label": "Demo controls", hidden: true },
    el("h2", {}, "Demo controls"),
    el("p", {}, "What the API does to Kibitz. This page itself stays as it is."),
    el("label", {}, "Latency", latency),
    check("fault-offline", "Offline"),
    check("fault-429", "Too many requests (429)"),
    check("fault-503", "Server error (503)"),
    el(
      "div.acts",
      {},
      el("button.plain#customer-writes", { type: "button", disabled: true, onclick: customerWrites }, "Customer writes back"),
      el("button.plain#fault-reset", { type: "button", onclick: resetFaults }, "Reset all faults"),
    ),
  );
}

async function toggleDemo() {
  const panel = $("#demo-controls");
  panel.hidden = !panel.hidden;
  $("#demo-toggle").setAttribute("aria-expanded", String(!panel.hidden));
  if (!panel.hidden) showFaults(await call("/demo/faults"));
}

function showFaults(faults) {
  state.faults = faults;
  const names = [
    faults.offline ? "API offline" : "",
    faults.status ? `API answers ${faults.status}` : "",
    faults.latency_ms ? `API slower by ${faults.latency_ms} ms` : "",
    faults.half_body || faults.bad_json || faults.html_error_page || faults.odd_values ? "API answers are broken" : "",
  ].filter(Boolean);
  $("#fault-latency").value = String(faults.latency_ms);
  $("#fault-offline").checked = faults.offline;
  $("#fault-429").checked = faults.status === 429;
  $("#fault-503").checked = faults.status === 503;
  $("#fault-banner").hidden = names.length === 0;
  $("#fault-banner span").textContent = `Demo: ${names.join(", ")}`;
  $("#demo-toggle .dot").toggleAttribute("hidden", names.length === 0);
}

async function applyFaults(event) {
  const is429 = $("#fault-429").checked && event.target.id !== "fault-503";
  const is503 = $("#fault-503").checked && !is429;
  const body = {
    latency_ms: Number($("#fault-latency").value),
    offline: $("#fault-offline").checked,
    status: is429 ? 429 : is503 ? 503 : 0,
    retry_after: is429 ? "10" : null,
  };
  showFaults(await call("/demo/faults", { method: "POST", body }));
}

async function resetFaults() {
  showFaults(await call("/demo/faults", { method: "DELETE" }));
}

async function customerWrites() {
  if (state.ticket === null) return;
  updateTicket(await call(`/demo/api/tickets/${state.ticket.id}/customer`, { method: "POST", body: {} }));
}

/* keyboard and links */

function onKey(event) {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && $("#composer")) {
    event.preventDefault();
    send();
    return;
  }
  if (event.key === "Escape") onEscape();
  const isTyping = event.target.closest?.("input, select, textarea, [contenteditable]");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  const inList = state.ticket === null;
  if (event.key === "r" && !inList) focusComposer(event);
  if (!inList) return;
  if (event.key === "j" || event.key === "ArrowDown") moveCursor(1);
  else if (event.key === "k" || event.key === "ArrowUp") moveCursor(-1);
  else if (event.key === "Enter" && !event.target.closest("a, button")) openAtCursor();
  else if (event.key === "/") $("#search").focus();
  else return;
  event.preventDefault();
}

function onEscape() {
  if ($(".menu")) {
    toggleSendMenu();
    $("#composer").focus();
  } else if (!$("#demo-controls").hidden) toggleDemo();
  else if (document.activeElement?.closest?.("input, [contenteditable]")) document.activeElement.blur();
  else if (state.ticket !== null || ticketIdInPath() !== null) go(state.session.listPath);
}

function focusComposer(event) {
  event.preventDefault();
  const editor = $("#composer");
  editor.focus();
  getSelection().selectAllChildren(editor);
  getSelection().collapseToEnd();
}

function openAtCursor() {
  const row = shownRows()[state.cursor];
  if (row) go(state.session.ticketPath + row.id);
}

function onClick(event) {
  const link = event.target.closest("a[data-link]");
  if (link && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    const row = shownRows().findIndex((one) => String(one.id) === link.dataset.ticketId);
    if (row >= 0) state.cursor = row;
    go(link.getAttribute("href"));
  }
  if ($(".menu") && !event.target.closest(".send-group")) toggleSendMenu();
  const demo = $("#demo-controls");
  if (!demo.hidden && !event.target.closest("#demo-controls, #demo-toggle")) toggleDemo();
}

async function start() {
  state.session = await call("/demo/api/session");
  drawFrame();
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", onClick);
  addEventListener("popstate", route);
  showFaults(await call("/demo/faults"));
  await route();
}

start().catch((error) => {
  console.error(error);
  $("#app").replaceChildren(el("div.empty", {}, el("strong", {}, "The demo helpdesk does not answer"), "Start it again and reload this page."));
});
