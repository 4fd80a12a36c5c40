-- Time to detect, mitigate, correct, tell consumers and publish, over the whole archive: the
-- figures of `incident stats`. A median without n hides a small archive, so n is always there.
select
    measure,
    count(minutes) as n,
    count(*) - count(minutes) as unknown,
    {{ middle('minutes') }} as median_minutes,
    {{ percentile('minutes', 0.9) }} as p90_minutes
from {{ ref('incident_lengths') }}
group by measure
