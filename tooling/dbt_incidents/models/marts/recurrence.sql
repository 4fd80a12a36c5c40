-- How many incidents are recorded as a recurrence of an earlier one.
select
    count(*) as incidents,
    sum(case when recurrence_of is not null then 1 else 0 end) as recurrences
from {{ ref('stg_incidents') }}
