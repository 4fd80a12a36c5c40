-- Time to detect, mitigate, correct, notify consumers and publish, over the whole archive: the
-- same metrics as `incident stats`. A median without n can mislead, so n is always included.
select
    measure,
    count(minutes) as n,
    count(*) - count(minutes) as unknown,
    {{ middle('minutes') }} as median_minutes,
    {{ percentile('minutes', 0.9) }} as p90_minutes
from {{ ref('incident_lengths') }}
group by measure
