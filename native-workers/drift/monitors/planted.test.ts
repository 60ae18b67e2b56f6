import { describe, expect, it } from 'vitest';
import { madeLog, mapNumbers, summaryOf, takeRows } from '../../../test/fixtures/made-log.ts';
import { uncancelled } from '../../task.ts';
import { runMonitor } from '../define-monitor.ts';
import type { EventTable } from '../event-table.ts';
import { DAY, HOUR, tumblingWindows } from '../log-windows.ts';
import type { MonitorFinding, MonitorInput } from '../monitor.ts';
import { monitorById } from '../registry.ts';

const reference = madeLog({ seed: 1, days: 14, perDay: 1500, tick: 1000 });
const quiet = madeLog({ seed: 2, days: 2, perDay: 1500, firstDay: 14, tick: 1000 });
const secondDay = quiet.time[0] - (quiet.time[0] % DAY) + DAY;

function inputOf(current: EventTable, before = reference): MonitorInput {
  return {
    reference: { kind: 'rows', table: before },
    current,
    windows: tumblingWindows(current, DAY),
    counts: null,
  };
}

function fired(id: string, current: EventTable, params: object = {}, before = reference): MonitorFinding[] {
  const { findings } = runMonitor(monitorById(id), inputOf(current, before), params, uncancelled(3));
  return findings.filter(({ decision }) => decision === 'fires');
}

const isSecond = (table: EventTable, row: number): boolean => table.time[row] >= secondDay;
const named = (findings: readonly MonitorFinding[]): string[] => [
  ...new Set(findings.map(({ subject }) => subject.name)),
];

/** Every fourth request of the second day is taken for a dress. */
const moreDresses: EventTable = {
  ...quiet,
  predicted: quiet.predicted.map((code, row) => (isSecond(quiet, row) && row % 4 === 0 ? 3 : code)),
};

describe('predicted classes', () => {
  it.each(['chi-squared', 'g-test', 'jensen-shannon', 'total-variation'])(
    'by %s: the day and the class',
    (by) => {
      const [finding, ...others] = fired('predictions', moreDresses, { by, draws: 999 });
      expect(others).toEqual([]);
      expect(finding).toMatchObject({ windowStart: secondDay, kind: 'drift', severity: 'warning' });
      expect(finding.sentence).toContain('dress made up');
      expect(fired('predictions', quiet, { by, draws: 999 })).toEqual([]);
    },
  );
});

describe('numeric columns', () => {
  const shifted = mapNumbers(quiet, (value, { name }, row) =>
    name === 'contrast' && isSecond(quiet, row) ? value + 0.5 : value,
  );

  it.each(['kolmogorov-smirnov', 'cramer-von-mises', 'anderson-darling', 'wasserstein', 'psi'])(
    'by %s: the column that moved',
    (by) => {
      const findings = fired('numeric-columns', shifted, { by });
      expect(findings.map(({ subject, windowStart }) => [subject.name, windowStart])).toEqual([
        ['contrast', secondDay],
      ]);
      expect(findings[0].sentence).toMatch(/lie higher than in the baseline/);
    },
  );

  it('does not fire on a shift too small to matter, however many rows prove it', () => {
    const large = madeLog({ seed: 8, days: 2, perDay: 60_000 });
    const moved = mapNumbers(large, (value, { name }) => (name === 'contrast' ? value + 0.05 : value));
    const { findings } = runMonitor(
      monitorById('numeric-columns'),
      inputOf(moved, large),
      { draws: 99 },
      uncancelled(),
    );
    const contrast = findings.filter(({ subject }) => subject.name === 'contrast');
    expect(contrast.every(({ pValue, decision }) => (pValue ?? 1) < 1e-6 && decision === 'quiet')).toBe(true);
  });

  it('finds values that went missing, as a matter of quality', () => {
    const holes = mapNumbers(quiet, (value, { name }, row) =>
      name === 'edges' && row % 3 === 0 ? NaN : value,
    );
    const findings = fired('numeric-columns', holes);
    expect(named(findings)).toEqual(['edges missing']);
    expect(findings[0].kind).toBe('quality');
  });

  it('prints the rank error of a summary with every figure', () => {
    const input: MonitorInput = {
      ...inputOf(shifted),
      reference: { kind: 'summary', summary: summaryOf(reference) },
    };
    const { findings, notes } = runMonitor(monitorById('numeric-columns'), input, {}, uncancelled(3));
    expect(notes.join(' ')).toMatch(
      /contrast is a summary: counts below any value are off by at most 0\.0\d+ %/,
    );
    const contrast = findings.filter(({ subject }) => subject.name === 'contrast');
    expect(contrast.map(({ decision }) => decision)).toEqual(['quiet', 'fires']);
    for (const { facts } of contrast)
      expect(facts.some(({ name }) => name.startsWith('rank error'))).toBe(true);
  });
});

