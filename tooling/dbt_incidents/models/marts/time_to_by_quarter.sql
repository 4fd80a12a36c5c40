select
    quarter,
    severity,
    measure,
    count(minutes) as n,
    count(*) - count(minutes) as unknown,
    {{ middle('minutes') }} as median_minutes,
    {{ percentile('minutes', 0.9) }} as p90_minutes
from {{ ref('incident_lengths') }}
group by quarter, severity, measure
