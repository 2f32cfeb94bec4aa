// What the sidebar says. English where a language is not here.

const EN = {
  title: {
    idle: "Kibitz",
    unpaired: "Link with Kibitz",
    asking: "Asking Kibitz for a code…",
    code: "Type the code that Kibitz shows",
    pairing: "Linking…",
    connecting: "Looking for Kibitz…",
    linked: "Kibitz is following",
    stranger: "Kibitz does not know this helpdesk",
    away: "Kibitz follows another window",
    off: "Kibitz is not running",
    blocked: "Your browser blocks the way to Kibitz",
    version: "Kibitz and this app do not fit",
  },
  lead: {
    idle: "",
    unpaired: "Kibitz on this computer then follows the ticket you have open, and puts a reply where you write. It never sends one.",
    asking: "It appears in the Kibitz panel.",
    code: "Six digits in the Kibitz panel. They hold for two minutes.",
    pairing: "This takes a moment.",
    connecting: "This takes a moment.",
    linked: "It knows that this ticket is open, and nothing of other pages.",
    stranger: "Add this helpdesk in Kibitz first.",
    away: "One window at a time is followed.",
    off: "Start Kibitz on this computer. In its settings, under Browser, the helpdesk's own app must be allowed to connect.",
    blocked: "It may not reach programs on this computer from here. Allow that in the site's settings, or ask your admin.",
    version: "One of them is newer. Update both.",
  },
  trouble: {
    code: "That was not the code of the panel. Each try has a new one.",
    order: "That went wrong. Please try again.",
    busy: "Kibitz is linking something else, or rests after three wrong codes. Wait a minute.",
    late: "The code was too old.",
    cancelled: "Linking was cancelled.",
    lost: "Kibitz went away while linking. Please try again.",
    unknown: "Kibitz no longer knows this app. Link it again.",
  },
  codeLabel: "Six digits",
  codeHint: "Type it only if the panel shows it now.",
  send: "Link",
  cancel: "Cancel",
  pair: "Show the code",
  retry: "Try again",
  here: "Follow this window",
  forget: "Unlink",
};

const DE = {
  title: {
    idle: "Kibitz",
    unpaired: "Mit Kibitz verbinden",
    asking: "Kibitz wird um einen Code gebeten …",
    code: "Geben Sie den Code ein, den Kibitz zeigt",
    pairing: "Wird verbunden …",
    connecting: "Kibitz wird gesucht …",
    linked: "Kibitz folgt",
    stranger: "Kibitz kennt diesen Helpdesk nicht",
    away: "Kibitz folgt einem anderen Fenster",
    off: "Kibitz läuft nicht",
    blocked: "Ihr Browser versperrt den Weg zu Kibitz",
    version: "Kibitz und diese App passen nicht zusammen",
  },
  lead: {
    idle: "",
    unpaired: "Kibitz auf diesem Computer folgt dann dem Ticket, das Sie offen haben, und setzt Antworten dort ein, wo Sie schreiben. Abgeschickt wird nie etwas.",
    asking: "Er erscheint im Kibitz-Fenster.",
    code: "Sechs Ziffern im Kibitz-Fenster. Sie gelten zwei Minuten.",
    pairing: "Das dauert einen Augenblick.",
    connecting: "Das dauert einen Augenblick.",
    linked: "Es weiß, dass dieses Ticket offen ist, und nichts von anderen Seiten.",
    stranger: "Fügen Sie diesen Helpdesk zuerst in Kibitz hinzu.",
    away: "Es folgt immer nur einem Fenster.",
    off: "Starten Sie Kibitz auf diesem Computer. In seinen Einstellungen muss unter „Browser“ erlaubt sein, dass sich die App des Helpdesks verbindet.",
    blocked: "Er darf von hier keine Programme auf diesem Computer erreichen. Erlauben Sie es in den Einstellungen der Website, oder fragen Sie Ihren Admin.",
    version: "Eines von beiden ist neuer. Aktualisieren Sie beide.",
  },
  trouble: {
    code: "Das war nicht der Code aus dem Fenster. Jeder Versuch hat einen neuen.",
    order: "Das ist schiefgegangen. Bitte versuchen Sie es noch einmal.",
    busy: "Kibitz verbindet gerade etwas anderes oder wartet nach drei falschen Codes. Warten Sie eine Minute.",
    late: "Der Code war zu alt.",
    cancelled: "Das Verbinden wurde abgebrochen.",
    lost: "Kibitz war während des Verbindens weg. Bitte versuchen Sie es noch einmal.",
    unknown: "Kibitz kennt diese App nicht mehr. Verbinden Sie sie neu.",
  },
  codeLabel: "Sechs Ziffern",
  codeHint: "Nur eingeben, wenn das Fenster ihn jetzt zeigt.",
  send: "Verbinden",
  cancel: "Abbrechen",
  pair: "Code anzeigen",
  retry: "Noch einmal versuchen",
  here: "Diesem Fenster folgen",
  forget: "Trennen",
};

const LANGUAGES = { en: EN, de: DE };

/** Return the language that is spoken for `locale`, and its words. */
export function wordsFor(locale) {
  const language = String(locale).toLowerCase().split(/[-_]/)[0];
  return language in LANGUAGES ? { language, words: LANGUAGES[language] } : { language: "en", words: EN };
}
