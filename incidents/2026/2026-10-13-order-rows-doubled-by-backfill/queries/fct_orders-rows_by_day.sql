-- Rows by day: fct_orders
-- Which days have too few rows, or too many? Compare with the same weekday of the week before. A
-- day without any rows is not listed: the next one shows it in `missing_days_before`. Days are
-- ordered_at, in UTC if the session is. Warehouse: Snowflake.
with by_day as (
  select
    cast("ORDERED_AT" as date) as day,
    count(*) as row_count
  from tidewater.marts.fct_orders
  where "ORDERED_AT" >= '2026-07-04' and "ORDERED_AT" < '2026-08-17'
  group by 1
)
select
  by_day.day,
  by_day.row_count,
  week_before.row_count as row_count_week_before,
  round(100.0 * by_day.row_count / week_before.row_count - 100, 1) as change_pct,
  datediff('day', lag(by_day.day) over (order by by_day.day), by_day.day) - 1 as missing_days_before
from by_day
left join by_day as week_before on week_before.day = dateadd('day', -7, by_day.day)
order by 1
-- generated: c7e6c0d5f91e
