import type { EventTable } from '../../../native-workers/drift/event-table.ts';
import {
  laneRows,
  measureWindows,
  metricBand,
  metricId,
  type LaneName,
} from '../../../native-workers/drift/measure-windows.ts';
import { promiseDays, promiseSentence } from '../../../native-workers/drift/reference.ts';
import { summariseLog } from '../../../native-workers/drift/summarise-log.ts';
import { sharedFloat64, sharedInt32 } from '../../../native-workers/numeric/shared-arrays.ts';
import type { TaskRunner } from '../../../native-workers/runner.ts';
import { Cancelled } from '../../../native-workers/task.ts';
import type { BaselineProfile } from '../../contract/baselines.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { NewBaseline } from '../case/baseline-table.ts';
import type { CaseFile } from '../case/case-file.ts';
import type { Engine } from '../engine.ts';
import type { JobContext } from '../jobs/job-queue.ts';
import { largestRankError, profileOf } from './baseline-profile.ts';
import { selectRequests, type RequestChoice } from './select-requests.ts';

export interface BaselineRequest {
  readonly name: string;
  readonly source:
    | ({ readonly kind: 'logs' } & Omit<RequestChoice, 'modelVersion'>)
    | { readonly kind: 'golden'; readonly dataset: number };
  readonly modelVersion: string | null;
}

const DEFAULT_FALSE_ALARM_DAYS = 365;

const orNull = (values: Float64Array): (number | null)[] =>
  Array.from(values, (value) => (Number.isFinite(value) ? value : null));

/** Bands of every metric over the baseline's own windows. */
async function bandsOf(table: EventTable, runner: TaskRunner): Promise<BaselineProfile['bands']> {
  const bands = new Map<
    string,
    Partial<Record<LaneName, { mean: (number | null)[]; sd: (number | null)[] }>>
  >();
  for (const lane of ['hour', 'day'] as const) {
    const measured = await measureWindows(table, laneRows(table, lane), new Set(), runner);
    const size = measured.start.length;
    measured.metrics.forEach((metric, at) => {
      const values = measured.values.subarray(at * size, (at + 1) * size);
      const { mean, sd } = metricBand(lane, measured.start, values);
      const id = metricId(metric);
      bands.set(id, { ...bands.get(id), [lane]: { mean: orNull(mean), sd: orNull(sd) } });
    });
  }
  const none = (length: number) => ({
    mean: Array.from({ length }, () => null),
    sd: Array.from({ length }, () => null),
  });
  return [...bands].map(([metric, { hour, day }]) => ({
    metric,
    hour: hour ?? none(24),
    day: day ?? none(7),
  }));
}

/** The one model and version of the requests; null where there are several or none is named. */
function onlyLevel(table: EventTable, names: readonly string[]): string | null {
  const column = table.categorical.find(({ name }) => names.includes(name));
  if (column === undefined) return null;
  const seen = new Set(column.codes);
  seen.delete(-1);
  const [code] = seen;
  return seen.size === 1 && code !== undefined ? (column.levels[code] ?? null) : null;
}

async function fromLogs(
  caseFile: CaseFile,
  choice: RequestChoice,
  runner: TaskRunner,
  job: Pick<JobContext, 'phase' | 'progress'>,
): Promise<NewBaseline> {
  job.phase('Loading');
  const selected = await selectRequests(caseFile, choice);
  const { table, logs, notes } = selected;
  job.progress(0.2);
  job.phase('Fitting');
  const [reference, summary, traffic] = await Promise.all([
    runner.run('fitBehaviour', { tables: [table] }),
    summariseLog(table, runner),
    runner.run('summariseTraffic', { time: table.time }),
  ]);
  if (reference.selfCheck.drifts)
    throw new BezoarError('baseline/drifts', `${reference.selfCheck.sentence} The baseline was not kept.`);
  job.progress(0.7);
  job.phase('Measuring windows');
  const bands = await bandsOf(table, runner);
  const profile = profileOf(summary, reference, {
    traffic: { hour: Array.from(traffic.hour), weekday: orNull(traffic.weekday) },
    bands,
  });
  const span = Math.floor(reference.lastMs / 86_400_000) - Math.floor(reference.firstMs / 86_400_000) + 1;
  const missing = span - reference.days;
  const named = (role: 'model' | 'version'): string[] =>
    logs.flatMap(({ columns }) => columns.filter((one) => one.role === role).map(({ name }) => name));
  const promise = promiseDays(reference.days);
  return {
    facts: {
      model: onlyLevel(table, named('model')),
      modelVersion: choice.modelVersion ?? onlyLevel(table, named('version')),
      source: { kind: 'logs', logs: [...choice.logs], modelVersion: choice.modelVersion },
      fromMs: reference.firstMs,
      toMs: reference.lastMs,
      rows: table.rows,
      days: reference.days,
      exact: true,
      rankError: 0,
      promiseDays: promise,
      promise: promiseSentence(reference.days, promise ?? DEFAULT_FALSE_ALARM_DAYS),
      selfCheck: reference.selfCheck.sentence,
      notes: [
        ...notes,
        ...(missing > 0
          ? [`${missing} ${missing === 1 ? 'day' : 'days'} between the first and the last have no request.`]
          : []),
      ],
    },
    profile,
    reference,
  };
}

