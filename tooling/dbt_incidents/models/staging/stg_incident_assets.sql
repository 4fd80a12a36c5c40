select
    {{ as_text('incident_id') }} as incident_id,
    {{ as_text('asset') }} as asset,
    {{ as_text('role') }} as role,
    {{ as_text('criticality') }} as criticality
from {{ source('incident_export', 'incident_assets') }}
