import { rmSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Severity } from '../contract/alerts.ts';
import { BezoarError } from '../contract/errors.ts';
import type { TextReading } from '../contract/evidence.ts';
import type { LogMapping } from '../contract/logs.ts';
import { type LogFieldRole, type LogRole } from '../contract/logs.ts';
import { createEngine, type EngineInstance } from '../engine/create-engine.ts';
import { invoke } from '../engine/dispatch.ts';
import { grantFile } from '../engine/grant-file.ts';
import { checkOutFolder, makeOutFolder } from './out-folder.ts';
import { openProgressLine } from './progress-line.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { textReading } from './text-reading.ts';
import { finished } from './finished-job.ts';
import { wholeNumber } from './whole-number.ts';

export const MONITOR_USAGE = `monitor --baseline LOG... --log LOG... [--time COL] [--prediction COL] [--label COL] [--map MAP.json]
     [--read NAME=VALUE]... [--case C.bezoar] [--false-alarm-days N] [--threads N] [--seed N] [--fail-on-alarm] --out DIR
     --read says how the text of CSV logs is written, where it is not told right: encoding, delimiter, quote, escape, decimal, header.`;

const DEFAULT_DAYS = 365;

interface MonitorArguments {
  readonly baseline: readonly string[];
  readonly log: readonly string[];
  /** Columns named by hand, by what they are. */
  readonly columns: readonly {
    readonly role: LogFieldRole;
    readonly option: string;
    readonly name: string;
  }[];
  /** A mapping file. */
  readonly map: string | null;
  readonly reading: TextReading;
  readonly casePath: string | null;
  readonly falseAlarmDays: number;
  readonly threads: number;
  readonly seed: number;
  readonly failOnAlarm: boolean;
  readonly out: string;
}

const options = {
  baseline: { type: 'string', multiple: true },
  log: { type: 'string', multiple: true },
  time: { type: 'string' },
  prediction: { type: 'string' },
  label: { type: 'string' },
  map: { type: 'string' },
  read: { type: 'string', multiple: true },
  case: { type: 'string' },
  'false-alarm-days': { type: 'string' },
  threads: { type: 'string' },
  seed: { type: 'string' },
  'fail-on-alarm': { type: 'boolean' },
  out: { type: 'string' },
} as const;

/** Several files may follow one option: words after `--baseline` or `--log` are files of it. */
function readArguments(argv: readonly string[]) {
  try {
    const { values, tokens } = parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: true,
      tokens: true,
      options,
    });
    const files: Record<'baseline' | 'log', string[]> = { baseline: [], log: [] };
    let open: 'baseline' | 'log' | null = null;
    for (const token of tokens) {
      if (token.kind === 'option') {
        open = token.name === 'baseline' || token.name === 'log' ? token.name : null;
        if (open !== null && token.value !== undefined) files[open].push(token.value);
      } else if (token.kind === 'positional') {
        if (open === null) throw new Error(`Unexpected argument '${token.value}'`);
        files[open].push(token.value);
      }
    }
    return { values, files };
  } catch (error) {
    throw new BezoarError('usage', `${(error as Error).message}\nUsage: ${MONITOR_USAGE}`);
  }
}

function logFiles(option: 'baseline' | 'log', names: readonly string[]): string[] {
  if (names.length === 0)
    throw new BezoarError(
      'usage',
      option === 'baseline'
        ? 'monitor needs --baseline: one log or more of weeks in which nothing was wrong.'
        : 'monitor needs --log: one log or more of the days in question.',
    );
  return names.map((name) => {
    const found = statSync(name, { throwIfNoEntry: false });
    if (found?.isFile() !== true && found?.isDirectory() !== true)
      throw new BezoarError('usage', `There is no file or folder ${name} (--${option}). Check its name.`);
    return resolve(name);
  });
}

/** @throws BezoarError usage */
function parseMonitorArguments(argv: readonly string[]): MonitorArguments {
  const { values, files } = readArguments(argv);
  const baseline = logFiles('baseline', files.baseline);
  const log = logFiles('log', files.log);
  if (values.out === undefined)
    throw new BezoarError('usage', 'monitor needs --out: the folder for alerts.json and baseline.json.');
  const named = [
    { role: 'time', option: 'time', name: values.time },
    { role: 'predicted', option: 'prediction', name: values.prediction },
    { role: 'label', option: 'label', name: values.label },
  ] as const;
  return {
    baseline,
    log,
    columns: named.flatMap(({ role, option, name }) => (name === undefined ? [] : [{ role, option, name }])),
    map: values.map === undefined ? null : resolve(values.map),
    reading: textReading(values.read ?? []),
    casePath: values.case === undefined ? null : resolve(values.case),
    falseAlarmDays: wholeNumber('--false-alarm-days', values['false-alarm-days'], 1, 36_500) ?? DEFAULT_DAYS,
    threads: wholeNumber('--threads', values.threads, 1, 1024) ?? availableParallelism(),
    seed: wholeNumber('--seed', values.seed, 0, 4_294_967_295) ?? 0,
    failOnAlarm: values['fail-on-alarm'] ?? false,
    out: resolve(values.out),
  };
}

/**
 * Imports the logs, makes the baseline, judges and writes `alerts.json` and `baseline.json`.
 * @returns the exit code: 0 done, 3 an alert of severity error or above under `--fail-on-alarm`
 * @throws BezoarError usage or bad input; nothing is written then
 */
