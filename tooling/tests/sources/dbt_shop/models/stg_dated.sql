select order_id, cast(ordered_at as timestamp) as ordered_at from {{ ref('raw_orders') }}
