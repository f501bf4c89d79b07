from tests.shell import SEARCHES, Otklik, posts


def test_how_a_query_is_read_and_what_it_costs(otklik: Otklik) -> None:
    city = otklik.city()
    texts = ["Нет воды", "Ямы на дороге", "Яма во дворе", "Воды нет, яма"]
    assert otklik("ingest", city, input=posts(*texts)).code == 0
    run = otklik("lint", city, "ямы (двор OR вода) -свет", "--json")
    assert (run.code, run.err) == (0, "")
    (told,) = run.lines
    assert told["read"] == "ямы (двор OR вода) -свет"
    assert [(one["word"], one["posts"]) for one in told["words"]] == [("ямы", 3), ("двор", 1), ("вода", 2), ("свет", 0)]
    assert "яма" in told["words"][0]["keys"]
    assert told["asked"] == {"clause": "двор OR вода", "posts": 3}
    assert (told["found"], told["archive"], told["remarks"]) == (2, 4, [])
    shown = otklik("lint", city, "holes")
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.startswith("Read as: яма дорога\n")
    assert "It finds 1 posts of 4." in shown.out
    assert shown.out.endswith("Nothing to remark.\n")


def test_what_no_saved_search_may_be(otklik: Otklik) -> None:
    city = otklik.city()
    assert otklik("ingest", city, input=posts("Нет воды")).code == 0
    run = otklik("lint", city, "NOT яма", "--json")
    assert run.code == 1
    assert [(one["level"], one["code"], one["start"], one["end"]) for one in run.lines[0]["remarks"]] == [
        ("refused", "only-excludes", 4, 7)
    ]
    assert run.lines[0]["asked"] is None
    told = otklik("backtest", city, "NOT яма")
    assert told.code == 0
    assert "No saved search can be so, characters 5–7" in told.err
    wrong = SEARCHES.replace("'яма дорога'", "'-яма'")
    refused = otklik.city("other", searches=wrong)
    run = otklik("check", refused)
    assert run.code == 1
    line = refused.read_text("utf-8").splitlines().index("query = '-яма'") + 1
    assert f"{refused}:{line}: error: search[holes].query" in run.err
    assert "only excludes" in run.err


def test_the_archive_is_searched_with_a_word_of_advice(otklik: Otklik) -> None:
    city = otklik.city()
    assert otklik("ingest", city, input=posts("Нет воды", "Водоканалсервис не отвечает")).code == 0
    run = otklik("search", city, "djlf или свет", "--json")
    assert (run.code, run.lines) == (0, [])
    assert run.err.splitlines() == [
        "Likely a mistake, characters 1–4: «djlf» is «вода» in the Russian layout",
        "  Perhaps: вода или свет",
        "Likely a mistake, characters 6–8: «или» is a word to look for here; the operator is written OR",
        "  Perhaps: djlf OR свет",
        "No post has all of it. Each by itself: djlf — 0, или — 0, свет — 0.",
    ]
    # What the archive has is no stranger; nor is it remarkable to look through all of it.
    for query in ("водоканалсервис", "", "since:-1d"):
        assert otklik("search", city, query).err == ""
    told = otklik("export", city, "NOT яма", otklik.folder / "all.csv")
    assert "only excludes" in told.err