export async function monitorCommand(argv: readonly string[]): Promise<number> {
  const args = parseMonitorArguments(argv);
  checkOutFolder(args.out);
  const temporary = temporaryFolder();
  const line = openProgressLine(process.stderr);
  const engine = createEngine({
    userData: temporary,
    threads: args.threads,
    kernels: null,
    publish: (topic, payload) => {
      if (topic === 'jobs') line.show(payload as Parameters<typeof line.show>[0]);
    },
    onCase: () => undefined,
    log: (text) => process.stderr.write(`${text}\n`),
  });
  let judged = false;
  let created: string | null = null;
  // Also when the command is interrupted: the case is left whole, or not at all.
  const leave = (): void => {
    engine.caseOrNull()?.close();
    if (created !== null && !judged) rmSync(created, { force: true });
  };
  process.once('exit', leave);
  const say = (sentence: string): void => {
    line.clear();
    process.stderr.write(`bezoar: ${sentence}\n`);
  };
  try {
    const target = args.casePath ?? join(temporary, 'monitor.bezoar');
    await invoke(engine, 'case/create', { target: grantFile(engine.grants, target, 'write') });
    created = target;
    const baselineLog = await importLog(engine, args, 'baseline', say);
    const log = await importLog(engine, args, 'log', say);
    const making = await invoke(engine, 'baseline/create', {
      name: 'baseline',
      source: { kind: 'logs', logs: [baselineLog], fromMs: null, toMs: null },
      modelVersion: null,
    });
    const baseline = await finished(engine, making.job);
    if (baseline === null) throw new Error('the job made no baseline');
    const judging = await invoke(engine, 'monitor/start', {
      baseline,
      logs: [log],
      fromMs: null,
      toMs: null,
      modelVersion: null,
      sensitivity: { kind: 'false-alarm-days', days: args.falseAlarmDays },
      seed: args.seed,
      presets: null,
    });
    const run = await finished(engine, judging.job);
    if (run === null) throw new Error('the job made no run');
    judged = true;
    const { alerts, promise, notes } = await invoke(engine, 'monitor/get', { run });
    say(promise);
    for (const note of notes) say(note);
    makeOutFolder(args.out);
    const write = (kind: 'alerts-json' | 'baseline-json', of: number, name: string) =>
      invoke(engine, 'export/monitoring', {
        kind,
        of,
        target: grantFile(engine.grants, join(args.out, name), 'write'),
      });
    await write('alerts-json', run, 'alerts.json');
    await write('baseline-json', baseline, 'baseline.json');
    const grave = alerts.slice(Severity.options.indexOf('error')).some((count) => count > 0);
    return args.failOnAlarm && grave ? 3 : 0;
  } finally {
    line.clear();
    await engine.close();
    process.off('exit', leave);
    leave();
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Imports one role's files as one log, mapped as proposed and as the command line says. Returns the log. */
async function importLog(
  engine: EngineInstance,
  args: MonitorArguments,
  role: LogRole,
  say: (sentence: string) => void,
): Promise<number> {
  const paths = role === 'baseline' ? args.baseline : args.log;
  const files = paths.map((path) => grantFile(engine.grants, path, 'read'));
  const proposed = await invoke(engine, 'log/propose', {
    files,
    mapping: null,
    reading: args.reading,
    ...(args.map !== null && { map: grantFile(engine.grants, args.map, 'read') }),
  });
  const leaveOut: string[] = [];
  for (const { name, problem } of proposed.files) {
    if (problem === null) continue;
    // What lies in a folder was not named; what was named must be a log.
    if (!name.includes('/')) throw new BezoarError('evidence/unknown-format', problem);
    leaveOut.push(name);
    say(`${name} is left out, because it is no log like the others.`);
  }
  if (proposed.mapping === null)
    throw new BezoarError(
      'evidence/unknown-format',
      `${paths.join(', ')}: ${proposed.files.find(({ problem }) => problem !== null)?.problem ?? 'no log could be read. Nothing was imported.'}`,
    );
  for (const problem of proposed.problems) say(problem);
  const mapping = withColumns(proposed.mapping, args.columns, paths);
  const { job } = await invoke(engine, 'log/import', {
    files,
    leaveOut,
    role,
    name: role === 'baseline' ? 'baseline' : 'log',
    mapping,
    acceptBadLines: true,
  });
  const log = await finished(engine, job);
  if (log === null) throw new Error('the import made no log');
  return log;
}

/** The mapping with the columns that the command line names; what had their roles becomes a plain column. */
function withColumns(
  mapping: LogMapping,
  columns: MonitorArguments['columns'],
  paths: readonly string[],
): LogMapping {
  let { fields } = mapping;
  for (const { role, option, name } of columns) {
    const nameOf = (field: LogMapping['fields'][number]): string => field.path.join('.');
    if (!fields.some((field) => nameOf(field) === name))
      throw new BezoarError(
        'evidence/missing-column',
        `${paths.join(', ')}: there is no column “${name}” (--${option}); the columns are ${fields.map(nameOf).join(', ')}. Nothing was imported.`,
      );
    fields = fields.map((field) => {
      if (nameOf(field) === name) return { ...field, role };
      return field.role === role ? { ...field, role: 'feature' } : field;
    });
  }
  return { ...mapping, fields };
}
