{{ config(materialized='table') }} select * from no_such_table