describe('categorical columns', () => {
  it('find the level that rose, and one that the baseline never had', () => {
    const okhttp: EventTable = {
      ...quiet,
      categorical: quiet.categorical.map((column) =>
        column.name === 'user_agent'
          ? {
              ...column,
              levels: ['crawler/1', ...column.levels],
              codes: column.codes.map((code, row) => (isSecond(quiet, row) && row % 3 === 0 ? 0 : code + 1)),
            }
          : column,
      ),
    };
    const [finding, ...others] = fired('categorical-columns', okhttp);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ windowStart: secondDay, subject: { name: 'user_agent' } });
    expect(finding.sentence).toMatch(
      /user_agent is crawler\/1 in 33\.\d % .* rows have levels that the baseline never had/,
    );
  });
});

describe('features together', () => {
  it('see a dependence that no column shows alone, and name columns that explain a shift', () => {
    const params = { kernelSample: 400, permutations: 199 };
    const of = (table: EventTable) =>
      fired('multivariate', table, params).map(({ statistic }) => statistic?.name ?? '');
    expect(of(quiet)).toEqual([]);
    const brightness = quiet.numeric.find(({ name }) => name === 'brightness')?.values ?? new Float64Array(0);
    const tied = mapNumbers(quiet, (value, { name }, row) =>
      name === 'contrast' ? 0.95 * brightness[row] - 1.5 : value,
    );
    expect(of(tied)).toContain('kernel test (MMD), in deviations');
    expect(of(tied)).toContain('reconstruction error from principal components, t');
    const moved = mapNumbers(quiet, (value, { name }) => (name === 'edges' ? value * 1.8 : value));
    const found = fired('multivariate', moved, params);
    expect(found.map(({ statistic }) => statistic?.name)).toContain('classifier two-sample test, z');
    expect(found.find(({ statistic }) => statistic?.name.startsWith('classifier'))?.sentence).toMatch(
      /mostly by edges/,
    );
    expect(found.map(({ statistic }) => statistic?.name)).toContain("centroid distance, Hotelling's T2");
  });
});

describe('accuracy by labels', () => {
  const broken: EventTable = {
    ...quiet,
    label: quiet.label?.map((code, row) => (code === 0 && row % 2 === 0 ? 1 : code)) ?? null,
  };

  it('finds the fall of the accuracy and the classes whose labels moved', () => {
    const findings = fired('concept-drift', broken, { rows: 500, every: 100 });
    expect(named(findings)).toContain('');
    expect(named(findings)).toContain('boot');
    expect(named(findings)).not.toContain('dress');
    expect(findings.every(({ kind }) => kind === 'performance')).toBe(true);
    expect(fired('concept-drift', quiet, { rows: 500, every: 100 })).toEqual([]);
  });

  it('joins labels when they arrive, not when the request was made', () => {
    const late: EventTable = { ...broken, labelTime: broken.time.map((at) => at + 30 * DAY) };
    const findings = fired('concept-drift', late, { rows: 500, every: 100 });
    expect(findings.length).toBeGreaterThan(0);
    expect(findings.every(({ windowStart }) => windowStart >= quiet.time[0] + 30 * DAY)).toBe(true);
  });

  it('is what DDM sees as well', () => {
    expect(fired('ddm', broken)).not.toEqual([]);
    expect(fired('ddm', quiet)).toEqual([]);
  });
});

describe('CUSUM, Page-Hinkley and ADWIN on class shares', () => {
  const fortnight = madeLog({ seed: 5, days: 14, perDay: 1500, firstDay: 14 });
  const start = fortnight.time[0] - (fortnight.time[0] % DAY) + 4 * DAY;
  const slow: EventTable = {
    ...fortnight,
    predicted: fortnight.predicted.map((code, row) =>
      fortnight.time[row] >= start && row % 20 === 0 ? 3 : code,
    ),
  };

  it('CUSUM finds a rise of four points that lasts, near its beginning', () => {
    const findings = fired('cusum', slow);
    expect(findings[0]).toMatchObject({
      subject: { kind: 'class', name: 'dress' },
      statistic: { name: 'CUSUM up' },
    });
    expect(Math.abs((findings[0].onset ?? 0) - start)).toBeLessThanOrEqual(DAY);
    expect(fired('cusum', fortnight)).toEqual([]);
  });

  it('the row-by-row ones find a fourfold rise within the day', () => {
    const burst: EventTable = {
      ...quiet,
      predicted: quiet.predicted.map((code, row) => (isSecond(quiet, row) && row % 2 === 0 ? 3 : code)),
    };
    for (const id of ['page-hinkley', 'adwin']) {
      const first = fired(id, burst).find(({ subject }) => subject.name === 'dress');
      expect(first?.windowEnd).toBeLessThan(secondDay + DAY / 2);
      expect(first?.windowEnd).toBeGreaterThan(secondDay);
      expect(first?.effect?.value).toBeGreaterThan(0.05);
    }
  });
});

