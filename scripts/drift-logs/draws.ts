import { uniformDraws } from '../bench/seeded-draws.mjs';

/** Draws of one purpose, the same for the same seed. */
export interface Draws {
  uniform(): number;
  normal(): number;
  /** Marsaglia, Tsang 2000; shape above 0, scale 1. */
  gamma(shape: number): number;
  /** 0 to n - 1. */
  index(n: number): number;
  /** Inversion for small means, a rounded normal above 50. */
  poisson(mean: number): number;
}

export function draws(seed: number, purpose: number): Draws {
  const uniform = uniformDraws((Math.imul(seed + 1, 0x85ebca6b) ^ Math.imul(purpose + 1, 0xc2b2ae35)) >>> 0);
  const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const gamma = (shape: number): number => {
    if (shape < 1) return gamma(shape + 1) * uniform() ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const z = normal();
      const v = (1 + c * z) ** 3;
      if (v > 0 && Math.log(uniform()) < 0.5 * z * z + d - d * v + d * Math.log(v)) return d * v;
    }
  };
  return {
    uniform,
    normal,
    gamma,
    index: (n) => Math.min(n - 1, Math.floor(uniform() * n)),
    poisson: (mean) => {
      if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
      let count = 0;
      for (let product = uniform(); product > Math.exp(-mean); product *= uniform()) count++;
      return count;
    },
  };
}
