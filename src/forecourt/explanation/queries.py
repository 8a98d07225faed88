"""The two statements of an explanation: who asks, and the whole story."""

from __future__ import annotations

from forecourt.infra.database import Query

# No row: no such key. A row whose lead_id is null: no such lead, or somebody else's.
LEAD_ASKED_FOR = Query("""
select key.id as api_key_id, key.permissions, lead.id as lead_id, lead.dealership_id
from api_key as key
left join lead
    on lead.id = :lead_id
    and lead.test = (key.mode = 'test')
    and exists (
        select from api_key_dealership as held
        where held.api_key_id = key.id and held.dealership_id = lead.dealership_id
    )
where key.token_hash = :token_hash
    and key.revoked_at is null
    and (key.expires_at is null or key.expires_at > now())
""")

# Each part as JSON. What was delivered because of the lead is what is about it, and what followed from the same requests
# at its cluster.
STORY = Query("""
with requests as materialized (
    select
        event.id, event.kind, event.occurred_at, event.lead_version, event.api_key_id, event.request_id, event.changes
    from event
    where event.dealership_id = :dealership_id and event.lead_id = :lead_id and event.lead_version is not null
), told as (
    select delivery.dealership_id, delivery.id
    from delivery
    where delivery.dealership_id = :dealership_id and delivery.lead_id = :lead_id
    union
    select delivery.dealership_id, delivery.id
    from lead
    join event
        on event.dealership_id = lead.dealership_id
        and event.lead_cluster_id = lead.lead_cluster_id
        and event.request_id in (select requests.request_id from requests)
    join delivery on delivery.dealership_id = event.dealership_id and delivery.event_id = event.id
    where lead.dealership_id = :dealership_id and lead.id = :lead_id and delivery.lead_id is null
)
select
    lead.id as lead_id, lead.lead_cluster_id,
    (select requests.request_id from requests order by requests.lead_version limit 1) as correlation_id,
    (
        select json_agg(json_build_object(
            'request_id', requests.request_id, 'kind', requests.kind, 'occurred_at', requests.occurred_at,
            'version', requests.lead_version,
            'api_key', case when key.id is not null then json_build_object(
                'id', key.id, 'name', key.name, 'mode', key.mode
            ) end,
            'fields', array(select jsonb_object_keys(requests.changes) as field order by field)
        ) order by requests.lead_version)
        from requests
        left join api_key as key on key.id = requests.api_key_id
    ) as requests,
    (
        select json_agg(json_build_object(
            'rule', joined.rule, 'matched', joined.matched, 'since', joined.since,
            'lead_cluster_id', joined.lead_cluster_id, 'request_id', joined.request_id
        ) order by joined.id)
        from lead_membership as joined
        where joined.dealership_id = lead.dealership_id and joined.lead_id = lead.id
    ) as memberships,
    (
        select json_build_object(
            'user_id', event.changes -> 'lead_cluster.user_id' -> 'to', 'assigned_at', event.occurred_at,
            'reason', event.changes -> 'reason' -> 'to', 'request_id', event.request_id
        )
        from event
        where event.dealership_id = lead.dealership_id
            and event.lead_cluster_id in (select clusters_within(lead.dealership_id, lead.lead_cluster_id))
            and event.kind = 'lead_cluster.assigned'
        order by event.id desc
        limit 1
    ) as assignment,
    (
        select json_agg(json_build_object(
            'id', rule.id, 'name', rule.name, 'format', rule.format, 'does_not_fit', why_not_told(rule, lead),
            'tells', array(select told_by(rule))
        ) order by rule.id)
        from notification_rule as rule
        where rule.dealership_id = lead.dealership_id
            and (
                rule.deleted_at is null
                or exists (
                    select from delivery
                    where delivery.dealership_id = lead.dealership_id
                        and delivery.lead_id = lead.id
                        and delivery.notification_rule_id = rule.id
                )
            )
    ) as notification_rules,
    (
        select json_agg(json_build_object(
            'id', delivery.id, 'channel', delivery.channel, 'topic', delivery.topic, 'target', delivery.target,
            'state', delivery.state, 'due_at', delivery.due_at, 'reason', delivery.reason,
            'notification_rule_id', delivery.notification_rule_id, 'webhook_id', delivery.webhook_endpoint_id,
            'message_id', message.id, 'created_at', delivery.created_at, 'handed_over_at', delivery.handed_over_at,
            'ended_at', delivery.ended_at, 'request_id', caused.request_id,
            'changed_by', case when changed.id is not null then json_build_object(
                'event_id', changed.id, 'request_id', changed.request_id, 'version', changed.lead_version,
                'occurred_at', changed.occurred_at
            ) end,
            'attempts', coalesce((
                select json_agg(json_build_object(
                    'number', attempt.number, 'started_at', attempt.started_at, 'milliseconds', attempt.milliseconds,
                    'outcome', attempt.outcome, 'status', attempt.status,
                    'request_bytes', octet_length(attempt.request_body),
                    'response_bytes', octet_length(attempt.response_body)
                ) order by attempt.number)
                from delivery_attempt as attempt
                where attempt.dealership_id = delivery.dealership_id and attempt.delivery_id = delivery.id
            ), '[]')
        ) order by delivery.id)
        from told
        join delivery on delivery.dealership_id = told.dealership_id and delivery.id = told.id
        join event as caused on caused.dealership_id = delivery.dealership_id and caused.id = delivery.event_id
        left join event as changed
            on changed.dealership_id = delivery.dealership_id and changed.id = delivery.changed_by_event_id
        left join message on message.dealership_id = delivery.dealership_id and message.delivery_id = delivery.id
    ) as deliveries
from lead
where lead.dealership_id = :dealership_id and lead.id = :lead_id
""")
