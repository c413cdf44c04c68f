"""What people are called: by the address book in all calls at once, else as ACS says, else by their number."""

from tests.story.telling import Told, story


@story()
def a_person_is_renamed_everywhere(it: Told) -> None:
    who = it.number.replace("+", "%2B")
    first, _ = it.same(it.place())
    second = it.connected()

    def labels() -> set[str]:
        lanes = [lane for call in (first, second) for lane in it.stage.session(call["id"])["participants"]]
        people = [person for call in (first, second) for person in it.stage.call(call["id"])["participants"]]
        return {one["label"] for one in lanes + people} if len(lanes) == 2 else set()

    it.stage.until(lambda: labels() == {it.number}, "two lanes with numbers")
    it.stage.post(f"/people/{who}", {"name": "Olga Öz"}, method="PUT")
    it.stage.until(lambda: labels() == {"Olga Öz"}, "two lanes with names")
    it.same(second)
    _, session = it.same(it.place())
    assert [lane["label"] for lane in session["participants"]] == ["Olga Öz"]
    it.stage.post(f"/people/{who}", method="DELETE")
    it.stage.until(lambda: labels() == {it.number}, "two lanes with numbers again")
