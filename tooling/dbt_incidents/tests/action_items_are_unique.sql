select
    incident_id,
    action_item_id
from {{ ref('stg_action_items') }}
group by incident_id, action_item_id
having count(*) > 1
