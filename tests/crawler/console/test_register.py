from tests.consoles import Visitor
from tests.shell import Otklik

PAGE = "/ozersk/register"


def test_a_call_becomes_a_report_of_an_incident(operator: Visitor, town: Otklik) -> None:
    call = {"topic": "Ямы", "text": "У подъезда провалился асфальт", "place": "ул. Мира, 3", "severity": "high"}
    answer = operator.act(PAGE, PAGE, **call)
    assert (answer.status, answer.location) == (303, "/ozersk/incidents/3")
    page = operator.get(answer.location).text
    assert "провалился асфальт" in page
    assert "Мира, 3" in page
    shown = town("incidents", town.folder / "ozersk.toml", "show", "3", "--json").lines[0]
    assert shown["incident"]["severity"] == "high"
    again = operator.act(PAGE, PAGE, **call)
    assert again.status == 409
    assert "registered already" in again.text
    assert "/ozersk/incidents/3" in again.text


def test_what_cannot_be_registered_is_said_and_what_was_typed_stays(operator: Visitor) -> None:
    nothing = operator.act(PAGE, PAGE, topic="Ямы", text=" ", place="ул. Мира, 3")
    assert nothing.status == 409
    assert 'value="ул. Мира, 3"' in nothing.text
    assert operator.act(PAGE, PAGE, topic="Полёты", text="Летает").status == 409
    link = operator.act(PAGE, PAGE, topic="Ямы", link="javascript:alert(1)")
    assert link.status == 409
    assert "Cannot read the link" in link.text
    placeless = operator.act(PAGE, PAGE, topic="Ямы", text="Яма", place="где-то там")
    assert placeless.status == 200
    assert "was not understood" in placeless.text
