select
    {{ as_text('incident_id') }} as incident_id,
    {{ as_int('position') }} as position,
    {{ as_text('team') }} as team,
    {{ as_bool('decision_made') }} as decision_made,
    {{ as_bool('correction_sent') }} as correction_sent,
    {{ as_text('used_for') }} as used_for
from {{ source('incident_export', 'incident_consumers') }}
