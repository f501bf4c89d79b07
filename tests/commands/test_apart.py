from tests.commands.test_stories import BRIDGE, news_lines
from tests.shell import Otklik


def test_two_posts_are_kept_apart_listed_explained_and_put_together_again(otklik: Otklik) -> None:
    city = otklik.city()
    assert otklik("ingest", city, input=news_lines(*BRIDGE)).code == 0
    (story,) = otklik("stories", city, "--json").lines
    first, second = (one["id"] for one in otklik("stories", city, story["story"], "--json").lines)

    refused = otklik("--locale", "en", "apart", city, "story", second, first)
    assert (refused.code, "--why" in refused.err) == (1, True)
    (kept,) = otklik("apart", city, "story", second, first, "--why", "другой мост", "--json").lines
    assert (kept["what"], kept["post"], kept["other"], kept["why"]) == ("story", second, first, "другой мост")
    assert kept["who"]
    assert otklik("stories", city, "--json").lines == []
    assert otklik("search", city, f'story:"{first}"', "--json").lines == []
    assert otklik("reindex", city).code == 0
    assert otklik("stories", city, "--json").lines == []
    assert "другой мост" in otklik("--locale", "ru", "explain", city, first).out
    assert "другой мост" in otklik("--locale", "en", "apart", city).out

    assert otklik("apart", city, "story", first, second, "--undo").code == 0
    assert otklik("stories", city, "--json").lines == [story]
    assert "There are no decisions" in otklik("--locale", "en", "apart", city).out


def test_a_post_is_no_copy_when_a_person_says_so(otklik: Otklik) -> None:
    city = otklik.city()
    assert otklik("ingest", city, input=news_lines(BRIDGE[0], BRIDGE[0])).code == 0
    (copy,) = otklik("search", city, "is:copy", "--json").lines
    assert otklik("apart", city, "copy", copy["id"], "--why", "своё обращение").code == 0
    assert otklik("search", city, "is:copy", "--json").lines == []
    explained = otklik("--locale", "ru", "explain", city, copy["id"]).out
    assert "своё обращение" in explained
    assert "Текст короток" not in explained
    assert otklik("apart", city, "copy", copy["id"], "--undo").code == 0
    assert len(otklik("search", city, "is:copy", "--json").lines) == 1
    wrong = otklik("--locale", "en", "apart", city, "copy", copy["id"], copy["copy_of"], "--why", "x")
    assert (wrong.code, "otklik apart CITY copy ID" in wrong.err) == (1, True)
