"""How rare features are told to be, when there is no end of new ones."""

from search.rarity import Rarity

WORDS = 400_000
BATCH = 1000


def test_what_is_rare_is_forgotten_before_what_is_frequent() -> None:
    rarity = Rarity()
    unknown = rarity.share(["слово"])
    for start in range(0, WORDS, BATCH):
        rarity.count(["вода", *(f"слово{number}" for number in range(start, start + BATCH))])
    assert rarity.share(["вода"]) > 0.5
    forgotten = rarity.share(["слово"])
    assert forgotten < unknown
    remembered = sum(rarity.share([f"слово{number}"]) > forgotten for number in range(WORDS))
    assert 0 < remembered < WORDS * 3 // 4
