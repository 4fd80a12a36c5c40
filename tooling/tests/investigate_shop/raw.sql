create schema raw;

create table raw.customers as
select
    cast(n as varchar(10)) as customer_id,
    case when n < 10 then 'business' else 'private' end as segment
from generate_series(0, 49) as numbers (n);

create table raw.orders as
select
    n as order_id,
    cast('2026-01-05' as timestamp)
    + cast(floor(n / 100.0) as integer) * interval '1 day'
    + cast(mod(n, 24) as integer) * interval '1 hour' as ordered_at,
    cast(mod(n, 50) as varchar(10)) as customer_id,
    cast(5 as numeric(10, 2)) as amount
from generate_series(0, 3499) as numbers (n);
