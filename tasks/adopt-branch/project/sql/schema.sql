CREATE TABLE customers (
    id integer PRIMARY KEY,
    email text NOT NULL UNIQUE,
    name text NOT NULL
);

CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer integer NOT NULL REFERENCES customers (id),
    placed_on date NOT NULL,
    item text NOT NULL,
    quantity integer NOT NULL CHECK (quantity > 0),
    price numeric(10, 2) NOT NULL
);