describe('outliers', () => {
  const attacked = (row: number): boolean => isSecond(quiet, row) && row % 40 === 0;
  const rows = [...quiet.time.keys()].filter(attacked);

  it('rows surer than their class ever was, at either end', () => {
    for (const [value, way] of [
      [0.99999, /are surer than/],
      [0.01, /are less sure than/],
    ] as const) {
      const moved = mapNumbers(
        { ...quiet, predicted: quiet.predicted.map((code, row) => (attacked(row) ? 3 : code)) },
        (v, { role }, row) => (role === 'confidence' && attacked(row) ? value : v),
      );
      const [finding, ...others] = fired('unlikely-confidence', moved);
      expect(others).toEqual([]);
      expect(finding).toMatchObject({ subject: { kind: 'class', name: 'dress' }, windowStart: secondDay });
      expect(finding.sentence).toMatch(way);
      expect([...(finding.rows ?? [])].filter((row) => rows.includes(row))).toHaveLength(rows.length);
    }
  });

  it('requests that cost more than their class and hour let expect', () => {
    const slowed = mapNumbers(quiet, (value, { role }, row) =>
      role === 'latency' && attacked(row) ? value + 40 : value,
    );
    const [finding, ...others] = fired('cost-spikes', slowed);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      subject: { name: 'latency_ms' },
      kind: 'performance',
      windowStart: secondDay,
    });
    expect(rows).toContain(finding.rows?.[0]);
  });

  it('a busy hour is not a spike: latency that follows the load is expected to', () => {
    // Two logs whose latency doubles with the load; the second one is busier than the first ever was at that hour.
    const loaded = (table: EventTable): EventTable => {
      const perHour = new Map<number, number>();
      for (const at of table.time)
        perHour.set(Math.floor(at / HOUR), (perHour.get(Math.floor(at / HOUR)) ?? 0) + 1);
      return mapNumbers(table, (v, { role }, row) =>
        role === 'latency' ? v * ((perHour.get(Math.floor(table.time[row] / HOUR)) ?? 0) / 60) : v,
      );
    };
    const daily = (table: EventTable, spare: number): EventTable =>
      takeRows(
        table,
        Int32Array.from(table.time.keys()).filter(
          (row) => Math.floor(table.time[row] / HOUR) % 24 >= 12 || row % spare === 0,
        ),
      );
    const before = loaded(daily(reference, 4));
    const evenings = loaded(daily(quiet, 4));
    expect(fired('cost-spikes', evenings, {}, before)).toEqual([]);
  });

  it('inputs unlike any before', () => {
    const odd = mapNumbers(quiet, (value, { name }, row) =>
      name === 'brightness' && attacked(row) ? 40 : value,
    );
    const [finding, ...others] = fired('unfamiliar-inputs', odd);
    expect(others).toEqual([]);
    expect(finding.windowStart).toBe(secondDay);
    expect([...(finding.rows ?? [])].slice(0, rows.length).sort((a, b) => a - b)).toEqual(rows);
  });

  it('a small cluster of inputs that all lead to one output', () => {
    const crafted = mapNumbers(
      { ...quiet, predicted: quiet.predicted.map((code, row) => (attacked(row) ? 0 : code)) },
      (value, { role }, row) => (role === 'feature' && attacked(row) ? 1.2 + (row % 7) / 100 : value),
    );
    const [finding, ...others] = fired('one-output-clusters', crafted);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ kind: 'attack-like', severity: 'warning', windowStart: secondDay });
    expect(finding.sentence).toMatch(/taken for bag/);
    expect(rows.every((row) => finding.rows?.includes(row))).toBe(true);
  });
});

