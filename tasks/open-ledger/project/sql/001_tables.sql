CREATE TABLE accounts (
    number integer PRIMARY KEY,
    name text NOT NULL UNIQUE,
    kind text NOT NULL CHECK (kind IN ('asset', 'income', 'expense'))
);

CREATE TABLE entries (
    id integer PRIMARY KEY,
    booked timestamptz NOT NULL,
    account integer NOT NULL REFERENCES accounts (number),
    amount numeric(10, 2) NOT NULL CHECK (amount <> 0),
    text text NOT NULL
);
