-- Duplicates by key: fct_orders
-- Which days have keys that occur more than once, and how many rows are there too many? No result
-- means no duplicates in the window. Days are ordered_at, in UTC if the session is. Warehouse:
-- Snowflake.
with by_key as (
  select
    "ORDER_ID",
    min(cast("ORDERED_AT" as date)) as day,
    count(*) as copies
  from tidewater.marts.fct_orders
  where "ORDERED_AT" >= '2026-07-04' and "ORDERED_AT" < '2026-08-17'
  group by "ORDER_ID"
  having count(*) > 1
)
select
  day,
  count(*) as duplicated_keys,
  sum(copies) - count(*) as rows_too_many,
  max(copies) as most_copies
from by_key
group by 1
order by 1
-- generated: 1133b3deb7d7
