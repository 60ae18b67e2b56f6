import { lnChiSquaredTail } from '../numeric/chi-squared.ts';
import type { Reason } from './alert.ts';
import type { BinTally, ClassColumn } from './class-columns.ts';

/** Chance that a natural rise is read as an attack because its rows seem to differ, over all columns. */
const LEVEL = 0.001;
/** A class's rows differ on their own where they differ so much more than the other classes' do (squared effect sizes). */
const MORE_THAN_OTHERS = 4;
/** Requests of other classes without which weather cannot be told from an attack. */
const LEAST_WITNESSES = 30;
/** Bins with fewer expected requests are pooled with their neighbours. */
const LEAST_EXPECTED = 5;

/** How the rows of one class, or of all others, compare with the reference's rows of the same classes in one column. */
interface ColumnShift {
  readonly column: string;
  readonly lnP: number;
  readonly freedom: number;
  /** Largest difference of the distribution functions; half the summed differences of the shares for a category. */
  readonly distance: number;
  /** (X^2 / phi - df) / n, at least 0: the squared effect size without what chance alone gives. */
  readonly squaredEffect: number;
  /** Requests above what the reference makes one expect, summed over the bins that have more. */
  readonly surplus: number;
}

/** The counts that the reading rests on. */
export interface Situation {
  /** The class, its group, and its name. */
  readonly classIndex: number;
  readonly group: number;
  readonly name: string;
  /** Dispersion of the class shares. */
  readonly phi: number;
  /** Requests of all classes in the windows of the episode, and expected ones. */
  readonly classes: { readonly x: Float64Array; readonly mean: Float64Array };
  /** Classes that have changes of their own at the time, and their groups. */
  readonly leftOut: readonly number[];
  readonly leftOutGroups: readonly number[];
  readonly columns: readonly ClassColumn[];
  readonly tallies: readonly BinTally[];
}

export interface Reading {
  readonly kind: 'attack-like' | 'drift';
  /** The other classes' rows moved as well: the world did, not this class. */
  readonly othersMoved: boolean;
  readonly reasons: readonly Reason[];
  /** Requests of the class that are too many in some bins, in the column with the most of them. */
  readonly surplus: number;
  /** Columns in which the class's rows differ on their own, most different first. */
  readonly own: readonly string[];
}

/**
 * Attack or weather. Attack-like: the other classes keep their proportions (residual X^2 divided by phi), the class's rows differ from
 * the reference's rows of the same class, the other classes' rows do not or far less, and the class has gained about as many
 * requests as differ. All else is drift.
 */
