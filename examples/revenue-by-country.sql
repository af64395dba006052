-- What each country paid, the largest first.
SELECT c.country, sum(p.amount_usd) AS revenue
FROM payments AS p
JOIN customers AS c ON c.id = p.customer_id
WHERE p.refunded = false AND p.paid_at >= date_trunc('month', now())
GROUP BY c.country
ORDER BY revenue DESC
LIMIT 10
