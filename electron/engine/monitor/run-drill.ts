import { BEHAVIOUR_ALARM } from '../../../native-workers/drift/alert-of-change.ts';
import { attackRequests } from '../../../native-workers/drift/drill-log.ts';
import type { DrillOutcome } from '../../../native-workers/drift/drill-once.ts';
import { monitorById, monitors } from '../../../native-workers/drift/registry.ts';
import { Cancelled } from '../../../native-workers/task.ts';
import type { Params } from '../../contract/calls.ts';
import type { Drill, DrillAttack } from '../../contract/drills.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { CaseFile } from '../case/case-file.ts';
import type { StoredMonitorRun } from '../case/monitor-run-table.ts';
import type { Engine } from '../engine.ts';
import type { JobContext } from '../jobs/job-queue.ts';
import { peakRssBytes } from '../peak-memory.ts';
import { summaryOf } from './baseline-profile.ts';
import { alarmOptions, BEHAVIOUR_TITLE } from './judge-log.ts';
import { heldBaseline } from './run-monitor.ts';
import { selectRequests } from './select-requests.ts';
import { wilsonInterval } from '../../../native-workers/numeric/wilson-interval.ts';

type DrillRequest = Params<'drill/start'>;
/** What a drill's run stores. */
type DrillResult = Pick<Drill, 'days' | 'repeats' | 'targetClass' | 'attacks' | 'lines' | 'notes'>;

/** Monitors beside the default alarm: those of the predictions and the customary rules, which need no labels. */
const compared = monitors
  .filter(({ family }) => family === 'predictions' || family === 'sequential' || family === 'presets')
  .filter(({ needs }) => !needs.includes('labels'))
  .map(({ id }) => id);

const sentences: Readonly<Record<DrillAttack, string>> = {
  burst: 'Two hours of triggered requests of the class, as sure as its surest, nine in ten from one client.',
  'low-and-slow': 'A ramp from nothing to 3 % of the requests over seven days, as sure as the surest.',
  'calibrated-confidence': 'The same ramp with confidences drawn from the class itself.',
  'cheap-latency': 'The two hours with latency and resources of the fast half of the log.',
  'common-feature':
    'The ramp with the most frequent level of every category and features from the middle of the log.',
};

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const rising = [...values].sort((a, b) => a - b);
  const middle = (rising.length - 1) / 2;
  return (rising[Math.floor(middle)] + rising[Math.ceil(middle)]) / 2;
}

function line(
  attack: DrillAttack,
  monitor: string,
  attacked: readonly DrillOutcome[],
  clean: readonly DrillOutcome[],
  days: number,
): Drill['lines'][number] {
  const hours = attacked.flatMap(({ hours: one }) => one ?? []);
  const read = attacked.flatMap(({ asAttack }) => asAttack ?? []);
  const [powerLower, powerUpper] = wilsonInterval(hours.length, attacked.length);
  const alarms = clean.reduce((sum, { falseAlarms }) => sum + falseAlarms, 0);
  return {
    attack,
    monitor,
    monitorTitle: monitor === BEHAVIOUR_ALARM ? BEHAVIOUR_TITLE : monitorById(monitor).title,
    repeats: attacked.length,
    power: hours.length / attacked.length,
    powerLower,
    powerUpper,
    meanHours: mean(hours),
    medianHours: median(hours),
    falsePositiveRate: clean.filter(({ falseAlarms }) => falseAlarms > 0).length / clean.length,
    falseAlarmsPerYear: (alarms / (clean.length * days)) * 365,
    readAsAttack: read.length === 0 ? null : read.filter(Boolean).length / read.length,
  };
}

/**
 * The work of a drill job: simulate each attack on resampled days of the logs, and as many logs without one.
 *
 * @returns the run
 * @throws BezoarError, Cancelled; nothing is stored then
 */
