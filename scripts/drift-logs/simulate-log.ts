import type { EventTable } from '../../native-workers/drift/event-table.ts';
import { draws, type Draws } from './draws.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

const CLASSES = ['apron', 'belt', 'boot', 'cap', 'coat', 'gown', 'hood', 'mitten', 'scarf', 'vest'];
const SHARES = [0.14, 0.12, 0.11, 0.11, 0.1, 0.09, 0.09, 0.085, 0.08, 0.075];
const CLIENTS = ['android/5', 'importer/1', 'ios/5', 'partner/2', 'script/0.4', 'web/9'];
const CLIENT_SHARES = [0.31, 0.027, 0.34, 0.074, 0.041, 0.208];
const REGIONS = ['east', 'north', 'south'];
const REGION_SHARES = [0.4, 0.45, 0.15];
/** The importer runs at night. */
const NIGHT_CLIENT = 1;
const LABELLED = 0.3;

export interface SimulatedTraffic {
  readonly seed: number;
  /** Draws of one purpose are independent of those of another: a reference and a log of one seed differ. */
  readonly purpose: number;
  readonly days: number;
  /** Midnight UTC, ms since 1970. */
  readonly start: number;
  readonly perDay: number;
  /** How much the class counts of a day vary more than independent requests would. */
  readonly phi: number;
}

export const ordinaryTraffic = { perDay: 6000, phi: 2.5, start: Date.UTC(2026, 1, 2) };

/**
 * Production traffic of a classifier that is well: daily and weekly rhythm, a Dirichlet day effect on the classes, confidence and
 * features by class, latency that follows the load and has a heavy tail, labels for three in ten that arrive up to two days later.
 */
export function simulateLog({ seed, purpose, days, start, perDay, phi }: SimulatedTraffic): EventTable {
  const draw = draws(seed, purpose);
  // The world is the same for all logs of a seed: weekday factors and the classes' looks.
  const world = makeWorld(draws(seed, 0));
  const times: number[] = [];
  const classes: number[] = [];
  for (let d = 0; d < days; d++) {
    const weekday = (Math.floor(start / DAY) + d + 3) % 7;
    const volume = perDay * (weekday >= 5 ? 1.15 : 0.94);
    const shares = dayShares(draw, world.weekday[weekday], volume, phi);
    const dayTimes: number[] = [];
    for (let h = 0; h < 24; h++) {
      const count = draw.poisson(volume * HOUR_SHARES[h]);
      for (let i = 0; i < count; i++)
        dayTimes.push(start + d * DAY + h * HOUR + Math.floor(draw.uniform() * HOUR));
    }
    dayTimes.sort((a, b) => a - b);
    for (const time of dayTimes) {
      times.push(time);
      classes.push(choose(shares, draw.uniform()));
    }
  }
  return describe(draw, world, times, classes);
}

const HOUR_SHARES = hourShares();

function hourShares(): number[] {
  const curve = Array.from({ length: 24 }, (_, h) => 1 + 0.47 * Math.cos(((h - 14) / 24) * 2 * Math.PI));
  const sum = curve.reduce((total, one) => total + one, 0);
  return curve.map((one) => one / sum);
}

interface World {
  /** Class shares by weekday. */
  readonly weekday: readonly (readonly number[])[];
  readonly logit: readonly number[];
  readonly brightness: readonly number[];
  readonly contrast: readonly number[];
  readonly edges: readonly number[];
  readonly top: readonly number[];
}

function makeWorld(draw: Draws): World {
  const looks = (mean: number, sd: number): number[] => CLASSES.map(() => mean + sd * draw.normal());
  return {
    weekday: Array.from({ length: 7 }, () => {
      const raw = SHARES.map((share) => share * Math.exp(0.03 * draw.normal()));
      const sum = raw.reduce((total, one) => total + one, 0);
      return raw.map((one) => one / sum);
    }),
    logit: looks(3.6, 0.7),
    brightness: looks(0.29, 0.09),
    contrast: looks(0.31, 0.04),
    edges: looks(0.09, 0.02),
    top: looks(0.8, 0.25),
  };
}

