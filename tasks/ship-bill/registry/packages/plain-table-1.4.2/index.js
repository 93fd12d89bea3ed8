import { pad } from 'pad-columns';

/** A table as plain text: a head, a rule, the rows. */
export function table(head, rows) {
  const lines = pad([head, ...rows]).map((row) => row.join('  ').trimEnd());
  return [lines[0], '-'.repeat(Math.max(...lines.map((line) => line.length))), ...lines.slice(1)].join('\n');
}