export function readSituation(situation: Situation): Reading {
  const { columns, tallies, group, name } = situation;
  const residual = residualTest(situation);
  const own = columns.map((column, i) => shiftOf(column, tallies[i], (g) => g === group));
  const witnesses = Array.from({ length: columns[0]?.rows.length ?? 0 }, (_, g) => g).filter(
    (g) => g !== group && !situation.leftOutGroups.includes(g),
  );
  const others = columns.map((column, i) => shiftOf(column, tallies[i], (g) => witnesses.includes(g)));
  const tests = Math.max(1, columns.length);
  const differs = (shift: ColumnShift, looks = tests): boolean =>
    shift.freedom > 0 && looks * Math.exp(shift.lnP) < LEVEL;
  /** The squared effect in the other class that moved most, 0 where none moved beyond chance. */
  const rival = (i: number): number =>
    Math.max(
      0,
      ...witnesses
        .map((g) => shiftOf(columns[i], tallies[i], (one) => one === g))
        .filter((shift) => differs(shift, tests * witnesses.length))
        .map(({ squaredEffect }) => squaredEffect),
    );
  const moved = own
    .map((shift, i) => ({ shift, other: others[i], rival: rival(i) }))
    .filter(({ shift }) => differs(shift));
  const alone = moved
    .filter(({ shift, other, rival: most }) => {
      const most4 = MORE_THAN_OTHERS * Math.max(most, differs(other) ? other.squaredEffect : 0);
      return shift.squaredEffect > most4;
    })
    .sort((a, b) => b.shift.squaredEffect - a.shift.squaredEffect);
  const othersMoved = others.some((shift) => differs(shift));
  const surplus = Math.max(0, ...alone.map(({ shift }) => shift.surplus));
  const { observed, expected } = gainOf(situation.classes, situation.classIndex);
  const gain = observed - expected;
  const deviation = Math.sqrt(situation.phi * expected);
  const gained = gain + 2 * deviation >= surplus / 2 && gain > -deviation;
  const witnessed = witnesses.reduce((sum, g) => sum + (tallies[0]?.n[g] ?? 0), 0) >= LEAST_WITNESSES;
  const attack = alone.length > 0 && residual.pValue >= LEVEL && gained && witnessed;
  return {
    kind: attack ? 'attack-like' : 'drift',
    othersMoved,
    reasons: [
      gainReason(name, observed, expected, deviation),
      residualReason(residual),
      ...ownReasons(name, moved, alone),
      witnessed
        ? othersReason(others.filter((shift) => differs(shift)))
        : {
            sentence:
              'There are too few requests of other classes to tell an attack on this one from weather.',
            towards: 'weather',
            value: null,
            pValue: null,
          },
      ...(alone.length > 0 && !gained
        ? [
            {
              sentence: `The rows of ${name} differ in about ${Math.round(surplus)} requests, but the class has not gained as many: its own requests changed.`,
              towards: 'weather' as const,
              value: surplus,
              pValue: null,
            },
          ]
        : []),
    ],
    surplus,
    own: alone.map(({ shift }) => shift.column),
  };
}

/**
 * Requests of a class, and how many the requests of the other classes make one expect: what an attack adds is no reason to expect more
 * of it.
 */
export function gainOf(
  { x, mean }: Situation['classes'],
  classIndex: number,
): { readonly observed: number; readonly expected: number } {
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
  const rest = sum(mean) - mean[classIndex];
  return {
    observed: x[classIndex],
    expected: rest > 0 ? ((sum(x) - x[classIndex]) * mean[classIndex]) / rest : mean[classIndex],
  };
}

function gainReason(name: string, observed: number, expected: number, deviation: number): Reason {
  const gain = observed - expected;
  return {
    sentence: `${name} has ${observed} requests where the reference makes one expect ${expected.toFixed(0)} (${gain >= 0 ? '+' : ''}${gain.toFixed(0)}, standard deviation ${deviation.toFixed(0)}).`,
    towards: 'neither',
    value: expected > 0 ? gain / expected : null,
    pValue: null,
  };
}

interface Residual {
  readonly statistic: number;
  readonly freedom: number;
  readonly pValue: number;
}

/** X^2 of the other classes' counts given their sum, divided by phi, on as many degrees of freedom as classes but one. */
function residualTest({ classes: { x, mean }, leftOut, phi, classIndex }: Situation): Residual {
  let count = 0;
  let expected = 0;
  const kept = [...x.keys()].filter(
    (c) => c !== classIndex && !leftOut.includes(c) && mean[c] >= LEAST_EXPECTED,
  );
  for (const c of kept) {
    count += x[c];
    expected += mean[c];
  }
  let statistic = 0;
  for (const c of kept) {
    const share = (mean[c] * count) / expected;
    statistic += (x[c] - share) ** 2 / share;
  }
  const freedom = kept.length - 1;
  return {
    statistic: statistic / phi,
    freedom,
    pValue: freedom < 1 ? 1 : Math.exp(lnChiSquaredTail(statistic / phi, freedom)),
  };
}

