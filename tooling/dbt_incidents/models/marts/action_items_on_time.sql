-- The on-time rate: on_time out of n. One row per team, one for items without a team, and `all`.
with counted as (
    select
        coalesce(owner, 'no team') as owner,
        count(is_on_time) as n,
        sum(case when is_on_time then 1 else 0 end) as on_time,
        sum(
            case
                when is_on_time is null and (status = 'done' or (is_open and due_on is null)) then 1
                else 0
            end
        ) as unknown,
        sum(case when is_overdue then 1 else 0 end) as overdue,
        sum(case when is_open then 1 else 0 end) as still_open
    from {{ ref('action_item_verdicts') }}
    group by coalesce(owner, 'no team')
)

select owner, n, on_time, unknown, overdue, still_open
from counted
union all
select
    'all' as owner,
    coalesce(sum(n), 0) as n,
    coalesce(sum(on_time), 0) as on_time,
    coalesce(sum(unknown), 0) as unknown,
    coalesce(sum(overdue), 0) as overdue,
    coalesce(sum(still_open), 0) as still_open
from counted
