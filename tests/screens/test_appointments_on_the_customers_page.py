"""Appointments: booked, moved and called off on the customer's page, by the dealership's clock; the diary of all."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from tests.clusters.asking import act, enquiry
from tests.screens.customers import colleague, done, hidden, page_of, shown, words_of
from tests.world import OURS

if TYPE_CHECKING:
    import httpx

    from tests.world import World

DRIVE = {"purpose": "Test Drive", "day": "2031-03-03", "at": "10:00", "length": "30", "car": "601"}


async def appointments(api: httpx.AsyncClient, lead: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await api.get(f"/api/v1{page_of(lead)}/appointments")
    return list(answer.json()["appointments"])


async def test_a_test_drive_is_booked_by_the_dealerships_clock_and_called_off_by_undo(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    lead = await enquiry(api, stocknum="SPARE1")
    page = await shown(visitor, f"{page_of(lead)}/appointments/new")
    assert re.search(r'<option value="611" selected>Spare car', page)

    form = DRIVE | {
        "day": "2031-02-03",
        "car": "611",
        "user": "501",
        "location": "101",
        "note": "brings her son",
    }
    text = await done(visitor, f"{page_of(lead)}/appointments", form)

    [booked] = await appointments(api, lead)
    assert (booked["starts_at"], booked["car_id"], booked["user_id"], booked["location_id"]) == (
        "2031-02-03 10:00:00", 611, 501, 101,
    )  # fmt: skip
    assert "booked a test drive on Mon 3 Feb, 10:00 am, Spare car" in words_of(text)
    assert "brings her son" in text
    marks = re.findall(r'name="events" value="([^"]+)"', text)
    await visitor.post("/undo", data={"events": marks[0]})
    assert [one["status"] for one in await appointments(api, lead)] == ["cancelled"]


async def test_where_the_car_is_taken_the_next_time_is_one_tap_away(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    await done(visitor, f"{page_of(await enquiry(api))}/appointments", DRIVE)
    lead = await enquiry(api)

    answer = await visitor.post(f"{page_of(lead)}/appointments", data=DRIVE | {"note": "kept"})

    assert answer.status_code == 409
    assert "Take Mon 3 Mar, 10:30 am instead" in words_of(answer.text)
    assert 'value="kept"' in answer.text
    await done(visitor, f"{page_of(lead)}/appointments", DRIVE | {"starts_at": "2031-03-03 10:30:00"})
    assert [one["starts_at"] for one in await appointments(api, lead)] == ["2031-03-03 10:30:00"]


async def test_what_does_not_fit_is_said_beside_what_was_filled_in(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    lead = await enquiry(api)
    for wrong, said in (
        ({"stocknum": "NONE"}, "is no car's in stock"),
        ({"day": ""}, "must be YYYY-MM-DD"),
        ({"length": "2000"}, "1440"),
        ({"user": "503"}, "is not a user of this dealership"),
    ):
        answer = await visitor.post(f"{page_of(lead)}/appointments", data=DRIVE | {"note": "kept"} | wrong)
        assert (answer.status_code, said in answer.text.replace("&#39;", "'"), 'value="kept"' in answer.text) == (
            422, True, True,
        ), wrong  # fmt: skip
    by_number = DRIVE | {"day": "2031-03-04", "car": "", "stocknum": "spare1"}
    await done(visitor, f"{page_of(lead)}/appointments", by_number)
    assert [one["car_id"] for one in await appointments(api, lead)] == [611]


async def test_it_is_moved_unless_somebody_else_moved_it_first(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    lead = await enquiry(api)
    form = DRIVE | {"day": "2031-03-05"}
    await done(visitor, f"{page_of(lead)}/appointments", form)
    [booked] = await appointments(api, lead)
    at = f"{page_of(lead)}/appointments/{booked['id']}"
    seen = hidden(await shown(visitor, at), f"appointments/{booked['id']}")

    await done(visitor, at, form | seen | {"at": "11:00"})
    second = await visitor.post(at, data=form | seen | {"at": "12:00"})

    assert second.status_code == 409
    assert "was changed by somebody else meanwhile" in second.text
    assert 'value="11:00"' in second.text
    assert [one["starts_at"] for one in await appointments(api, lead)] == ["2031-03-05 11:00:00"]
    other = await enquiry(api)
    assert (await visitor.get(f"{page_of(other)}/appointments/{booked['id']}")).status_code == 404


async def test_what_became_of_it_is_one_tap(api: httpx.AsyncClient, visitor: httpx.AsyncClient) -> None:
    lead = await enquiry(api)
    for number, status in enumerate(("completed", "no-show", "cancelled")):
        await done(visitor, f"{page_of(lead)}/appointments", DRIVE | {"day": f"2031-04-0{number + 1}"})
        booked = (await appointments(api, lead))[-1]
        await done(visitor, f"{page_of(lead)}/appointments/{booked['id']}", {"status": status})

    assert [one["status"] for one in await appointments(api, lead)] == ["completed", "no-show", "cancelled"]


# ---------------------------------------------------------------------------------------------------------- the diary


async def test_the_diary_shows_a_week_as_a_list_and_as_grids_and_narrows_it(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient, world: World
) -> None:
    await colleague(world, 571, "Priya Raman")
    first = await enquiry(api, name="Early Eve")
    second = await enquiry(api, name="Late Lee")
    for lead, more in (
        (first, {"starts_at": "2031-05-05 00:30:00", "user_id": 571, "car_id": 601}),
        (second, {"starts_at": "2031-05-11 23:30:00", "location_id": 101}),
        (second, {"starts_at": "2031-05-12 00:00:00"}),
    ):
        await act(api, lead["lead_cluster_id"], "appointments", appointment={"purpose": "Test Drive"} | more)

    for shown_as in ("list", "person", "car"):
        text = words_of(await shown(visitor, "/appointments", week="2031-05-07", show=shown_as))
        assert "5 to 11 May 2031" in text
        assert ("Early Eve" in text, "Late Lee" in text, "12:30 am" in text) == (True, True, True)
        assert text.count("Late Lee") == (1 if shown_as != "list" else text.count("Late Lee"))
    by_person = await shown(visitor, "/appointments", week="2031-05-05", show="person")
    assert re.search(r'<th scope="row"><bdi>Priya Raman', by_person)
    assert re.search(r'<th scope="row"><bdi>Nobody yet', by_person)
    for narrowed, seen, not_seen in (
        ({"user": "571"}, "Early Eve", "Late Lee"),
        ({"car": "601"}, "Early Eve", "Late Lee"),
        ({"location": "101"}, "Late Lee", "Early Eve"),
    ):
        text = await shown(visitor, "/appointments", week="2031-05-05", **narrowed)
        assert (seen in text, not_seen in text) == (True, False), narrowed
    for nonsense in ("x", "0001-01-01", "9999-12-31"):
        assert "Appointments" in await shown(visitor, "/appointments", week=nonsense, user="x", show="x")


async def test_an_outcome_is_said_in_the_diary(api: httpx.AsyncClient, visitor: httpx.AsyncClient) -> None:
    lead = await enquiry(api, name="Diary Di")
    await act(
        api,
        lead["lead_cluster_id"],
        "appointments",
        appointment={"purpose": "Appointment", "starts_at": "2031-06-02 09:00:00"},
    )
    [booked] = await appointments(api, lead)
    at = f"/dealerships/{OURS}/appointments/{booked['id']}/outcome"

    answer = await visitor.post(
        at, data={"status": "cancelled"}, headers={"Referer": "/appointments?week=2031-06-02"}
    )

    page = await shown(visitor, answer.headers["location"])
    assert "Appointment changed" in page
    assert "Diary Di" not in words_of(page).partition("Appointments")[2]
    assert "Diary Di" in await shown(visitor, "/appointments", week="2031-06-02", cancelled="yes")
    assert (await visitor.post(at, data={"status": "eaten"})).status_code == 422


async def test_one_is_taken_along_as_a_calendar_file(
    api: httpx.AsyncClient, visitor: httpx.AsyncClient, world: World
) -> None:
    lead = await enquiry(api, name="Ical; Ida, née “Z”" + "é" * 60)
    await world.run("update location set address = '1 High St, Brisbane' where id = 101")
    drive = {
        "purpose": "Test Drive",
        "starts_at": "2031-07-01 10:00:00",
        "length_in_minutes": 45,
        "location_id": 101,
    }
    await act(api, lead["lead_cluster_id"], "appointments", appointment=drive | {"note": "two\nlines"})
    [booked] = await appointments(api, lead)
    at = f"/dealerships/{OURS}/appointments/{booked['id']}.ics"

    answer = await visitor.get(at)

    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.headers["content-disposition"].endswith('.ics"')
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    told = dict(line.split(":", 1) for line in answer.text.replace("\r\n ", "").split("\r\n") if ":" in line)
    assert (told["DTSTART"], told["DTEND"]) == ("20310701T000000Z", "20310701T004500Z")
    assert told["SUMMARY"] == "Test Drive: Ical\\; Ida\\, née “Z”" + "é" * 60
    assert told["LOCATION"] == "Yard\\, 1 High St\\, Brisbane"
    assert told["DESCRIPTION"].startswith("two\\nlines\\n")
    assert (await visitor.get(f"/dealerships/{OURS}/appointments/999999.ics")).status_code == 404
    assert date(2031, 7, 1).weekday() == 1