describe('health', () => {
  const withStatus = (table: EventTable, failing: boolean): EventTable => ({
    ...table,
    categorical: [
      ...table.categorical,
      {
        name: 'status',
        levels: ['200', '503'],
        codes: Int32Array.from(table.time, (at, row) =>
          failing && at >= secondDay && row % 10 === 0 ? 1 : 0,
        ),
      },
    ],
  });

  it('finds failing requests by their status, and requests without a prediction', () => {
    const [before, now] = [withStatus(reference, false), withStatus(quiet, true)];
    const findings = fired(
      'health',
      { ...now, predicted: now.predicted.map((code, row) => (row % 20 === 0 ? -1 : code)) },
      {},
      before,
    );
    expect(named(findings)).toEqual(['', 'status']);
    expect(
      findings.filter(({ subject }) => subject.name === 'status').map(({ windowStart }) => windowStart),
    ).toEqual([secondDay]);
  });

  it('finds a silence that the traffic makes unlikely', () => {
    const [from, to] = [secondDay + 3 * HOUR, secondDay + 4.5 * HOUR];
    const kept = Int32Array.from(quiet.time.keys()).filter(
      (row) => quiet.time[row] < from || quiet.time[row] >= to,
    );
    const [finding, ...others] = fired('health', takeRows(quiet, kept));
    expect(others).toEqual([]);
    expect(finding.subject.kind).toBe('log');
    expect(Math.abs(finding.windowStart - from)).toBeLessThan(10 * 60_000);
    expect(finding.effect?.value).toBeGreaterThan(80);
    expect(fired('health', quiet)).toEqual([]);
  });

  it('finds a regular sender that stopped', () => {
    const beat = (table: EventTable, until: number): EventTable => {
      const start = table.time[0] - (table.time[0] % DAY);
      const every = 10 * 60_000;
      const code = table.time.map((at) => Math.floor((at - start) / every));
      // The first request of every ten minutes comes from the probe.
      const codes = Int32Array.from(code, (slot, row) =>
        table.time[row] < until && (row === 0 || code[row - 1] !== slot) ? 1 : 0,
      );
      return { ...table, categorical: [{ name: 'client', levels: ['other', 'probe'], codes }] };
    };
    const findings = fired('health', beat(quiet, secondDay + 6 * HOUR), {}, beat(reference, Infinity));
    expect(named(findings)).toEqual(['client = probe']);
    expect(findings[0].effect?.value).toBeGreaterThan(90);
    expect(findings[0].onset).toBeGreaterThan(secondDay + 5.5 * HOUR);
  });

  it('says what the import counted', () => {
    const counts = { lines: 1000, unreadable: 20, duplicateIds: 0, backwards: 4, largestStepBack: 2 * HOUR };
    const { findings } = runMonitor(monitorById('health'), { ...inputOf(quiet), counts }, {}, uncancelled());
    const said = findings.filter(({ statistic }) => statistic?.unit === 'lines');
    expect(said.map(({ severity }) => severity)).toEqual(['warning', null, 'warning']);
    expect(said[2].sentence).toMatch(/by 7,200 s at most/);
  });
});

describe('customary rules', () => {
  it('fire at their limits and not below', () => {
    const slow = mapNumbers(quiet, (value, { role }) => (role === 'latency' ? value * 1.25 : value));
    expect(fired('customary-rules', slow, { rules: ['p95 latency over 10 %'] })).toHaveLength(3);
    expect(fired('customary-rules', quiet, { rules: ['p95 latency over 10 %'] })).toEqual([]);
    expect(
      fired('customary-rules', moreDresses, { rules: ['chi-squared p < 0.01 of the predictions'] }).length,
    ).toBeGreaterThan(0);
    const unsure = mapNumbers(quiet, (value, { role }, row) =>
      role === 'confidence' && row === 7 ? 0.29 : Math.max(value, 0.3),
    );
    const [finding] = fired('customary-rules', unsure, { rules: ['confidence < 0.3'] });
    expect([...(finding.rows ?? [])]).toEqual([7]);
    const far = mapNumbers(quiet, (value, { name }) => (name === 'contrast' ? value + 1 : value));
    for (const rule of ['KS p < 0.05 with D > 0.1', 'PSI > 0.2'])
      expect(named(fired('customary-rules', far, { rules: [rule] }))).toEqual(['contrast']);
    const wrong: EventTable = {
      ...quiet,
      label: quiet.label?.map((code) => (code < 0 ? code : (code + 1) % 4)) ?? null,
    };
    expect(fired('customary-rules', wrong, { rules: ['accuracy drop over 10 %'], rows: 500 })).not.toEqual(
      [],
    );
    expect(fired('customary-rules', quiet, { rules: ['accuracy drop over 10 %'], rows: 500 })).toEqual([]);
  });
});
