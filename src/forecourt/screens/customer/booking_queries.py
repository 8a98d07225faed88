"""The statement behind the booking form."""

from __future__ import annotations

from forecourt.infra.database import Query

CAR_BY_STOCKNUM = Query("""
select car.id from car
where car.dealership_id = :dealership_id and lower(car.stocknum) = :stocknum
order by car.id
limit 1
""")
