select
    {{ as_text('incident_id') }} as incident_id,
    {{ as_text('action_item_id') }} as action_item_id,
    {{ as_text('title') }} as title,
    {{ as_text(name('type')) }} as {{ name('type') }},
    {{ as_text('owner') }} as owner,
    {{ as_bool('has_owner') }} as has_owner,
    {{ as_day('due_on') }} as due_on,
    {{ as_text('priority') }} as priority,
    {{ as_text('effort') }} as effort,
    {{ as_text('status') }} as status,
    {{ as_bool('is_open') }} as is_open,
    {{ as_day('done_on') }} as done_on,
    {{ as_int('issue') }} as issue,
    {{ as_text('verified_by') }} as verified_by,
    {{ as_bool('has_done_when') }} as has_done_when,
    {{ as_bool('has_proof') }} as has_proof,
    {{ as_text('done_when') }} as done_when
from {{ source('incident_export', 'action_items') }}
