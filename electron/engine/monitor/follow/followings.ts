import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { EventTable } from '../../../../native-workers/drift/event-table.ts';
import type { Params } from '../../../contract/calls.ts';
import { BezoarError } from '../../../contract/errors.ts';
import type { Following } from '../../../contract/following.ts';
import type { LogMapping } from '../../../contract/logs.ts';
import type { StoredAlert } from '../../case/alert-table.ts';
import type { CaseFile } from '../../case/case-file.ts';
import { publishCase } from '../../handlers/case-handlers.ts';
import type { Engine } from '../../engine.ts';
import { peakRssBytes } from '../../peak-memory.ts';
import { arrayBytes } from '../../run-arrays.ts';
import { judgeLog, type JudgedLog } from '../judge-log.ts';
import { laneArrayName, laneArrays, type MonitorResult } from '../monitor-run.ts';
import { rulesInForce } from '../monitor-rules.ts';
import { heldBaseline } from '../run-monitor.ts';
import { requireBaseline } from '../stored-baseline.ts';
import { alertSinks } from './alert-sinks.ts';
import { followLog, type FollowedLog } from './follow-log.ts';
import { serveMetrics, type MetricFamily, type MetricsServer } from './metrics-server.ts';

/** At most this many milliseconds lie between two publications. */
const PUBLISH_MS = 500;

/** What a followed log shows by hour and by day, as far as its requests are kept. */
interface JudgedFollowing {
  readonly result: MonitorResult;
  readonly arrays: ReadonlyMap<string, Float64Array>;
  readonly table: EventTable;
}

/** Logs that are followed, of the open case. */
export interface Followings {
  start(params: Params<'follow/start'>): Promise<Following>;
  /** Reads and judges what is there, then keeps a run of the requests that are left. @throws BezoarError follow/not-found */
  stop(id: string): Promise<Following>;
  list(): Following[];
  /** Series and effects of a followed log by its run; null when it is not followed any more or shows nothing yet. */
  judged(run: number): Promise<JudgedFollowing | null>;
  serveMetrics(port: number | null): Promise<string | null>;
  /** Before the case is closed. */
  stopAll(): Promise<void>;
  close(): Promise<void>;
}

interface Entry {
  readonly id: string;
  readonly run: number;
  readonly caseFile: CaseFile;
  readonly params: Params<'follow/start'>;
  readonly log: FollowedLog;
  readonly startedAtMs: number;
  cached: { windows: number; judged: Promise<JudgedFollowing | null> } | null;
  stopped: boolean;
}

const arraysOf = ({ lanes }: JudgedLog): Map<string, Float64Array> => {
  const arrays = new Map<string, Float64Array>();
  for (const { lane, measured, values, effects, p } of lanes) {
    const of = { start: measured.start, end: measured.end, rows: measured.rows, values, effects, p };
    for (const name of laneArrays) arrays.set(laneArrayName(lane, name), of[name]);
  }
  return arrays;
};

/** How the lines are read: as asked, or as those of the baseline's own log. */
function mappingOf(caseFile: CaseFile, params: Params<'follow/start'>): LogMapping {
  if (params.mapping !== null) return params.mapping;
  const { source, name } = requireBaseline(caseFile, params.baseline);
  const [log] = source.kind === 'logs' ? source.logs : [];
  if (log === undefined)
    throw new BezoarError(
      'follow/unreadable',
      `The baseline ${name} was made of no log of this case, so its lines cannot be read like one. Nothing was started. Give a mapping.`,
    );
  return caseFile.logs.get(log).mapping;
}

