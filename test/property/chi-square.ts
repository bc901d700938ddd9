/** Pearson's chi-square test. */

/** Sum of squared deviations from the expected counts, each relative to the expectation. */
export function chiSquare(counts: ArrayLike<number>, expected: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += (counts[i]! - expected[i]!) ** 2 / expected[i]!;
  return sum;
}

/** One-sided 1e-7 of the normal distribution. */
const Z = 5.2;

/**
 * Bounds that a random function leaves with a probability of 2e-7 (Wilson and Hilferty's approximation), upwards
 * when things cluster and downwards when they are spread more evenly than chance would.
 */
export function chiSquareBounds(degreesOfFreedom: number): { low: number; high: number } {
  const spread = 2 / (9 * degreesOfFreedom);
  const at = (z: number) => degreesOfFreedom * (1 - spread + z * Math.sqrt(spread)) ** 3;
  return { low: at(-Z), high: at(Z) };
}
