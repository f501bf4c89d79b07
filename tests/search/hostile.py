"""Malformed and hostile queries, the same for the same seed: what people paste, slip and try.

Each kind is a function of a random source: mutated queries of the language, bytes, exotic Unicode, deep nesting, as
much as is allowed of anything, what makes regular expressions backtrack, and pieces of other languages (SQL, FTS5,
JSON, Lucene).
"""

from collections.abc import Callable, Iterator
from random import Random

from search.field_names import FIELDS
from tests.search.engines.worlds import WORDS

GOOD = (
    *("яма дорога", "яма OR вода", "яма -вода", "(яма OR вода) нет", "=ямы", "водо*", '"нет воды"', '"воды нет"~5'),
    *('"нет воды"~>5', '"вода нет"~s', '"(яма|вода) нет"', "source:one", "platform:vk kind:post", "since:-24h"),
    *("since:2026-03-01 until:2026-03-02", "street:Ленина house:10-20", "at(street:Мира house:12/1)", "29/2", "wi-fi"),
    *("near:46.95,142.73,500m", "district:Луговое", "-(яма вода)", "-street:Ленина", "NOT (a OR b) c", "has:photo"),
    *("Улица:Ленина дом:5", "тема:вода", "рядом:46.95,-142.73,500m", "где:школа", "есть:photo"),
    *("topic:вода", "lang:ru -is:copy", "act:complaint", "seen:-1d", "author:resident", '"горячая вода" нет'),
)
SIGNS = "()\"«»“”„|&!+-~^*?:;,.=/\\'`<>[]{}@#$%№§ \t\n\r\x00\x1f\u00a0\u00ad\u200b\u200d\u202e\u3000\ufeff—–−…"
INJECTIONS = (
    *("' OR 1=1 --", '"; DROP TABLE posts; --', "вода' UNION SELECT * FROM posts --", "1); DELETE FROM posts; --"),
    *("NEAR(яма вода, 5)", "lemma:яма", "surface : яма", "{lemma surface}: яма", "^яма", "яма + вода", '"яма" *'),
    *('{"query": {"match_all": {}}}', '{"script": "1"}', '"}}}, {"match_all": {}', "_exists_:post", "[* TO *]", "*:*"),
    *(
        "/вод.*/",
        "вод?",
        "яма~2",
        "яма^10",
        "(яма",
        "яма)",
        "{{7*7}}",
        "${jndi:ldap://e.org/a}",
        "%s%s%n",
        "%00",
        "\\0",
    ),
    *("<script>alert(1)</script>", "../../../etc/passwd", "`id`", "$(id)", "|| id", "source:' OR '1'='1", "\\", '\\"'),
    *(
        'source:"one\' OR 1=1"',
        'district:"%"',
        'district:"_"',
        "street:'); --",
        'topic:"*"',
        'author:"$ne"',
        "null",
        "NaN",
    ),
)
EXOTIC = (
    *(
        "ß",
        "ﬁ",
        "İ",
        "ı",
        "ǅ",
        "²",
        "½",
        "٣",
        "１２",
        "Ⅷ",
        "㍿",
        "한국어",
        "漢字",
        "ไทย",
        "עברית",
        "हिन्दी",
        "🔥",
        "👨‍👩‍👧",
        "🇷🇺",
    ),
    *(
        "\ud800",
        "\udfff",
        "\uffff",
        "\U0010ffff",
        "\ue000",
        "\u0301",
        "е\u0308",
        "и\u0306",
        "a\u0300" * 9,
        "\u202eадов",
    ),
    *(
        "ЯМА",
        "Ё",
        "ё",
        "ѣ",
        "і",
        "ґ",
        "ⓐ",
        "𝐚",
        "𝔸",
        "ａ",
        "Ａｎｄ",
        "ΑΒΓ",
        "ς",
        "ŉ",
        "ẞ",
        "ﬀ",
        "K",
        "Å",
        "\u2028",
        "\x85",
    ),
)

_NEAR = ("", "~50", "~>50", "~s", "~8", "~>1")
Kind = Callable[[Random], str]


def hostile(seed: int, count: int) -> Iterator[str]:
    """So many queries, of all kinds in turn."""
    random = Random(seed)
    kinds: tuple[Kind, ...] = (pieces, mutated, mutated, bytes_of, exotic, nested, huge, backtracking, injected, valued)
    for number in range(count):
        yield kinds[number % len(kinds)](random)


def pieces(random: Random) -> str:
    """Good queries, words and signs strung together."""
    some = [random.choice(random.choice((GOOD, WORDS, SIGNS, ("AND", "OR", "NOT", "at(", "(", ")")))) for _ in range(9)]
    return random.choice(("", " ")).join(some[: random.randint(1, 9)])


