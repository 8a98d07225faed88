"""The statements that count failures to sign in."""

from __future__ import annotations

from forecourt.infra.database import Query

# Without failures the try was not heard: how many there are, and how many seconds it has to wait.
CLAIM = Query("""
with claimed as (
    insert into sign_in_failure as kept (kind, value, failures, last_at)
    values (:kind, :value, 1, clock_timestamp())
    on conflict (kind, value) do update set
        failures = case
            when kept.last_at < clock_timestamp() - make_interval(secs => cast(:fades as double precision)) then 1
            else kept.failures + 1
        end,
        last_at = clock_timestamp()
    where kept.failures < coalesce(cast(:ends as integer), 2147483647) and (
        kept.failures < cast(:free as integer)
        or kept.last_at + make_interval(secs => least(
            cast(:most as double precision),
            cast(:first as double precision) * power(2, least(kept.failures - cast(:free as integer), 20))
        )) <= clock_timestamp()
    )
    returning failures
)
select
    (select failures from claimed) as failures,
    coalesce(before.failures, 0) as before,
    cast(extract(epoch from before.last_at + make_interval(secs => least(
        cast(:most as double precision),
        cast(:first as double precision) * power(2, greatest(least(before.failures - cast(:free as integer), 20), 0))
    )) - clock_timestamp()) as double precision) as wait
from (select) as always
left join sign_in_failure as before on before.kind = :kind and before.value = :value
""")

FORGET = Query("""
delete from sign_in_failure where kind = :kind and value = :value
""")

LESS = Query("""
update sign_in_failure set failures = greatest(failures - 1, 0) where kind = :kind and value = :value
""")

# Of an account that there is, every failure counts until somebody signs in.
FORGET_OLD = Query("""
delete from sign_in_failure as kept
where kept.last_at < now() - interval '1 day'
    and not (kept.kind = 'account' and exists (
        select from user_account as person
        where encode(sha256(convert_to(person.email, 'UTF8')), 'hex') = kept.value
    ))
    and kept.kind <> 'second_factor'
""")
