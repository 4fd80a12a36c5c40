-- Was an action item done by its due date? is_on_time is null if unknown or not due yet.
select
    items.incident_id,
    items.action_item_id,
    items.title,
    items.{{ name('type') }},
    items.owner,
    items.due_on,
    items.done_on,
    items.status,
    items.is_open,
    incidents.severity,
    incidents.incident_date,
    case
        when items.due_on is null or items.status = 'wont_do' then null
        when items.is_open then case when items.due_on < {{ as_of() }} then false end
        when items.done_on is null then null
        else items.done_on <= items.due_on
    end as is_on_time,
    items.is_open and coalesce(items.due_on < {{ as_of() }}, false) as is_overdue
from {{ ref('stg_action_items') }} as items
inner join {{ ref('stg_incidents') }} as incidents
    on items.incident_id = incidents.incident_id
