import assert from 'node:assert/strict';
import test from 'node:test';
import { bill } from '../lib/bill.js';

const work = [
  { client: 'b', quarters: 4, rate: 10000, vat: 'standard' },
  { client: 'a', quarters: 2, rate: 9000, vat: 'none' },
];

test('clients stand in order, with a total', () => {
  const rows = bill({ month: '2024-03', work }).split('\n').slice(4);
  assert.deepEqual(rows.map((row) => row.split(/ +/)), [
    ['a', '45.00', '0.00', '45.00'],
    ['b', '100.00', '19.00', '119.00'],
    ['total', '145.00', '19.00', '164.00'],
  ]);
});

test('the month is the title', () => {
  assert.equal(bill({ month: '2024-03', work }).split('\n')[0], '2024-03');
});
