{{ config(severity='warn') }}
select incidents.incident_id
from {{ ref('stg_incidents') }} as incidents
left join {{ ref('stg_incidents') }} as earlier
    on incidents.recurrence_of = earlier.incident_id
where incidents.recurrence_of is not null and earlier.incident_id is null
