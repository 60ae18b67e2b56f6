/**
 * Uniform draws above 0 and below 1, the same for the same seed: a hash of a counter (murmur3's finaliser).
 * @param {number} seed
 * @returns {() => number}
 */
export function uniformDraws(seed) {
  let counter = Math.imul(seed, 0x9e3779b1);
  return () => {
    counter = (counter + 0x6d2b79f5) | 0;
    let h = counter ^ (counter >>> 16);
    h = Math.imul(h, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (((h ^ (h >>> 16)) >>> 0) + 0.5) / 2 ** 32;
  };
}

/**
 * Standard normal draws by Box and Muller's transform.
 * @param {number} seed
 * @returns {() => number}
 */
export function normalDraws(seed) {
  const uniform = uniformDraws(seed);
  let kept = NaN;
  return () => {
    if (!Number.isNaN(kept)) {
      const value = kept;
      kept = NaN;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(uniform()));
    const angle = 2 * Math.PI * uniform();
    kept = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}
