import { share, show, sum } from 'cent-math';
import { table } from 'plain-table';

const VAT = { standard: 190, reduced: 70, none: 0 };

/** A month's bill: a line for each client, and the total. */
export function bill(month) {
  const lines = Object.entries(grouped(month.work))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([client, entries]) => line(client, entries));
  const total = ['total', ...[1, 2, 3].map((i) => sum(lines.map((each) => each[i])))];
  const shown = [...lines, total].map(([name, ...amounts]) => [name, ...amounts.map(show)]);
  return `${month.month}\n\n${table(['client', 'net', 'vat', 'gross'], shown)}`;
}

function grouped(work) {
  const clients = {};
  for (const entry of work) (clients[entry.client] ??= []).push(entry);
  return clients;
}

function line(client, entries) {
  const nets = entries.map(({ quarters, rate }) => share(quarters * rate, 250));
  const vats = entries.map(({ vat }, i) => share(nets[i], VAT[vat]));
  return [client, sum(nets), sum(vats), sum(nets) + sum(vats)];
}
