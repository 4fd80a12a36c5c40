{% macro as_of() %}{% if var('as_of', '') %}cast('{{ var('as_of') }}' as date){% else %}current_date{% endif %}{% endmacro %}
