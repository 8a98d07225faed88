"""The statements about webhooks as a dealership keeps them."""

from __future__ import annotations

from forecourt.infra.database import Query

_COLUMNS = """
    endpoint.id, endpoint.dealership_id, endpoint.version, endpoint.url, endpoint.events, endpoint.schema,
    endpoint.provider, endpoint.token is not null as has_token, endpoint.token_header, endpoint.test,
    case when endpoint.secret_before_until > now() then endpoint.secret_before_until end as secret_before_until,
    endpoint.failing_since, endpoint.disabled_at, endpoint.disabled_because, endpoint.created_at, endpoint.updated_at
"""

WEBHOOKS = Query(
    "select"
    + _COLUMNS
    + """
from webhook_endpoint as endpoint
where endpoint.dealership_id = :dealership_id and endpoint.deleted_at is null
order by endpoint.id
"""
)

WEBHOOK = Query(
    "select"
    + _COLUMNS
    + """
from webhook_endpoint as endpoint
where endpoint.dealership_id = :dealership_id and endpoint.id = :webhook_id and endpoint.deleted_at is null
"""
)

LOCKED_WEBHOOK = Query(
    "select"
    + _COLUMNS
    + """
from webhook_endpoint as endpoint
where endpoint.dealership_id = :dealership_id and endpoint.id = :webhook_id and endpoint.deleted_at is null
for no key update
"""
)

ADD_WEBHOOK = Query("""
insert into webhook_endpoint (
    dealership_id, url, events, schema, provider, token, token_header, secret, test, created_at, updated_at,
    disabled_at, disabled_because
)
values (
    :dealership_id, :url, :events, :schema, :provider, :token, :token_header, :secret,
    coalesce((select key.mode = 'test' from api_key as key where key.id = :api_key_id), false), :now, :now,
    case when not cast(:enabled as boolean) then cast(:now as timestamptz) end,
    case when not cast(:enabled as boolean) then 'it was switched off by hand' end
)
returning id
""")

# On again, or at another address, it begins anew.
CHANGE_WEBHOOK = Query("""
update webhook_endpoint set
    version = version + 1,
    updated_at = :now,
    url = :url,
    events = :events,
    schema = :schema,
    provider = :provider,
    token = case when cast(:token_is_sent as boolean) then :token else token end,
    token_header = :token_header,
    disabled_at = case when not cast(:enabled as boolean) then coalesce(disabled_at, :now) end,
    disabled_because = case
        when not cast(:enabled as boolean) then coalesce(disabled_because, 'it was switched off by hand')
    end,
    failing_since = case
        when url = :url and (disabled_at is null or not cast(:enabled as boolean)) then failing_since
    end,
    noticed_days = case
        when url = :url and (disabled_at is null or not cast(:enabled as boolean)) then noticed_days
        else 0
    end
where dealership_id = :dealership_id and id = :webhook_id
""")

# What it was told stays; what it could be asked by, or pass for us with, does not.
REMOVE_WEBHOOK = Query("""
update webhook_endpoint set
    deleted_at = :now,
    token = null,
    secret = '',
    secret_before = null,
    secret_before_until = null
where dealership_id = :dealership_id and id = :webhook_id
""")

ROTATE_SECRET = Query("""
update webhook_endpoint set
    version = version + 1,
    updated_at = :now,
    secret = :secret,
    secret_before = case when cast(:overlap as interval) > interval '0' then secret end,
    secret_before_until = case
        when cast(:overlap as interval) > interval '0' then cast(:now as timestamptz) + :overlap
    end
where dealership_id = :dealership_id and id = :webhook_id
""")

# For the command line: of all dealerships, or of one.
ALL_WEBHOOKS = Query(
    "select"
    + _COLUMNS
    + """
from webhook_endpoint as endpoint
where endpoint.deleted_at is null
    and (cast(:dealership_id as bigint) is null or endpoint.dealership_id = :dealership_id)
order by endpoint.dealership_id, endpoint.id
"""
)
