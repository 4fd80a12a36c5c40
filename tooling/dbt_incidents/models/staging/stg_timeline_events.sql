select
    {{ as_text('incident_id') }} as incident_id,
    {{ as_int('position') }} as position,
    {{ as_time('happened_at') }} as happened_at,
    {{ as_text('clock') }} as clock,
    {{ as_text('text') }} as text
from {{ source('incident_export', 'timeline_events') }}