export function createFollowings(engine: () => Engine, bug: (error: unknown) => void): Followings {
  const entries: Entry[] = [];
  let counter = 0;
  let timer: NodeJS.Timeout | null = null;
  let metrics: MetricsServer | null = null;

  const list = (): Following[] => entries.map(({ log }) => log.state());
  const publish = (): void => {
    timer ??= setTimeout(() => {
      timer = null;
      engine().publish('following', list());
    }, PUBLISH_MS).unref();
  };

  const find = (id: string): Entry => {
    const entry = entries.find((one) => one.id === id);
    if (entry === undefined)
      throw new BezoarError(
        'follow/not-found',
        'This log is not being followed. Nothing was changed. Start it from the monitor.',
      );
    return entry;
  };

  const alertsOf = ({ caseFile, run }: Pick<Entry, 'caseFile' | 'run'>): StoredAlert[] =>
    caseFile.alerts.list(run);

  /** Everything by hour and by day of the requests that are kept. */
  async function judge(entry: Entry): Promise<JudgedFollowing | null> {
    const { params, caseFile, log } = entry;
    const { pool } = engine();
    const runner = pool.runner(null, params.seed);
    const kept = log.kept();
    if (kept === null) return null;
    const table = await runner.run('assembleFollowed', kept);
    if (table.rows === 0) return null;
    const baseline = await heldBaseline(caseFile, params.baseline, false);
    const judged = await judgeLog(
      {
        table,
        counts: null,
        baseline,
        sensitivity: params.sensitivity,
        rules: rulesInForce(caseFile),
        presets: [],
      },
      runner,
      () => undefined,
    );
    return {
      table,
      arrays: arraysOf(judged),
      result: {
        baselineName: baseline.facts.name,
        source: { kind: 'followed', name: log.state().name },
        fromMs: table.time[0],
        toMs: table.time[table.rows - 1],
        rows: table.rows,
        sensitivity: params.sensitivity,
        expectedFalseAlarms: judged.expectedFalseAlarms,
        promise: judged.promise,
        notes: [...judged.notes, log.state().sentence],
        monitors: judged.monitors,
        lanes: judged.laneFacts,
        metrics: judged.metrics,
        effects: judged.effects,
        floors: judged.floors,
        modelVersion: null,
      },
    };
  }

  /** Keeps what a log that is followed no more has shown, with its alerts, as a run. */
  async function store(entry: Entry): Promise<void> {
    const judged = await judge(entry);
    if (judged === null) return;
    const { caseFile, params, run, startedAtMs } = entry;
    const { pool, version } = engine();
    const sightings = alertsOf(entry).map(({ id, episode }) => ({
      alert: id,
      episode,
      rows: caseFile.alerts.rows(id, run),
    }));
    await caseFile.writable();
    caseFile.monitorRuns.add({
      kind: 'monitor',
      baseline: params.baseline,
      engine: pool.engine(),
      version,
      parameters: { followed: run, sensitivity: params.sensitivity },
      seed: params.seed,
      inputs: [],
      startedAtMs,
      milliseconds: Date.now() - startedAtMs,
      peakRssBytes: peakRssBytes(),
      result: judged.result,
      arrays: [...judged.arrays].map(([name, data]) => ({ name, data: arrayBytes(data) })),
      sightings,
    });
    publishCase(engine(), ['monitors', 'alerts', 'audit']);
  }

  async function stop(entry: Entry): Promise<Following> {
    await entry.log.stop();
    if (!entry.stopped) {
      entry.stopped = true;
      await store(entry);
    }
    entries.splice(entries.indexOf(entry), 1);
    engine().publish('following', list());
    return entry.log.state();
  }

  return {
    start: async (params) => {
      const { grants, pool, version } = engine();
      const caseFile = engine().caseFile();
      const path = grants.path(params.source, 'read');
      const alertsFile = params.alertsFile === null ? null : grants.path(params.alertsFile, 'write');
      const { name, promise } = requireBaseline(caseFile, params.baseline);
      const reference = caseFile.baselines.reference(params.baseline);
      if (reference === null)
        throw new BezoarError(
          'follow/unreadable',
          `The baseline ${name} has no times, so no log can be followed against it. Nothing was started. Make a baseline of logs.`,
        );
      const mapping = mappingOf(caseFile, params);
      if (statSync(path, { throwIfNoEntry: false }) === undefined && params.fromStart)
        throw new BezoarError(
          'follow/unreadable',
          `There is no file ${basename(path)}. Nothing was started. Check its name, or follow it from now on.`,
        );
      await caseFile.writable();
      const startedAtMs = Date.now();
      const run = caseFile.monitorRuns.add({
        kind: 'follow',
        baseline: params.baseline,
        engine: pool.engine(),
        version,
        parameters: { file: basename(path), mapping, sensitivity: params.sensitivity },
        seed: params.seed,
        inputs: [],
        startedAtMs,
        milliseconds: 0,
        peakRssBytes: peakRssBytes(),
        result: {
          baselineName: name,
          source: { kind: 'followed', name: basename(path) },
          fromMs: startedAtMs,
          toMs: startedAtMs,
          rows: 0,
          sensitivity: params.sensitivity,
          expectedFalseAlarms: null,
          promise,
          notes: [],
          monitors: [],
          lanes: [],
          metrics: [],
          effects: [],
          floors: [],
          modelVersion: null,
        } satisfies MonitorResult,
        arrays: [],
        sightings: [],
      });
      const sinks = alertSinks(alertsFile, params.webhook);
      counter += 1;
      const id = `follow-${counter}`;
      const log = followLog(
        id,
        {
          path,
          baseline: params.baseline,
          run,
          reference,
          mapping,
          sensitivity: params.sensitivity,
          rules: rulesInForce(caseFile),
          fromStart: params.fromStart,
          tellFrom: params.tellFrom,
        },
        {
          runner: pool.runner(null, params.seed),
          known: () => alertsOf({ caseFile, run }),
          sight: async (sightings) => {
            await caseFile.writable();
            const alerts = caseFile.alerts.sight(run, sightings);
            publishCase(engine(), ['alerts', 'audit']);
            return alerts;
          },
          tell: (alert, rows) => sinks.tell(alert, rows),
          changed: publish,
          bug,
        },
      );
      entries.push({ id, run, caseFile, params, log, startedAtMs, cached: null, stopped: false });
      publishCase(engine(), ['monitors', 'audit']);
      return log.state();
    },
    stop: (id) => stop(find(id)),
    list,
    judged: async (run) => {
      const entry = entries.find((one) => one.run === run);
      if (entry === undefined) return null;
      const windows = entry.log.state().windowsClosed;
      if (entry.cached?.windows !== windows) entry.cached = { windows, judged: judge(entry) };
      return entry.cached.judged;
    },
    serveMetrics: async (port) => {
      await metrics?.close();
      metrics = port === null ? null : await serveMetrics(port, () => families(list()));
      return metrics?.url ?? null;
    },
    stopAll: async () => {
      // A case must close even where the last of a log could not be kept.
      for (const entry of [...entries])
        try {
          await stop(entry);
        } catch (error) {
          bug(error);
          entries.splice(entries.indexOf(entry), 1);
        }
    },
    close: async () => {
      if (timer !== null) clearTimeout(timer);
      await metrics?.close();
      metrics = null;
    },
  };
}

