MODEL (name shop.raw_orders, kind SEED (path '../seeds/raw_orders.csv'), columns (order_id int, amount int, ordered_at date), owner 'data_platform');
