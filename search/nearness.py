"""Whether the words of a phrase stand near enough: exact, without heuristics, over positions of the stream."""

from collections.abc import Sequence

from search.analysis import Token
from search.tree import Phrase


def first_near(slots: Sequence[Sequence[Token]], phrase: Phrase) -> tuple[Token, ...] | None:
    """One token a slot, no token twice, where the phrase first stands; None where it stands nowhere.

    `slots` are the tokens of each slot in the order of the stream.
    """
    if phrase.sentence:
        return _in_one_sentence(slots)
    if phrase.ordered:
        return _in_order(slots, phrase.distance)
    return _in_any_order(slots, phrase.distance)


def _in_order(slots: Sequence[Sequence[Token]], distance: int) -> tuple[Token, ...] | None:
    """From each start the nearest next word of every slot: no other choice ends earlier."""
    ahead = [0] * len(slots)
    for first in slots[0]:
        chosen = [first]
        for number, slot in enumerate(slots[1:], 1):
            while ahead[number] < len(slot) and slot[ahead[number]].position <= chosen[-1].position:
                ahead[number] += 1
            if ahead[number] == len(slot):
                return None
            chosen.append(slot[ahead[number]])
        if chosen[-1].position - first.position + 1 - len(slots) <= distance:
            return tuple(chosen)
    return None


def _in_any_order(slots: Sequence[Sequence[Token]], distance: int) -> tuple[Token, ...] | None:
    starts = sorted({token.position for slot in slots for token in slot})
    width = len(slots) + distance
    for start in starts:
        window: list[list[Token]] = []
        for slot in slots:
            window.append([token for token in slot if start <= token.position < start + width])
            if not window[-1]:
                break
        chosen = _one_each(window)
        if chosen:
            return chosen
    return None


def _in_one_sentence(slots: Sequence[Sequence[Token]]) -> tuple[Token, ...] | None:
    for sentence in sorted({token.sentence for token in slots[0]}):
        chosen = _one_each([[token for token in slot if token.sentence == sentence] for slot in slots])
        if chosen:
            return chosen
    return None


def _one_each(slots: Sequence[Sequence[Token]]) -> tuple[Token, ...] | None:
    """A different token for every slot (augmenting paths), in the order of the stream; None if there are not enough."""
    if not all(slots):
        return None
    taken: dict[Token, int] = {}

    def place(slot: int, tried: set[Token]) -> bool:
        for token in slots[slot]:
            if token not in tried:
                tried.add(token)
                if token not in taken or place(taken[token], tried):
                    taken[token] = slot
                    return True
        return False

    if not all(place(slot, set()) for slot in range(len(slots))):
        return None
    return tuple(sorted(taken, key=lambda token: token.position))
