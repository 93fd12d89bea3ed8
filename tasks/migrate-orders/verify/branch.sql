INSERT INTO orders (placed_on, customer, email, item, quantity, price) VALUES
    ('2024-02-27', 'Café "Ecke"', 'ecke@example.net', 'beans', 3, 8.5),
    ('2024-02-28', 'O''Hara', 'ohara@example.net', 'beans', 1, 8.5),
    ('2024-03-04', 'Café "Ecke"', 'ecke@example.net', 'filter', 2, 0.35),
    ('2024-03-04', 'Same Name', 'first@example.net', 'cup', 6, 4),
    ('2024-03-05', 'Same Name', 'second@example.net', 'cup', 1, 4),
    ('2024-03-09', 'Café "Ecke"', 'ecke@example.net', 'beans', 4, 8.25);
