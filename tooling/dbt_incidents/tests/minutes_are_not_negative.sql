select *
from {{ ref('incident_lengths') }}
where minutes < 0
