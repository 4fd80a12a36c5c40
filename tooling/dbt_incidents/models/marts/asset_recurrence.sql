-- Which assets are affected repeatedly, and how many action items are still open.
with hits as (
    select
        assets.asset,
        assets.role,
        incidents.incident_id,
        incidents.incident_date,
        incidents.severity
    from {{ ref('stg_incident_assets') }} as assets
    inner join {{ ref('stg_incidents') }} as incidents
        on assets.incident_id = incidents.incident_id
),

open_items as (
    select
        incident_id,
        count(*) as open_items
    from {{ ref('stg_action_items') }}
    where is_open
    group by incident_id
)

select
    hits.asset,
    count(*) as incidents,
    sum(case when hits.role = 'root' then 1 else 0 end) as as_root,
    sum(case when hits.severity in ('P0', 'P1') then 1 else 0 end) as p0_p1,
    min(hits.incident_date) as first_on,
    max(hits.incident_date) as last_on,
    coalesce(sum(open_items.open_items), 0) as open_items
from hits
left join open_items
    on hits.incident_id = open_items.incident_id
group by hits.asset
