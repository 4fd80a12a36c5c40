{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='ordered_at', batch_size='day', begin='2026-11-18', lookback=3) }}
select order_id, case when ordered_at = date '2026-11-19' then cast('x' || order_id as integer) else 1 end as v, ordered_at from {{ ref('stg_dated') }}
