"""The statements about a user's own account."""

from __future__ import annotations

from forecourt.infra.database import Query

ACCOUNT = Query("""
select
    person.id as user_id, person.name, person.email, person.password_hash, person.totp_confirmed_at,
    (
        select count(code.code_hash) from recovery_code as code
        where code.user_id = person.id and code.used_at is null
    ) as codes_left
from user_account as person
where person.id = :user_id
""")

CHANGE_PREFERENCES = Query("""
update user_account set
    name = :name,
    preferences = (preferences || cast(:preferences as jsonb))
        - case when jsonb_exists(cast(:preferences as jsonb), 'theme') then '' else 'theme' end
where id = :user_id
""")
