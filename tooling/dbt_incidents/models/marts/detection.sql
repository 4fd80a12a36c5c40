-- How incidents were detected. unknown: incidents without a detection method.
select
    count(*) as incidents,
    sum(
        case when detection_method in ('test', 'monitor', 'anomaly', 'pipeline_failure') then 1 else 0 end
    ) as found_by_test,
    sum(case when detection_method in ('consumer', 'external') then 1 else 0 end) as found_by_consumer,
    sum(case when detection_method is null then 1 else 0 end) as unknown
from {{ ref('stg_incidents') }}
