// The reply as the helpdesk's editor gets it: built anew from the few tags that a reply needs, whatever came.

const TAGS = new Set(["p", "div", "br", "ul", "ol", "li", "b", "strong", "i", "em", "a"]);
const DROPPED = new Set(["script", "style", "template", "noscript", "iframe", "object", "svg", "math", "title", "textarea", "select"]);
const MOST_DEEP = 40;

const escaped = (text) => text.replace(/[&<>"]/g, (letter) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[letter]);

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

/** Return clean HTML for a reply, from `text` where `html` holds nothing; empty when there is nothing to say. */
export function cleaned(html, text) {
  const clean = rebuilt(new DOMParser().parseFromString(html, "text/html").body);
  if (clean.trim()) return clean;
  const lines = text.split(/\r\n|\r|\n/).map((line) => `<p>${escaped(line) || "<br>"}</p>`);
  return text.trim() ? lines.join("") : "";
}