def mutated(random: Random) -> str:
    """Good queries with letters lost, doubled, swapped and foreign ones put in."""
    text = random.choice((" ", " OR ", " -")).join(random.choices(GOOD, k=random.randint(1, 5)))
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(text) + 1)
        end = min(len(text), at + random.randint(0, 4))
        put = random.choice(
            ("", "", random.choice(SIGNS), random.choice(SIGNS) * 3, random.choice(EXOTIC), text[at:end] * 2)
        )
        text = text[:at] + put + text[end:]
    return text


def bytes_of(random: Random) -> str:
    """Bytes in some charset."""
    return random.randbytes(random.randint(1, 200)).decode(
        random.choice(("latin-1", "cp1251", "utf-16-le", "utf-8")), "replace"
    )


def exotic(random: Random) -> str:
    """Letters and marks of all Unicode, some in places where words, fields and phrases stand."""
    some = [random.choice(EXOTIC), chr(random.randrange(0x110000)), random.choice(WORDS)]
    random.shuffle(some)
    shape = random.choice(
        ("{}{}{}", "{} {} {}", '"{} {}"~5 {}', "={}{} {}", "{}{}{}*", "source:{} {}{}", "street:{}{}{}", "({}|{}) {}")
    )
    return shape.format(*some)


def nested(random: Random) -> str:
    """Brackets and negations around 16 deep, each level of another operator; and far too deep ones."""
    if random.random() < 0.2:
        deep = random.choice(("(", "-", "NOT ", "at(", "((", "-(", "«", "(a OR ")) * random.choice((17, 100, 5000))
        return deep[:20_000]
    text = random.choice(GOOD[:16])
    for level in range(random.randint(10, 17)):
        other, more = random.choice(GOOD), random.choice(WORDS)
        joiner = random.choice((" ", " OR ")) if random.random() < 0.5 else (" OR ", " ")[level % 2]
        text = random.choice((f"({other}{joiner}{text})", f"({text}{joiner}{more})", f"-({other}{joiner}{text})"))
    return text


def huge(random: Random) -> str:
    """As much as is allowed, or somewhat more."""
    count = random.choice((200, 1023, 1024, 1025))
    words = random.choices(WORDS, k=count)
    hot = " ".join(random.choices(("вода", "яма", "нет", "при", "сел"), k=random.randint(2, 8)))
    phrase = '"(яма|вода) (нет|ям) (вода|село) (при|сел) (стол|стали)"'
    shapes = (
        " OR ".join(words),
        " ".join(words),
        " ".join(["яма", *(f"-{word}" for word in words)]),
        " OR ".join(f"{word[:3]}*" for word in words),
        f'"{" ".join(words[:500])}"' + random.choice(("", "~>50", "~s", "~50")),
        " OR ".join(f"at(street:Ленина house:{number})" for number in range(count // 4)),
        random.choice(("я", "1/", "a-", "ё\u0301", "=", "я*")) * random.choice((2_000, 9_000, 20_001)),
        f"{phrase}{random.choice(('~>50', '~50', '~s', ''))} " * random.choice((1, 20, 60)),
        " OR ".join(f'"({one}|{hot.split()[0]}) (нет|ям) (при|сел)"{random.choice(_NEAR)}' for one in words[:60]),
        f'"{hot}"{random.choice(_NEAR)}',
        f"{random.choice(('вод*', 'при*', '=ям'))} " * 60 + " OR ".join(words[:50]),
    )
    return random.choice(shapes)


def backtracking(random: Random) -> str:
    """Runs that a careless regular expression reads in quadratic time or worse."""
    run = random.choice(
        ("a", "1", "-", "/", ",", ".", " ", "'", "«", '"', "~", "*", "(", "|", "a'", "'a ", "1,", "a-", "a/", "\u00ad")
    )
    tail = random.choice(("", "!", "\x00", '"', ")", "я", ":"))
    head = random.choice(("", "near:", "since:", "house:", "street:", '"', "=", "source:(", '"(', "https:"))
    return head + run * random.choice((50, 1_000, 9_900)) + tail


def injected(random: Random) -> str:
    """Pieces of other languages, alone and inside of ours."""
    one = random.choice(INJECTIONS)
    return random.choice(("{}", '"{}"', "яма {}", "{} OR вода", "source:{}", 'district:"{}"', "({})", "-{}")).replace(
        "{}", one
    )


def valued(random: Random) -> str:
    """Every field with values of all kinds, good ones too."""
    name = random.choice((*FIELDS, "place", "in", "text", "_id", "p.post"))
    value = random.choice(
        (*EXOTIC, *INJECTIONS, *WORDS, "", "-1", "0", "9" * 40, "1e309", "-24h", "2026-02-30", "10-20", "20-10")
    )
    blank = random.choice(("", "", "", " "))
    made = f"{name}:{blank}{value}" if random.random() < 0.6 else f'{name}:{blank}"{value}"'
    return random.choice(("{}", "яма {}", "-{}", "at({})", "({} OR вода)", "{} {}")).replace("{}", made)
