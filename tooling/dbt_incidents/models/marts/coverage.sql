-- How many P0 and P1 incidents have a published postmortem.
select
    count(*) as p0_p1,
    coalesce(sum(case when status in ('published', 'closed') then 1 else 0 end), 0) as covered
from {{ ref('stg_incidents') }}
where severity in ('P0', 'P1')
