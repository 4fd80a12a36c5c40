{{ config(materialized="table") }}

select
    orders.order_id,
    orders.ordered_at,
    orders.customer_id,
    orders.amount,
    customers.segment
from {{ source("raw", "orders") }} as orders
left join {{ source("raw", "customers") }} as customers
    on orders.customer_id = customers.customer_id
{% if var("broken", "") == "filtered" %}
where not (cast(orders.ordered_at as date) = '{{ var("day") }}' and mod(orders.order_id, 2) = 0)
{% endif %}
