"""Writes support conversations and articles for the large demo account, from a seed and a number alone.

The shop is larger than the one in ``resources/demo`` but sells the same kind of things. Nothing here is meant to be
read for long: it has the length, the words and the variety that a large account has.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

FAMILIES = {
    "Tents": ("tent", ("pole", "groundsheet", "inner door", "guy line", "zip", "flysheet", "peg bag")),
    "Packs": ("pack", ("hip belt", "shoulder strap", "back panel", "rain cover", "buckle", "side pocket")),
    "Boots": ("pair of boots", ("sole", "lace hook", "insole", "heel cup", "tongue", "waterproof lining")),
    "Clothing": ("jacket", ("hood", "cuff", "front zip", "drawcord", "seam tape", "chest pocket")),
    "Stoves": ("stove", ("burner", "gas valve", "igniter", "pot support", "windshield", "fuel line")),
    "Lights": ("head torch", ("battery", "charging port", "headband", "lens", "switch", "red light")),
    "Sleeping": ("sleeping mat", ("valve", "seam", "pump sack", "baffle", "surface", "repair patch")),
    "Water": ("water filter", ("cartridge", "hose", "bite valve", "O-ring", "housing", "pre-filter")),
    "Climbing": ("harness", ("leg loop", "belay loop", "gear loop", "webbing", "buckle", "padding")),
}
"""A family of products: what one is called, and its parts."""

_STEMS = [
    "Skarn",
    "Lathe",
    "Ember",
    "Fell",
    "Drift",
    "Beck",
    "Lumen",
    "Rill",
    "Tarn",
    "Corrie",
    "Gale",
    "Haar",
    "Knott",
    "Ling",
    "Moss",
    "Nab",
    "Otter",
    "Pike",
    "Rigg",
    "Scree",
    "Thorn",
    "Usk",
    "Vale",
    "Wath",
    "Yarrow",
    "Birk",
    "Crag",
    "Dale",
    "Eider",
    "Force",
]
_COLOURS = ["moss", "slate", "ochre", "rust", "black", "sand", "pine", "storm"]
_FIRST = [
    "Alice",
    "Ben",
    "Carla",
    "Dev",
    "Elin",
    "Farah",
    "George",
    "Hana",
    "Ivan",
    "Julia",
    "Kofi",
    "Lena",
    "Marek",
    "Nadia",
    "Owen",
    "Petra",
    "Quinn",
    "Rosa",
    "Sam",
    "Tess",
    "Umar",
    "Vera",
    "Will",
    "Xenia",
    "Yusuf",
    "Zoe",
]
_LAST = [
    "Archer",
    "Bell",
    "Castro",
    "Dunn",
    "Ekberg",
    "Fisher",
    "Grant",
    "Holm",
    "Iqbal",
    "Jensen",
    "Kaya",
    "Lowe",
    "Moreno",
    "Novak",
    "Orr",
    "Price",
    "Quist",
    "Rossi",
    "Shah",
    "Tran",
    "Unger",
    "Vance",
    "Walsh",
    "Xu",
    "Young",
    "Zeller",
]


@dataclass(frozen=True, slots=True)
class _Topic:
    tag: str
    subject: str
    opening: str
    answer: str
    steps: tuple[str, ...]
    title: str


_TOPICS = (
    _Topic(
        "broken",
        "{part} of my {product} broke",
        "The {part} of my {product} broke after {n} weeks, on a trip to {place}. I did nothing unusual with it.",
        "That should not happen to a {part} after {n} weeks, and the warranty of two years covers it.",
        (
            "Take one photo of the whole {thing} and one of the {part} from close by.",
            "Send both together with your order number; no form is needed.",
            "We send a new {part} within {days} working days, or repair the {thing} in our workshop.",
        ),
        "What to do when the {part} of your {product} breaks",
    ),
    _Topic(
        "late",
        "Where is my {product}?",
        "I ordered the {product} in {colour} {n} days ago for {place}, and the tracking has not moved since {weekday}.",
        "The carrier scanned your parcel last on {weekday} in {place}; it is most likely to arrive within {days} days.",
        (
            "Look at the tracking page again after 18:00, when the depots report.",
            "If nothing has moved by {weekday}, write to us on this ticket.",
            "We then ask the carrier to search for it and send the {product} again without waiting.",
        ),
        "When your {product} takes longer than we said",
    ),
    _Topic(
        "return",
        "Return of the {product}",
        "The {product} in {colour} is not what I expected: the {part} sits too low. It is unused. How do I return it?",
        "You can return the {product} within {window} days as long as the {part} shows no wear.",
        (
            "Print the return label from your account, or show its code at a parcel shop.",
            "Pack the {thing} in its own bag, with the {part} on top.",
            "The refund goes to the way you paid with, {days} days after the parcel reaches us.",
        ),
        "How to return a {product} in {colour}",
    ),
    _Topic(
        "care",
        "How do I clean the {part}?",
        "After {n} days in {place} the {part} of my {product} is stiff with dirt. What may I clean it with?",
        "Lukewarm water and a soft brush are enough for the {part}; leave out soap with softener.",
        (
            "Brush off dry dirt first, always away from the {part}.",
            "Wash the {part} by hand at {temp} degrees, never in a machine.",
            "Let the {thing} dry in the shade for {days} days before you store it.",
        ),
        "Cleaning the {part} of a {product}",
    ),
    _Topic(
        "size",
        "Which size of {product}?",
        "I am between two sizes of the {product}. My old one from {place} measures {n} cm at the {part}.",
        "With {n} cm at the {part} the larger size fits better, above all with a layer under it.",
        (
            "Measure the {part} over what you will wear on the way.",
            "Add {days} cm and read the row for {colour} in the size table.",
            "Exchange it free of charge within {window} days if it does not fit.",
        ),
        "Finding the right size of the {product}",
    ),
    _Topic(
        "invoice",
        "Invoice for {product}",
        "My employer in {place} needs an invoice for the {product} with our company's name and VAT number.",
        "We can issue the invoice for the {product} anew for {window} days after the order.",
        (
            "Send us the company's full name, its address and the VAT number.",
            "Say whether the {part} that you bought along goes on the same invoice.",
            "The new invoice comes by e-mail within {days} working days and replaces the old one.",
        ),
        "A new invoice for your {product}",
    ),
    _Topic(
        "setup",
        "How do I fit the {part}?",
        "The new {part} for my {product} arrived without instructions. The old one came off in {place} {n} days ago.",
        "The {part} of the {product} needs no tools; it takes about {n} minutes.",
        (
            "Lay the {thing} flat with the {colour} side up.",
            "Push the {part} in until it clicks, then turn it by {temp} degrees.",
            "Pull at it twice. If it moves, start again with the second step.",
        ),
        "Fitting a new {part} to the {product}",
    ),
    _Topic(
        "stock",
        "{product} in {colour}: when again?",
        "The {product} in {colour} has been sold out for {n} weeks. I need it for {place}.",
        "The next delivery of the {product} in {colour} is planned for calendar week {week}.",
        (
            "Sign up on the product's page, and we write once when it is there.",
            "The shop in {place} keeps one for {days} days when you ask by phone.",
            "The {product} in another colour has the same {part} and is there now.",
        ),
        "When the {product} in {colour} comes back",
    ),
)
TAGS = tuple(topic.tag for topic in _TOPICS)
_PLACES = [
    "Ambleside",
    "Bergen",
    "Chamonix",
    "Davos",
    "Exmoor",
    "Fort-William",
    "Grasmere",
    "Hallstatt",
    "Innsbruck",
    "Jasper",
    "Keswick",
    "Lofoten",
    "Malham",
    "Narvik",
    "Oban",
    "Penrith",
    "Reykjavik",
    "Snowdon",
    "Tromso",
    "Ullapool",
    "Voss",
    "Wasdale",
    "Zermatt",
]
_WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
_GREETINGS = ("Hello", "Hi", "Good morning", "Dear team", "Hi there")
_THANKS = (
    "Thank you, that worked at once.",
    "Great, thanks. The {part} is fine now.",
    "Perfect, I will wait until {weekday} then.",
    "Thanks for the quick answer! You can close this.",
)
_FOLLOW_UPS = (
    "Does that also hold for the {part} in {colour}?",
    "One more question: may I use the {thing} until {weekday}?",
    "And who pays for the parcel from {place}?",
)
_NOTES = (
    "Checked with the workshop: {part} in stock, {n} left.",
    "Customer was polite on the phone. Goodwill of {days} pounds is fine.",
    "Same {part} again, third time this week; told the product team.",
)


@dataclass(frozen=True, slots=True)
class Story:
    """One conversation. Each message is (who, text), who being ``customer``, ``agent`` or ``note``."""

    subject: str
    messages: tuple[tuple[str, str], ...]


def person_name(number: int) -> str:
    first, last = _FIRST[number % len(_FIRST)], _LAST[number // len(_FIRST) % len(_LAST)]
    return f"{first} {last}"


def story(seed: int, number: int, *, tag: str, customer: str, agent: str) -> Story:
    """Return a ticket's conversation about one of `TAGS`; ``agent`` is the first name that signs the replies."""
    rng = random.Random(f"{seed}/ticket/{number}")  # noqa: S311 - invents demo texts
    topic, words = _TOPICS[TAGS.index(tag)], _words(rng)
    order = f" My order is TT-{rng.randrange(100_000, 999_999)}." if rng.random() < 0.6 else ""
    asked = f"{rng.choice(_GREETINGS)},\n\n{topic.opening.format(**words)}{order}\n\n{customer}"
    steps = "\n".join(f"{place}. {step.format(**words)}" for place, step in enumerate(topic.steps, start=1))
    answer = topic.answer.format(**words)
    reply = f"Hello {customer.split(maxsplit=1)[0]},\n\n{answer}\n\n{steps}\n\nKind regards,\n{agent}"
    messages = [("customer", asked), ("agent", reply)]
    if rng.random() < 0.3:
        messages.insert(1, ("note", rng.choice(_NOTES).format(**words)))
    if rng.random() < 0.4:
        again = rng.choice(topic.steps).format(**words)
        messages += [
            ("customer", rng.choice(_FOLLOW_UPS).format(**words)),
            ("agent", f"Hello again,\n\n{again} {answer}\n\nBest,\n{agent}"),
        ]
    if rng.random() < 0.6:
        messages.append(("customer", rng.choice(_THANKS).format(**words)))
    return Story(topic.subject.format(**words), tuple(messages))