/** Dirichlet with the concentration that gives a day's counts the dispersion phi = 1 + (n - 1) / (a + 1). */
function dayShares(draw: Draws, shares: readonly number[], n: number, phi: number): number[] {
  if (phi <= 1) return [...shares];
  const concentration = (n - 1) / (phi - 1) - 1;
  const raw = shares.map((share) => draw.gamma(concentration * share));
  const sum = raw.reduce((total, one) => total + one, 0);
  return raw.map((one) => one / sum);
}

function choose(shares: readonly number[], uniform: number): number {
  let left = uniform;
  for (let i = 0; i < shares.length - 1; i++) {
    left -= shares[i];
    if (left < 0) return i;
  }
  return shares.length - 1;
}

const between = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
const rounded = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits;

function describe(draw: Draws, world: World, times: number[], classes: number[]): EventTable {
  const rows = times.length;
  const column = (): Float64Array => new Float64Array(rows);
  const [confidence, latency, cpu] = [column(), column(), column()];
  const [brightness, contrast, edges, top, bottom] = [column(), column(), column(), column(), column()];
  const label = new Int32Array(rows).fill(-1);
  const labelTime = new Float64Array(rows).fill(NaN);
  const clients = new Int32Array(rows);
  const regions = new Int32Array(rows);
  for (let i = 0; i < rows; i++) {
    const c = classes[i];
    const hour = Math.floor((times[i] % DAY) / HOUR);
    const logit = world.logit[c] + 2.3 * draw.normal();
    confidence[i] = rounded(0.2 + 0.8 / (1 + Math.exp(-logit)), 5);
    brightness[i] = rounded(between(world.brightness[c] + 0.1 * draw.normal(), 0.02, 0.9), 4);
    top[i] = rounded(between(brightness[i] * world.top[c] + 0.08 * draw.normal(), 0, 0.95), 4);
    bottom[i] = rounded(between(2 * brightness[i] - top[i] + 0.03 * draw.normal(), 0, 0.95), 4);
    contrast[i] = rounded(between(world.contrast[c] + 0.06 * draw.normal(), 0.05, 0.5), 4);
    edges[i] = rounded(between(world.edges[c] * Math.exp(0.3 * draw.normal()), 0.01, 0.35), 4);
    const load = 1 + 0.18 * (HOUR_SHARES[hour] / HOUR_SHARES[14]);
    const slow = draw.uniform() < 0.003 ? Math.exp(1.5 + 0.8 * draw.normal()) : 1;
    latency[i] = rounded(10 * load * Math.exp(0.28 * draw.normal()) * slow, 2);
    cpu[i] = rounded(0.68 * latency[i] * Math.exp(0.08 * draw.normal()), 2);
    clients[i] = choose(clientShares[hour], draw.uniform());
    regions[i] = choose(REGION_SHARES, draw.uniform());
    if (draw.uniform() >= LABELLED) continue;
    // A confident prediction is seldom wrong; what it is instead is a neighbour.
    label[i] = draw.uniform() < 1 - 0.9 * (1 - confidence[i]) ? c : (c + 1 + draw.index(3)) % CLASSES.length;
    labelTime[i] = times[i] + HOUR * Math.exp(Math.log(48) * draw.uniform());
  }
  return {
    rows,
    time: Float64Array.from(times),
    classes: CLASSES,
    predicted: Int32Array.from(classes),
    label,
    labelTime,
    numeric: [
      { name: 'confidence', role: 'confidence', values: confidence },
      { name: 'latency_ms', role: 'latency', values: latency },
      { name: 'cpu_ms', role: 'resource', values: cpu },
      { name: 'brightness', role: 'feature', values: brightness },
      { name: 'contrast', role: 'feature', values: contrast },
      { name: 'edges', role: 'feature', values: edges },
      { name: 'top_mean', role: 'feature', values: top },
      { name: 'bottom_mean', role: 'feature', values: bottom },
    ],
    categorical: [
      { name: 'user_agent', levels: CLIENTS, codes: clients },
      { name: 'region', levels: REGIONS, codes: regions },
    ],
  };
}

const clientShares = Array.from({ length: 24 }, (_, hour) => {
  const raw = CLIENT_SHARES.map((share, client) =>
    client === NIGHT_CLIENT ? share * (hour < 5 ? 3.4 : 0.25) : share,
  );
  const sum = raw.reduce((total, one) => total + one, 0);
  return raw.map((one) => one / sum);
});
