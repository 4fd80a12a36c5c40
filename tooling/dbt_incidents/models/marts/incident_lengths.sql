-- One row per incident and measure. minutes is null if either time is unknown.
{% set measures = ['detect', 'acknowledge', 'mitigate', 'correct', 'notify', 'resolve', 'publish'] %}
{% for measure in measures %}
select
    incident_id,
    incident_date,
    {{ dbt.date_trunc('quarter', 'incident_date') }} as quarter,
    severity,
    owner,
    '{{ measure }}' as measure,
    minutes_to_{{ measure }} as minutes
from {{ ref('stg_incidents') }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
