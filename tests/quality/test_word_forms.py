from tests.quality.word_forms import interval, measure, share, words

FLOOR = 0.99


def test_forms_of_words_of_complaints_find_each_other() -> None:
    results = measure()
    assert len(results) == len({word for _, word in words()}) == 500
    assert share(results) >= FLOOR
    assert interval(results)[0] >= FLOOR
