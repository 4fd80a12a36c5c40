{# Percentiles use the nearest rank, so the result is always an actual value, as in `incident stats`. #}
{% macro percentile(column, fraction) %}{{ return(adapter.dispatch('percentile', 'dbt_incidents')(column, fraction)) }}{% endmacro %}

{% macro default__percentile(column, fraction) %}percentile_disc({{ fraction }}) within group (order by {{ column }}){% endmacro %}

{# ceil(0.9 n) in a zero-based array #}
{% macro bigquery__percentile(column, fraction) %}array_agg({{ column }} ignore nulls order by {{ column }})[safe_offset(cast(ceil({{ fraction }} * count({{ column }})) as int64) - 1)]{% endmacro %}

{% macro middle(column) %}{{ return(adapter.dispatch('middle', 'dbt_incidents')(column)) }}{% endmacro %}

{% macro default__middle(column) %}percentile_cont(0.5) within group (order by {{ column }}){% endmacro %}

{% macro bigquery__middle(column) %}(
    array_agg({{ column }} ignore nulls order by {{ column }})[safe_offset(div(count({{ column }}) - 1, 2))]
    + array_agg({{ column }} ignore nulls order by {{ column }})[safe_offset(div(count({{ column }}), 2))]
) / 2{% endmacro %}