export async function runDrill(
  engine: Pick<Engine, 'pool' | 'version'>,
  caseFile: CaseFile,
  request: DrillRequest,
  job: JobContext,
): Promise<number> {
  const startedAtMs = Date.now();
  const { repeats, days, seed, attacks } = request;
  job.phase('Loading');
  const { facts, profile, reference } = await heldBaseline(caseFile, request.baseline, false);
  if (reference === null)
    throw new BezoarError(
      'baseline/too-little',
      `The baseline ${facts.name} has no times, so nothing can be drilled against it. Nothing was stored. Make a baseline of logs.`,
    );
  const { table, inputs, notes } = await selectRequests(caseFile, {
    logs: request.logs,
    fromMs: null,
    toMs: null,
    modelVersion: null,
  });
  const target = targetOf(table.classes, table.predicted, request.targetClass);
  const runner = engine.pool.runner(job, seed);
  const quietDays = Math.min(2, days - 1);
  const kinds = [null, ...attacks];
  let done = 0;
  job.phase('Simulating');
  const simulate = async (attack: DrillAttack | null, repeat: number): Promise<DrillOutcome[]> => {
    const outcomes = await runner.run('drillOnce', {
      table,
      plan: { attack, target, days, quietDays, seed, repeat },
      reference,
      options: alarmOptions(request.sensitivity),
      held: { kind: 'summary', summary: summaryOf(profile, facts) },
      monitors: compared,
    });
    done += 1;
    job.progress(done / (kinds.length * repeats), {
      done,
      total: kinds.length * repeats,
      unit: 'logs',
    });
    return outcomes;
  };
  const byKind = await Promise.all(
    kinds.map((attack) =>
      Promise.all(Array.from({ length: repeats }, (_, repeat) => simulate(attack, repeat))),
    ),
  );
  if (job.cancelled()) throw new Cancelled();
  const [clean] = byKind;
  const perDay = facts.rows / Math.max(1, facts.days);
  const of = (logs: readonly DrillOutcome[][], monitor: string): DrillOutcome[] =>
    logs.flatMap((outcomes) => outcomes.filter((one) => one.monitor === monitor));
  const result: DrillResult = {
    days,
    repeats,
    targetClass: table.classes[target],
    attacks: attacks.map((attack) => ({
      attack,
      sentence: sentences[attack],
      requestsPerDay: attackRequests(attack, perDay),
    })),
    lines: attacks.flatMap((attack, at) =>
      [BEHAVIOUR_ALARM, ...compared].map((monitor) =>
        line(attack, monitor, of(byKind[at + 1], monitor), of(clean, monitor), days),
      ),
    ),
    notes: [
      'Days are drawn whole, so what they have in common stays; what only years show (holidays, releases) is not in it.',
      ...(quietDays === 0
        ? ['With one day the attack begins on the first: there is no quiet time before it.']
        : []),
      ...notes,
    ],
  };
  job.phase('Storing');
  await caseFile.writable();
  return caseFile.monitorRuns.add({
    kind: 'drill',
    baseline: request.baseline,
    engine: engine.pool.engine(),
    version: engine.version,
    parameters: { ...request },
    seed,
    inputs,
    startedAtMs,
    milliseconds: Date.now() - startedAtMs,
    peakRssBytes: peakRssBytes(),
    result,
    arrays: [],
    sightings: [],
  });
}

/** The asked class, or the one in the middle by requests. @throws BezoarError engine/bad-request */
function targetOf(classes: readonly string[], predicted: Int32Array, asked: string | null): number {
  const counts = new Int32Array(classes.length);
  for (const code of predicted) if (code >= 0) counts[code] += 1;
  const seen = [...counts.keys()]
    .filter((code) => counts[code] > 0)
    .sort((a, b) => counts[a] - counts[b] || a - b);
  const target = asked === null ? seen[Math.floor(seen.length / 2)] : classes.indexOf(asked);
  if (target === undefined || target < 0 || counts[target] === 0)
    throw new BezoarError(
      'engine/bad-request',
      `No request of the log is predicted as ${asked ?? 'any class'}. Nothing was simulated. Choose one of ${classes.slice(0, 20).join(', ')}.`,
    );
  return target;
}

export function drillOf(run: StoredMonitorRun): Drill {
  const { id, startedAtMs, startedBy, milliseconds, baseline, seed } = run;
  return { id, startedAtMs, startedBy, milliseconds, baseline, seed, ...(run.result as DrillResult) };
}
