import { z } from 'zod';
import { defineMonitor, judged, notJudged } from '../define-monitor.ts';
import { countInWords, numberInWords, percentInWords, pInWords, windowInWords } from '../in-words.ts';
import { drawsFor } from '../monitor-draws.ts';
import type { LogWindow, MonitorFinding, Subject } from '../monitor.ts';
import type { AlignedCounts, NamedCounts } from '../reference-columns.ts';
import { alignCounts, countCodes, referenceLevels } from '../reference-columns.ts';
import { benjaminiHochberg } from '../tests/benjamini-hochberg.ts';
import { chiSquaredTest } from '../tests/chi-squared.ts';
import { cellCounts, comparable } from '../tests/homogeneity.ts';
import { jensenShannonTest } from '../tests/jensen-shannon.ts';
import { psiTest } from '../tests/psi.ts';

const ID = 'categorical-columns';
/** Most levels that are told apart; the rarest of both logs together are one beyond that. */
const MOST_LEVELS = 200;

const params = z.object({
  /** Fires at p-values up to this, after Benjamini-Hochberg over the window's columns. */
  level: z.number().gt(0).lt(1).default(0.01),
  /** Fires from this Jensen-Shannon distance (bits) on. */
  leastDistance: z.number().min(0).max(1).default(0.1),
  leastRows: z.int().min(2).default(50),
  draws: z.int().min(99).max(99_999).default(999),
});
type Params = z.output<typeof params>;

type Found = MonitorFinding | { readonly p: number; readonly finish: (adjusted: number) => MonitorFinding };

/**
 * The levels of every categorical column of each window held against the baseline's; rows without a level are a level, and levels
 * that the baseline never had are counted apart.
 */
export const categoricalColumns = defineMonitor({
  id: ID,
  version: 1,
  title: 'Categorical columns',
  family: 'columns',
  reference:
    'Pearson 1900 (chi-squared of homogeneity); Lin 1991 (Jensen-Shannon divergence); Benjamini, Hochberg 1995',
  needs: ['categorical columns'],
  budgeted: false,
  falseAlarms: null,
  params,
  run({ reference, current, windows }, settings, ctx) {
    const check = (): void => {
      ctx.check();
    };
    const notes: string[] = [];
    const found = windows.map((): Found[] => []);
    current.categorical.forEach(({ name, codes, levels }, index) => {
      const before = referenceLevels(reference, name);
      if (before === null) notes.push(`The baseline has no categorical column ${name}: it was not compared.`);
      else
        windows.forEach((window, w) => {
          ctx.check();
          const now = countCodes(codes, levels, window.from, window.to);
          found[w].push(judgeLevels(name, before, now, window, settings, ctx.seed, check));
        });
      ctx.progress((index + 1) / current.categorical.length);
    });
    const findings = found.flatMap((window) => {
      const q = benjaminiHochberg(window.map((one) => ('p' in one ? one.p : null)));
      return window.map((one, i) => ('p' in one ? one.finish(q[i] ?? 1) : one));
    });
    return { findings, skipped: null, notes };
  },
});

function judgeLevels(
  name: string,
  before: NamedCounts,
  now: NamedCounts,
  window: LogWindow,
  settings: Params,
  seed: number,
  check: () => void,
): Found {
  const subject: Subject = { kind: 'column', name };
  const aligned = alignCounts(before, now);
  const pooled = poolRarest(aligned);
  const counts = cellCounts(pooled.reference, pooled.current);
  const rows = window.to - window.from;
  if (rows < settings.leastRows) {
    const reason = `${windowInWords(window)} there ${rows === 1 ? 'is' : 'are'} ${countInWords(rows, 'request')}: fewer than ${settings.leastRows} are not judged.`;
    return notJudged(window, subject, 'drift', reason);
  }
  if (!comparable(counts)) {
    const reason =
      counts.m === 0
        ? 'The baseline has no request: nothing was compared.'
        : `${name} has one and the same level in every row of the baseline and of the window: there is nothing to compare.`;
    return notJudged(window, subject, 'drift', reason);
  }
  const draws = drawsFor({ seed, monitor: ID, window, name }, settings.draws, 20);
  const chi = chiSquaredTest(counts, draws, check);
  const js = jensenShannonTest(counts, draws, check);
  const psi = psiTest(pooled.reference, pooled.current);
  const unseen = aligned.names.reduce(
    (sum, _, k) =>
      sum + (aligned.reference[k] === 0 && k < aligned.names.length - 1 ? aligned.current[k] : 0),
    0,
  );
  const top = largestRise(aligned, counts.n, counts.m);
  const finish = (q: number): MonitorFinding =>
    judged(window, subject, 'drift', {
      statistic: { name: 'chi-squared', value: chi.statistic, unit: '' },
      effect: { name: 'Jensen-Shannon distance', value: js.effect, unit: '' },
      pValue: chi.p,
      lnP: chi.lnP,
      leastP: chi.leastP,
      adjustedP: q,
      fires: q <= settings.level && js.effect >= settings.leastDistance ? 'warning' : null,
      facts: [
        { name: "Cramér's V", value: chi.effect, unit: '' },
        { name: 'Jensen-Shannon: p', value: js.p, unit: '' },
        ...(psi === null
          ? []
          : [
              { name: 'PSI', value: psi.statistic, unit: '' },
              { name: 'PSI to expect where nothing changed', value: psi.ifUnchanged, unit: '' },
            ]),
        { name: 'levels compared', value: counts.cells.length, unit: '' },
        { name: 'rows of levels that the baseline never had', value: unseen, unit: 'rows' },
        { name: 'rows without a level', value: now.missing, unit: 'rows' },
      ],
      sentence: `${windowInWords(window)} ${name} is ${top.name} in ${percentInWords(top.share)} of ${countInWords(rows, 'request')}, ${percentInWords(top.before)} in the baseline${unseen > 0 ? `, and ${countInWords(unseen, 'row')} ${unseen === 1 ? 'has a level' : 'have levels'} that the baseline never had` : ''}; distance ${numberInWords(js.effect)}, ${pInWords(q, chi.leastP)} after adjusting for the columns.`,
    });
  return { p: chi.p, finish };
}

/** Beyond 200 levels the rarest of both logs together become one cell, which stands last. */
function poolRarest({ reference, current }: AlignedCounts): {
  reference: Float64Array;
  current: Float64Array;
} {
  if (reference.length <= MOST_LEVELS) return { reference, current };
  const order = Uint32Array.from(reference.keys()).sort(
    (a, b) => reference[b] + current[b] - reference[a] - current[a] || a - b,
  );
  const pool = (counts: Float64Array): Float64Array => {
    const out = new Float64Array(MOST_LEVELS + 1);
    order.forEach((k, place) => {
      out[Math.min(place, MOST_LEVELS)] += counts[k];
    });
    return out;
  };
  return { reference: pool(reference), current: pool(current) };
}

/** The level whose share rose most. */
function largestRise(
  { names, reference, current }: AlignedCounts,
  n: number,
  m: number,
): { name: string; share: number; before: number } {
  let best = 0;
  names.forEach((_, k) => {
    if (current[k] / n - reference[k] / m > current[best] / n - reference[best] / m) best = k;
  });
  const name = best === names.length - 1 ? 'missing' : names[best];
  return { name, share: current[best] / n, before: reference[best] / m };
}
