/** Whole cents, as BigInt-free integers. */

/** The sum of amounts. */
export function sum(amounts) {
  return amounts.reduce((total, each) => total + each, 0);
}

/** A share of an amount in per mille; half a cent is rounded away from zero. */
export function share(amount, perMille) {
  const exact = Math.abs(amount) * perMille;
  const whole = Math.floor(exact / 1000) + (exact % 1000 >= 500 ? 1 : 0);
  return Math.sign(amount) * whole || 0;
}

/** "-12.05" for -1205. */
export function show(cents) {
  const whole = Math.abs(cents);
  return `${cents < 0 ? '-' : ''}${Math.floor(whole / 100)}.${String(whole % 100).padStart(2, '0')}`;
}
