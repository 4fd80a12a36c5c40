select order_id, sum(amount) as total from {{ ref('stg_orders') }} group by 1
