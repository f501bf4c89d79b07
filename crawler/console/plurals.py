"""The forms that Russian nouns and adjectives take after a number."""


def plural(number: int, one: str, few: str, many: str) -> str:
    """The form after a number: 1 голос, 2 голоса, 5 голосов."""
    if number % 100 in range(11, 15):
        return many
    return {1: one, 2: few, 3: few, 4: few}.get(number % 10, many)
