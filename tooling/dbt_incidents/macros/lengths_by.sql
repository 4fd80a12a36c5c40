{# Medians and 90th percentiles (nearest rank) of incident_lengths, as in `incident stats`. By position,
   because no two warehouses have the same percentile functions. #}
{% macro lengths_by(keys) %}
with ranked as (
    select
        {{ keys | join(', ') }},
        minutes,
        count(minutes) over (partition by {{ keys | join(', ') }}) as known,
        row_number() over (
            partition by {{ keys | join(', ') }}
            order by case when minutes is null then 1 else 0 end, minutes
        ) as place
    from {{ ref('incident_lengths') }}
)

select
    {{ keys | join(', ') }},
    count(minutes) as n,
    count(*) - count(minutes) as unknown,
    avg(case when place * 2 between known and known + 2 then minutes * 1.0 end) as median_minutes,
    min(case when place * 10 >= known * 9 then minutes end) as p90_minutes
from ranked
group by {{ keys | join(', ') }}
{% endmacro %}
