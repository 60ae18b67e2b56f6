import type { BaselineSummary } from '../../../native-workers/drift/baseline-summary.ts';
import type { EffectRow } from '../../../native-workers/drift/effect-map.ts';
import type { EventTable } from '../../../native-workers/drift/event-table.ts';
import { mapNames } from '../../../native-workers/drift/merge-tables.ts';
import type { WindowRows } from '../../../native-workers/drift/window-metrics.ts';
import type { TaskRunner } from '../../../native-workers/runner.ts';
import { groupOf } from './metric-names.ts';
import type { EffectName } from './monitor-run.ts';

const DISTANCE = 'Kolmogorov-Smirnov distance';
const VARIATION = 'total variation';

/**
 * How far each column lies from the baseline in each window of each lane.
 *
 * @param baseline its requests where they are in the case, by which numbers are exact; null: the summary's sketches are used
 * @returns the rows' names, and for each lane their values in the same order
 */
export async function effectRows(
  table: EventTable,
  lanes: readonly WindowRows[],
  summary: BaselineSummary,
  baseline: EventTable | null,
  runner: TaskRunner,
): Promise<{ names: EffectName[]; lanes: EffectRow[][] }> {
  const cells = (
    levels: readonly string[],
    known: readonly string[],
    counts: Float64Array,
    others: number,
    missing: number,
  ): { cellOf: Int32Array; reference: Float64Array } => ({
    // Levels that the baseline does not have share a cell; so do missing values.
    cellOf: mapNames(levels, known).map((cell) => (cell < 0 ? known.length : cell)),
    reference: Float64Array.from([...counts, others, missing]),
  });
  const jobs: { name: EffectName; rows: Promise<EffectRow[]> }[] = [
    {
      name: { subject: 'prediction', group: 'predictions', effect: VARIATION, rankError: 0 },
      rows: runner.run('cellEffects', {
        codes: table.predicted,
        lanes,
        ...cells(
          table.classes,
          summary.classes,
          Float64Array.from(summary.ofClass, ({ predicted }) => predicted),
          0,
          summary.unpredicted,
        ),
      }),
    },
  ];
  for (const { name, role, values } of table.numeric) {
    const known = summary.numeric.find((one) => one.name === name);
    if (known === undefined) continue;
    const exact = baseline?.numeric.find((one) => one.name === name)?.values;
    const { sketch } = known;
    jobs.push({
      name: {
        subject: name,
        group: groupOf(role),
        effect: DISTANCE,
        rankError: exact === undefined && sketch.n > 0 ? sketch.rankError / sketch.n : 0,
      },
      rows: runner.run('numberEffects', { values, lanes, reference: exact ?? sketch }),
    });
  }
  for (const { name, levels, codes } of table.categorical) {
    const known = summary.categorical.find((one) => one.name === name);
    if (known === undefined) continue;
    const counted = known.counts.reduce((sum, count) => sum + count, 0);
    jobs.push({
      name: { subject: name, group: 'categories', effect: VARIATION, rankError: 0 },
      rows: runner.run('cellEffects', {
        codes,
        lanes,
        ...cells(
          levels,
          known.levels,
          known.counts,
          Math.max(0, summary.rows - counted - known.missing),
          known.missing,
        ),
      }),
    });
  }
  const done = await Promise.all(jobs.map(({ rows }) => rows));
  return {
    names: jobs.map(({ name }) => name),
    lanes: lanes.map((_, lane) => done.map((rows) => rows[lane])),
  };
}
