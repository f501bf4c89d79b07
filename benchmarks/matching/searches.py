"""Saved searches as a city would write them, made from words, neighbours and places of real posts.

Of a hundred: 60 AND/OR, 20 phrases or words near each other, 10 with a NOT, 10 with a prefix; half with a place filter,
of the post that the words are of or, where it has no place, of another one.
"""

from collections import Counter
from collections.abc import Sequence
from random import Random

from search.areas import Areas
from search.document import Document

_COMMON = 0.2
"""A word that stands in more of the posts is no word to search for."""
_SHORTEST = 3


class Writer:
    """Writes queries from a sample of posts; the same for the same seed."""

    def __init__(self, posts: Sequence[Document], areas: Areas, seed: int) -> None:
        self._random = Random(seed)
        self._areas = areas
        counts = Counter(token for post in posts for token in post.lemma_set)
        most = _COMMON * len(posts)
        self._words = [
            [
                token
                for token in post.tokens
                if token.surface.isalpha()
                and len(token.surface) >= _SHORTEST
                and counts[token.lemma] <= most
                # What makes appeals anonymous is no word.
                and len(set(token.surface)) > 1
            ]
            for post in posts
        ]
        self._posts = posts
        self._placed = [post.places for post in posts if post.places]
        self._usable = [number for number, words in enumerate(self._words) if len(words) >= 6]

    def query(self) -> str:
        """One query."""
        random = self._random
        number = random.choice(self._usable)
        kind = random.random()
        if kind < 0.6:
            text = self._and_or(number)
        elif kind < 0.8:
            text = self._near(number)
        elif kind < 0.9:
            text = f"{' '.join(self._some(number, 2))} -{self._other()}"
        else:
            text = self._prefix(number)
        return f"{text} {self._place(number)}".strip() if random.random() < 0.5 else text

    def _some(self, number: int, count: int) -> list[str]:
        return [token.surface for token in self._random.sample(self._words[number], count)]

    def _other(self) -> str:
        return self._some(self._random.choice(self._usable), 1)[0]

    def _and_or(self, number: int) -> str:
        random = self._random
        shape = random.randrange(4)
        if shape == 0:
            return " ".join(self._some(number, 2))
        if shape == 1:
            return " ".join(self._some(number, 3))
        one, two = self._some(number, 2)
        if shape == 2:
            return f"({one} OR {self._other()}) {two}"
        return f"({one} OR {self._other()} OR {self._other()}) ({two} OR {self._other()})"

    def _near(self, number: int) -> str:
        random = self._random
        words = self._words[number]
        at = random.randrange(len(words) - 1)
        one, two = words[at], words[at + 1]
        if one.lemma == two.lemma:
            # To Lucene one word in the text is both.
            return one.surface
        return f'"{one.surface} {two.surface}"{random.choice(("", "~3", "~5", "~>5"))}'

    def _prefix(self, number: int) -> str:
        one, two = self._some(number, 2)
        return f"{one[: max(4, len(one) - 2)]}* {two}"

    def _place(self, number: int) -> str:
        random = self._random
        place = random.choice(self._posts[number].places or random.choice(self._placed))
        shape = random.random()
        if place.street_key and "|" not in place.street_key and shape < 0.5:
            street = place.street_key.replace("/", " ").strip()
            return f'street:"{street}"'
        if place.street_key and "|" not in place.street_key and place.houses and shape < 0.7:
            street = place.street_key.replace("/", " ").strip()
            return f'at(street:"{street}" house:{place.houses[0].number})'
        over = self._areas.over(place.lat, place.lon) if place.lat is not None and place.lon is not None else ()
        if over and shape < 0.8:
            return f'in:"{random.choice(sorted(over))}"'
        if place.lat is not None and place.lon is not None and shape < 0.9:
            return f"near:{place.lat:.6f},{place.lon:.6f},{random.choice((300, 500, 1000))}m"
        if place.district:
            return f'district:"{place.district}"'
        return 'district:"Невский район"'