/** The predictions of a set of samples: everything but times. */
async function fromSamples(
  caseFile: CaseFile,
  id: number,
  runner: TaskRunner,
  job: Pick<JobContext, 'phase' | 'progress'>,
): Promise<NewBaseline> {
  job.phase('Loading');
  const dataset = caseFile.datasets.list().find((one) => one.id === id);
  if (dataset?.hasPredictions !== true)
    throw new BezoarError(
      'baseline/too-little',
      `Set ${id} has no predictions, so it says nothing about a model. No baseline was made. Import records with a column of predictions.`,
    );
  const { classes, rows } = dataset;
  const label = sharedInt32(rows);
  label.set(caseFile.datasets.labels(id));
  const predicted = sharedInt32(rows);
  predicted.set(caseFile.datasets.predicted(id));
  const numeric: EventTable['numeric'] = [
    ...(dataset.hasConfidence ? [{ name: 'confidence', role: 'confidence' as const }] : []),
    ...dataset.columns
      .filter(({ type, role }) => type === 'number' && role === 'feature')
      .map(({ name }) => ({ name, role: 'feature' as const })),
  ].map((column) => {
    const values = sharedFloat64(rows);
    values.set(caseFile.datasets.numberColumn(id, column.name));
    return { ...column, values };
  });
  const table: EventTable = {
    rows,
    time: new Float64Array(0),
    classes,
    predicted,
    label,
    labelTime: null,
    numeric,
    categorical: [],
  };
  job.phase('Counting');
  const summary = await summariseLog(table, runner);
  const profile = profileOf({ ...summary, firstTime: NaN, lastTime: NaN }, null, {
    traffic: {
      hour: Array.from({ length: 24 }, () => 0),
      weekday: Array.from({ length: 7 }, () => null),
    },
    bands: [],
  });
  return {
    facts: {
      model: null,
      modelVersion: null,
      source: { kind: 'golden', dataset: id },
      fromMs: null,
      toMs: null,
      rows,
      days: 0,
      exact: false,
      rankError: largestRankError(profile),
      promiseDays: null,
      promise:
        'These predictions have no times: logs can be compared with them, but how often that would alarm falsely is not known, so nothing alarms.',
      selfCheck: 'Not judged: without times there are no halves.',
      notes: [],
    },
    profile,
    reference: null,
  };
}

/**
 * The work of a baseline job.
 * @returns its number
 * @throws BezoarError baseline/drifts when its first half differs from its second, baseline/too-little; Cancelled; nothing is kept then
 */
export async function createBaseline(
  engine: Pick<Engine, 'pool'>,
  caseFile: CaseFile,
  { name, source, modelVersion }: BaselineRequest,
  job: JobContext,
): Promise<number> {
  const runner = engine.pool.runner(job, 0);
  const made =
    source.kind === 'golden'
      ? await fromSamples(caseFile, source.dataset, runner, job)
      : await fromLogs(caseFile, { ...source, modelVersion }, runner, job);
  if (job.cancelled()) throw new Cancelled();
  job.phase('Storing');
  await caseFile.writable();
  return caseFile.baselines.add('create', name, made);
}
