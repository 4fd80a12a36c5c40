MODEL (name shop.stg_orders, kind FULL, cron '@daily', owner 'sales_team', tags (tier1), grain order_id, audits (unique_values(columns := (order_id)), not_null(columns := (amount), blocking := false), positive));
SELECT order_id, amount, ordered_at FROM shop.raw_orders
