AUDIT (name positive);
SELECT * FROM @this_model WHERE amount < 0