/** What is followed, in numbers for Prometheus. */
function families(followed: readonly Following[]): MetricFamily[] {
  const family = (
    name: string,
    type: MetricFamily['type'],
    help: string,
    value: (one: Following) => number,
  ): MetricFamily => ({
    name: `bezoar_followed_${name}`,
    type,
    help,
    samples: followed.map((one) => ({ labels: { log: one.name, id: one.id }, value: value(one) })),
  });
  return [
    family('requests_total', 'counter', 'Requests read.', ({ events }) => events),
    family('bad_lines_total', 'counter', 'Lines that could not be read.', ({ badLines }) => badLines),
    family('windows_closed_total', 'counter', 'Hours judged.', ({ windowsClosed }) => windowsClosed),
    family('alerts_total', 'counter', 'Alerts raised.', ({ alerts }) => alerts),
    family('requests_per_second', 'gauge', 'Pace of the last ten seconds.', (one) => one.eventsPerSecond),
    family('behind_bytes', 'gauge', 'Bytes that are there and not read yet.', (one) => one.behindBytes),
    family(
      'evidence_ratio',
      'gauge',
      'Strongest present evidence over what alarms, in logarithms; NaN before the first hour has closed.',
      ({ evidence }) => evidence ?? Number.NaN,
    ),
    family(
      'newest_seconds',
      'gauge',
      'Time of the newest request, seconds since 1970 UTC.',
      ({ lastTimeMs }) => (lastTimeMs === null ? Number.NaN : lastTimeMs / 1000),
    ),
    family('up', 'gauge', '1 while the log is followed.', ({ state }) =>
      state === 'following' || state === 'waiting' ? 1 : 0,
    ),
  ];
}
