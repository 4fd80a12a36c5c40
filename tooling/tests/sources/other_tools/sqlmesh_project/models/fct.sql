MODEL (name shop.fct_orders, kind FULL, cron '@hourly', owner 'finance_analytics');
SELECT order_id, sum(amount) AS total FROM shop.stg_orders GROUP BY 1
