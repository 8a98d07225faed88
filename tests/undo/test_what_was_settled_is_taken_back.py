"""Whatever a dealership has settled can be taken back, by whoever may settle it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.conftest import bearer
from tests.messages.asking import AT, told

if TYPE_CHECKING:
    import httpx

    from tests.world import World

LISTS = (
    "", "locations", "response_settings", "lead_cluster_settings", "mail_settings", "lead_status_options", "stop_list",
    "assignment_rules", "staff", "notification_rules", "message_templates",
)  # fmt: skip
_MADE_UP = {"id", "version", "created_at", "updated_at", "public_holidays"}


async def everything(api: httpx.AsyncClient) -> dict[str, Any]:
    """All that is settled, but for what a number alone tells."""
    return {name: _plain((await api.get(f"{AT}/{name}".rstrip("/"))).json()) for name in LISTS}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items() if name not in _MADE_UP}
    return [_plain(one) for one in value] if isinstance(value, list) else value


async def undone(api: httpx.AsyncClient, world: World, kind: str) -> httpx.Response:
    [event] = await world.rows("select id from event where kind = $1 order by id desc limit 1", kind)
    return await api.post(f"{AT}/undo", json={"event_id": event["id"]})


async def test_each_setting_is_as_it_was(api: httpx.AsyncClient, world: World) -> None:
    word = await told(
        api, "POST", "lead_status_options", 201, lead_status_option={"state": "lost", "name": "Far"}
    )
    rule = await told(
        api,
        "POST",
        "assignment_rules",
        201,
        assignment_rule={"name": "A", "user_ids": [501], "sources": ["Website"]},
    )
    notice = await told(
        api,
        "POST",
        "notification_rules",
        201,
        addresses=["x@y.example"],
        quiet_from="21:00",
        quiet_to="07:00",
    )
    template = await told(
        api, "POST", "message_templates", 201, kind="email", name="T", subject="S", body="B"
    )
    await told(
        api,
        "POST",
        "stop_list",
        201,
        stop_list_entry={"kind": "phone", "value": "0400 000 001", "note": "ours"},
    )
    hours = [
        {"weekday": 1, "opens": "08:00", "closes": "12:00"},
        {"weekday": 1, "opens": "13:00", "closes": "17:00"},
    ]
    before = await everything(api)

    for method, path, body, kind in (
        ("PUT", "", {"name": "Other", "timezone": "Australia/Sydney"}, "dealership.updated"),
        ("PUT", "locations/101", {"address": "9 Lane", "phone": "07 3000 0003"}, "location.updated"),
        ("PUT", "response_settings", {"response_settings": {"target_minutes": 9, "opening_hours": hours}},
         "response_settings.updated"),
        ("PUT", "lead_cluster_settings", {"lead_cluster_settings": {"uses_appointment_state": True, "locations": [
            {"id": 101, "email": "yard@ours.example"}]}}, "lead_cluster_settings.updated"),
        ("PUT", "mail_settings", {"sender_name": "O", "reply_to": "o@ours.example"}, "mail_settings.updated"),
        ("PUT", f"lead_status_options/{word['id']}", {"lead_status_option": {"name": "Near", "enabled": False}},
         "lead_status_option.updated"),
        ("POST", "stop_list", {"stop_list_entry": {"kind": "email", "value": "no@*"}}, "stop_list.added"),
        ("DELETE", "stop_list/phone/+61400000001", {}, "stop_list.removed"),
        ("PUT", f"assignment_rules/{rule['id']}", {"assignment_rule": {"name": "B", "sources": []}},
         "assignment_rule.updated"),
        ("POST", "assignment_rules", {"assignment_rule": {"name": "C", "user_ids": [501]}}, "assignment_rule.created"),
        ("DELETE", f"assignment_rules/{rule['id']}", {}, "assignment_rule.deleted"),
        ("PUT", "staff/501", {"staff_member": {"absent_until": "2031-01-01T09:00:00+10:00"}}, "staff_member.updated"),
        ("PUT", f"notification_rules/{notice['id']}", {"quiet_from": None, "quiet_to": None},
         "notification_rule.updated"),
        ("POST", "notification_rules", {"user_ids": [501]}, "notification_rule.created"),
        ("DELETE", f"notification_rules/{notice['id']}", {}, "notification_rule.deleted"),
        ("PUT", f"message_templates/{template['id']}", {"body": "C", "marketing": True}, "message_template.updated"),
        ("POST", "message_templates", {"kind": "sms", "body": "Hi"}, "message_template.created"),
        ("DELETE", f"message_templates/{template['id']}", {}, "message_template.deleted"),
    ):  # fmt: skip
        answer = await api.request(method, f"{AT}/{path}".rstrip("/"), json=body or None)
        assert answer.status_code in {200, 201}, answer.text
        assert await everything(api) != before, kind

        answer = await undone(api, world, kind)

        assert answer.status_code == 200, (kind, answer.text)
        assert (answer.json()["kept"], answer.json()["lead_cluster_id"]) == ([], None)
        assert await everything(api) == before, kind
        assert (await undone_again(api, answer)).status_code in {409, 200}


async def undone_again(api: httpx.AsyncClient, answer: httpx.Response) -> httpx.Response:
    again = await api.post(f"{AT}/undo", json={"event_id": answer.json()["event_id"]})
    assert (again.status_code, again.json()["detail"]) == (409, "it was taken back before")
    return again


async def test_what_was_changed_again_since_stays(api: httpx.AsyncClient, world: World) -> None:
    await told(
        api, "PUT", "response_settings", 200, response_settings={"target_minutes": 5, "overdue_minutes": 500}
    )
    [first] = await world.rows("select max(id) as id from event")
    await told(api, "PUT", "response_settings", 200, response_settings={"target_minutes": 6})

    answer = (await api.post(f"{AT}/undo", json={"event_id": first["id"]})).json()

    assert answer["kept"] == ["target_minutes"]
    now = await told(api, "GET", "response_settings", 200)
    assert (now["target_minutes"], now["overdue_minutes"]) == (6, 120)
    await told(api, "PUT", "mail_settings", 200, sender_name="One")
    [second] = await world.rows("select max(id) as id from event")
    await told(api, "PUT", "mail_settings", 200, sender_name="Two")
    gone = await api.post(f"{AT}/undo", json={"event_id": second["id"]})
    assert (gone.status_code, gone.json()["detail"]) == (409, "somebody has changed it again since")


async def test_whoever_may_not_settle_takes_nothing_back(api: httpx.AsyncClient, world: World) -> None:
    await told(api, "PUT", "mail_settings", 200, sender_name="Three")
    [event] = await world.rows("select max(id) as id from event")
    key = await world.key(["update:lead_cluster"])

    answer = await api.post(f"{AT}/undo", json={"event_id": event["id"]}, headers=bearer(key))

    assert answer.status_code == 401
    assert (await told(api, "GET", "mail_settings", 200))["sender_name"] == "Three"


async def test_a_mail_that_was_sent_is_not_called_back(api: httpx.AsyncClient, world: World) -> None:
    await told(api, "POST", "message_templates/test", 201, kind="email", subject="S", body="B", user_id=501)

    assert (await undone(api, world, "message_template.tested")).status_code == 409
