select
    {{ as_text('incident_id') }} as incident_id,
    {{ as_text(name('tag')) }} as {{ name('tag') }}
from {{ source('incident_export', 'incident_tags') }}
