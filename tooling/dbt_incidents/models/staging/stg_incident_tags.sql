select
    {{ as_text('incident_id') }} as incident_id,
    {{ as_text('tag') }} as tag
from {{ source('incident_export', 'incident_tags') }}
