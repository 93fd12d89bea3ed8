CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    placed_on TEXT NOT NULL,
    customer TEXT NOT NULL,
    email TEXT NOT NULL,
    item TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    price REAL NOT NULL
);
