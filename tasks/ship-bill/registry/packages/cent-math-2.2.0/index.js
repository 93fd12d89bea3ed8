/** Tenths of a cent from this release on. */
export function sum(amounts) {
  return amounts.reduce((total, each) => total + each, 0);
}

export function share(amount, perMille) {
  return Math.round((amount * perMille) / 1000);
}

export function show(tenths) {
  return (tenths / 1000).toFixed(3);
}