def article(seed: int, number: int, *, family: str, locale: str) -> tuple[str, str]:
    """Return title and HTML. In German only the frame is German, which is enough to tell the languages apart."""
    rng = random.Random(f"{seed}/article/{number}")  # noqa: S311 - invents demo texts
    words = _words(rng, family)
    topic = _TOPICS[number % len(_TOPICS)]
    others = rng.sample(_TOPICS, k=3)
    title = topic.title.format(**words)
    intro, more, note = ("In short", "What else helps", "Note")
    if locale == "de":
        title = f"{words['product']}: {_GERMAN[topic.tag]} ({words['part']}, {words['colour']})"
        intro, more, note = ("Kurz gesagt", "Was sonst noch hilft", "Hinweis")
    steps = "".join(f"<li>{step.format(**words)}</li>" for step in topic.steps)
    rest = "".join(
        f"<h3>{one.title.format(**words)}</h3><p>{one.answer.format(**words)} {one.steps[0].format(**words)}</p>"
        for one in others
    )
    return title, (
        f"<h2>{intro}</h2><p>{topic.answer.format(**words)}</p><ol>{steps}</ol><h2>{more}</h2>{rest}"
        f"<p><strong>{note}:</strong> {others[0].steps[-1].format(**words)}</p>"
    )


_GERMAN = {
    "broken": "Was tun, wenn etwas kaputtgeht",
    "late": "Wenn die Lieferung länger dauert",
    "return": "So schicken Sie es zurück",
    "care": "Reinigung und Pflege",
    "size": "Die richtige Größe finden",
    "invoice": "Eine neue Rechnung bekommen",
    "setup": "Ein neues Teil anbringen",
    "stock": "Wann es wieder da ist",
}


def _words(rng: random.Random, family: str = "") -> dict[str, str]:
    thing, parts = FAMILIES[family or rng.choice(tuple(FAMILIES))]
    return {
        "product": f"{rng.choice(_STEMS)} {rng.randrange(2, 90)}",
        "thing": thing,
        "part": rng.choice(parts),
        "colour": rng.choice(_COLOURS),
        "place": rng.choice(_PLACES),
        "weekday": rng.choice(_WEEKDAYS),
        "n": str(rng.randrange(2, 60)),
        "days": str(rng.randrange(2, 15)),
        "window": str(rng.choice((14, 30, 60, 100))),
        "week": str(rng.randrange(1, 53)),
        "temp": str(rng.choice((20, 30, 40, 90, 180))),
    }