function residualReason({ statistic, freedom, pValue }: Residual): Reason {
  const p = pValue < 1e-12 ? 'p < 1e-12' : `p ${pValue.toPrecision(2)}`;
  const test = `X² ${statistic.toFixed(1)} on ${freedom} after dispersion, ${p}`;
  return pValue >= 0.05
    ? {
        sentence: `The other classes kept their proportions (${test}).`,
        towards: 'attack',
        value: statistic,
        pValue,
      }
    : {
        sentence: `The other classes' proportions moved too (${test}).`,
        towards: pValue < LEVEL ? 'weather' : 'neither',
        value: statistic,
        pValue,
      };
}

/** Homogeneity with the reference (its own error included) over the chosen groups, each held against its own reference rows. */
function shiftOf(
  { name, bins, ordered, rows, phi }: ClassColumn,
  { x, mean, n }: BinTally,
  chosen: (group: number) => boolean,
): ColumnShift {
  let statistic = 0;
  let freedom = 0;
  let requests = 0;
  let surplus = 0;
  const pooledX = new Float64Array(bins);
  const pooledMean = new Float64Array(bins);
  for (let g = 0; g < rows.length; g++) {
    if (!chosen(g) || n[g] === 0 || rows[g] === 0) continue;
    requests += n[g];
    let count = 0;
    let expected = 0;
    let terms = 0;
    const close = (): void => {
      if (expected > 0) statistic += (count - expected) ** 2 / (expected * (1 + n[g] / rows[g]));
      terms++;
      count = 0;
      expected = 0;
    };
    for (let b = 0; b < bins; b++) {
      const i = g * bins + b;
      pooledX[b] += x[i];
      pooledMean[b] += mean[i];
      surplus += Math.max(0, x[i] - mean[i]);
      count += x[i];
      expected += mean[i];
      if (expected >= LEAST_EXPECTED) close();
    }
    if (expected > 0 || count > 0) {
      expected = Math.max(expected, 0.5);
      close();
    }
    freedom += Math.max(0, terms - 1);
  }
  let distance = 0;
  let difference = 0;
  for (let b = 0; b < bins && requests > 0; b++) {
    const step = (pooledX[b] - pooledMean[b]) / requests;
    difference += step;
    distance = ordered ? Math.max(distance, Math.abs(difference)) : distance + Math.abs(step) / 2;
  }
  return {
    column: name,
    lnP: freedom > 0 ? lnChiSquaredTail(statistic / phi, freedom) : 0,
    freedom,
    distance,
    squaredEffect: requests > 0 ? Math.max(0, statistic / phi - freedom) / requests : 0,
    surplus,
  };
}

function ownReasons(
  name: string,
  moved: readonly { readonly shift: ColumnShift; readonly other: ColumnShift }[],
  alone: readonly { readonly shift: ColumnShift }[],
): Reason[] {
  if (moved.length === 0)
    return [
      {
        sentence: `The requests of ${name} look like those of the reference: more of the same.`,
        towards: 'weather',
        value: null,
        pValue: null,
      },
    ];
  return moved.map(({ shift, other }): Reason => {
    const isAlone = alone.some((one) => one.shift === shift);
    const own = `${shift.column} of the requests of ${name} differs from the reference's ${name} (distance ${shift.distance.toFixed(2)})`;
    return {
      sentence: isAlone
        ? `${own}; in the other classes it stayed (${other.distance.toFixed(2)}).`
        : `${own}, and so it does in the other classes (${other.distance.toFixed(2)}).`,
      towards: isAlone ? 'attack' : 'weather',
      value: shift.distance,
      pValue: Math.exp(shift.lnP),
    };
  });
}

function othersReason(others: readonly ColumnShift[]): Reason {
  return others.length === 0
    ? {
        sentence: 'The requests of the other classes look as they did in the reference.',
        towards: 'attack',
        value: null,
        pValue: null,
      }
    : {
        sentence: `The requests of the other classes moved as well: ${others.map(({ column, distance }) => `${column} (${distance.toFixed(2)})`).join(', ')}.`,
        towards: 'weather',
        value: Math.max(...others.map(({ distance }) => distance)),
        pValue: Math.exp(Math.min(...others.map(({ lnP }) => lnP))),
      };
}
