"""A contact is what its own leads say of the customer: when leads part, each takes along what only it has said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.clusters.asking import act, cluster, enquiry, put, somebody, update_lead

if TYPE_CHECKING:
    import httpx


def phones(told: dict[str, Any]) -> set[str]:
    return {point["value"] for point in told["contact"]["phones"]}


def e164(phone: str) -> str:
    return f"+61{phone[1:]}"


async def test_after_a_split_each_contact_is_what_its_leads_tell(api: httpx.AsyncClient) -> None:
    family = somebody()
    parent = await enquiry(api, **family, name="Mia", last_name="Chen", opt_in_to_marketing=False)
    child = await enquiry(
        api, phone=family["phone"], name="Leo", last_name="Chen", dob="01/02/2004", opt_in_to_marketing=True
    )
    quiet = await enquiry(api, email=child["email"], phone="0400000000", sms_verified=True)

    new = await act(api, parent["lead_cluster_id"], "split", lead_ids=[child["id"], quiet["id"]])

    old = await cluster(api, parent["lead_cluster_id"])
    names = ("name", "last_name", "dob", "sms_verified", "opt_in_to_marketing")
    assert [old["contact"][name] for name in names] == ["Mia", "Chen", None, False, False]
    assert [new["contact"][name] for name in names] == ["Leo", "Chen", "01/02/2004", True, True]
    assert [consent["lead_id"] for consent in old["consents"]] == [parent["id"]]
    assert [consent["lead_id"] for consent in new["consents"]] == [child["id"]]


async def test_what_staff_set_by_hand_stays_at_a_split(api: httpx.AsyncClient) -> None:
    family = somebody()
    parent = await enquiry(api, **family, name="Mia", lead_state="new")
    child = await enquiry(api, phone=family["phone"], name="Leo", lead_state="new")
    at = parent["lead_cluster_id"]
    await put(api, at, lead_state="contacted", contact={"name": "Mia Chen"})
    await update_lead(api, child, name="Leo", lead_state="new", message="again")
    assert set((await cluster(api, at))["conflicts"]) == {"contact.name", "state"}

    new = await act(api, at, "split", lead_ids=[child["id"]])

    old = await cluster(api, at)
    assert (old["contact"]["name"], old["conflicts"]) == ("Mia Chen", {})
    assert old["by_hand"]["contact.name"]["pushed"] == ["Mia"]
    assert (new["lead_state"], set(new["by_hand"]), new["conflicts"]) == ("contacted", {"state"}, {})
    # The state is held to what staff set in both.
    for lead in (parent, child):
        await update_lead(api, lead, lead_state="new", message="and again")
        assert (await cluster(api, lead["lead_cluster_id"]))["lead_state"] == "contacted"


async def test_a_number_that_was_given_up_goes_along(api: httpx.AsyncClient) -> None:
    family, given_up = somebody(), somebody()["phone"]
    parent = await enquiry(api, **family)
    child = await enquiry(api, email=family["email"], phone=given_up)
    await update_lead(api, child, phone=somebody()["phone"])

    new = await act(api, parent["lead_cluster_id"], "split", lead_ids=[child["id"]])

    old = await cluster(api, parent["lead_cluster_id"])
    assert phones(old) == {e164(family["phone"])}
    assert e164(given_up) in phones(new)
    later = await enquiry(api, phone=given_up)
    assert later["lead_cluster_id"] == new["id"]


async def test_an_unmerge_gives_later_words_back_to_whose_they_are(api: httpx.AsyncClient) -> None:
    one, other = await enquiry(api, name="Mia"), await enquiry(api, name="Maria", last_name="Lin")
    first, second = one["lead_cluster_id"], other["lead_cluster_id"]
    await act(api, first, "merge", lead_cluster_id=second)
    given_up = somebody()["phone"]
    later = await enquiry(
        api, email=other["email"], phone=given_up, name="Marianne", dob="01/02/1980", sms_verified=True
    )
    await update_lead(api, later, phone=somebody()["phone"])
    await update_lead(api, one, customer_address="1 New Road", last_name="Chen")

    await act(api, first, "unmerge", lead_cluster_id=second)

    told = [await cluster(api, at) for at in (first, second)]
    names = ("name", "last_name", "dob", "customer_address", "sms_verified")
    assert [told[0]["contact"][name] for name in names] == ["Mia", "Chen", None, "1 New Road", False]
    assert [told[1]["contact"][name] for name in names] == ["Marianne", "Lin", "01/02/1980", None, True]
    assert phones(told[0]) == {one["phone_e164"]}
    assert e164(given_up) in phones(told[1])


async def test_of_two_who_said_the_same_neither_loses_it(api: httpx.AsyncClient) -> None:
    person = somebody()
    stays = await enquiry(api, **person, name="Mia")
    goes = await enquiry(api, **person, name="Mia")

    new = await act(api, stays["lead_cluster_id"], "split", lead_ids=[goes["id"]])

    old = await cluster(api, stays["lead_cluster_id"])
    assert old["contact"]["name"] == new["contact"]["name"] == "Mia"
    assert phones(old) == phones(new) == {e164(person["phone"])}
