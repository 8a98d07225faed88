"""The statements about second factors."""

from __future__ import annotations

from forecourt.infra.database import Query

PREPARE = Query("""
update user_account set totp_secret = :secret, totp_last_step = null
where id = :user_id and totp_confirmed_at is null
""")

PREPARED = Query("""
select totp_secret as secret, now() as now
from user_account
where id = :user_id and totp_secret is not null and totp_confirmed_at is null
""")

CONFIRM = Query("""
update user_account set totp_confirmed_at = now() where id = :user_id
""")

# A code is of a half minute, and each of those works once: of two that come together one finds it used.
USE_STEP = Query("""
update user_account set totp_last_step = :step
where id = :user_id and (totp_last_step is null or totp_last_step < :step)
""")

REMOVE = Query("""
update user_account set totp_secret = null, totp_confirmed_at = null, totp_last_step = null where id = :user_id
""")

FORGET_CODES = Query("""
delete from recovery_code where user_id = :user_id
""")

KEEP_CODES = Query("""
insert into recovery_code (user_id, code_hash)
select :user_id, given.code_hash from unnest(cast(:hashes as bytea[])) as given (code_hash)
""")

USE_CODE = Query("""
update recovery_code set used_at = now() where user_id = :user_id and code_hash = :code_hash and used_at is null
""")
