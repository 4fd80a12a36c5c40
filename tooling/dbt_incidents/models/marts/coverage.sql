-- How many of the gravest incidents have a published postmortem.
select
    count(*) as grave,
    coalesce(sum(case when status in ('published', 'closed') then 1 else 0 end), 0) as covered
from {{ ref('stg_incidents') }}
where severity in ('P0', 'P1')
