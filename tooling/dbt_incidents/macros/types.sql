{# A loader guesses the type of an empty column, so every column is cast here. #}
{% macro as_text(column) %}cast({{ column }} as {{ dbt.type_string() }}){% endmacro %}
{% macro as_int(column) %}cast({{ column }} as {{ dbt.type_bigint() }}){% endmacro %}
{% macro as_bool(column) %}cast({{ column }} as {{ dbt.type_boolean() }}){% endmacro %}
{% macro as_day(column) %}cast({{ column }} as date){% endmacro %}

{% macro as_time(column) %}{{ return(adapter.dispatch('as_time', 'dbt_incidents')(column)) }}{% endmacro %}
{% macro default__as_time(column) %}cast({{ column }} as timestamp with time zone){% endmacro %}
{% macro bigquery__as_time(column) %}cast({{ column }} as timestamp){% endmacro %}
{% macro snowflake__as_time(column) %}cast({{ column }} as timestamp_tz){% endmacro %}
{% macro spark__as_time(column) %}cast({{ column }} as timestamp){% endmacro %}

{# Redshift reserves words that no other warehouse does. #}
{% macro name(column) %}{{ return(adapter.dispatch('name', 'dbt_incidents')(column)) }}{% endmacro %}
{% macro default__name(column) %}{{ column }}{% endmacro %}
{% macro redshift__name(column) %}"{{ column }}"{% endmacro %}
