/** Pad each cell of some rows to the width of its column; the last columns are set to the right. */
export function pad(rows, left = 1) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows.map((row) =>
    row.map((cell, i) => (i < left ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))));
}
