import type { EventTable } from '../../../native-workers/drift/event-table.ts';
import { firstRowAt, HOUR, MOST_WINDOWS } from '../../../native-workers/drift/log-windows.ts';
import { sharedFloat64, sharedInt32 } from '../../../native-workers/numeric/shared-arrays.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { Log } from '../../contract/logs.ts';
import type { CaseFile, LogRows } from '../case/case-file.ts';

/** Which requests of a case are taken. */
export interface RequestChoice {
  readonly logs: readonly number[];
  readonly fromMs: number | null;
  /** Exclusive. */
  readonly toMs: number | null;
  /** Only requests of this version of the model; null takes all. */
  readonly modelVersion: string | null;
}

export interface SelectedRequests extends LogRows {
  readonly table: EventTable;
  readonly logs: readonly Log[];
  /** Name and hash of every file behind them. */
  readonly inputs: readonly { readonly name: string; readonly sha256: string }[];
  /** What the logs say of themselves that limits an answer, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * Loads the chosen requests on shared memory, in order of time.
 * @throws BezoarError log/not-found; baseline/too-little when none is left; log/too-long when they lie too far apart
 */
export async function selectRequests(caseFile: CaseFile, choice: RequestChoice): Promise<SelectedRequests> {
  const logs = choice.logs.map((id) => caseFile.logs.get(id));
  const loaded = await caseFile.logs.load(choice.logs);
  const from = choice.fromMs === null ? 0 : firstRowAt(loaded.table, choice.fromMs);
  const to = choice.toMs === null ? loaded.table.rows : firstRowAt(loaded.table, choice.toMs);
  const range = { table: sliceTable(loaded.table, from, to), ...sliceRows(loaded, from, to) };
  const chosen = choice.modelVersion === null ? range : ofVersion(range, logs, choice.modelVersion);
  if (chosen.table.rows === 0)
    throw new BezoarError(
      'baseline/too-little',
      `${logs.map(({ name }) => name).join(', ')}: no request lies in the chosen time${choice.modelVersion === null ? '' : ` and is of version ${choice.modelVersion}`}. Nothing was computed. Choose another time or version.`,
    );
  refuseTooLong(caseFile, chosen);
  return {
    ...chosen,
    logs,
    inputs: logs.flatMap(({ files }) => files.map(({ name, sha256 }) => ({ name, sha256 }))),
    notes: [
      ...logs.flatMap(({ name, oddities }) => oddities.map(({ sentence }) => `${name}: ${sentence}`)),
      ...(loaded.weight === null
        ? []
        : ['The logs are samples of the requests; counts here are of the logged ones, each as one.']),
      ...versionNotes(chosen.table, logs, choice.modelVersion),
    ],
  };
}

/** One time that is wrong, such as a zero for 1970, makes more hours than can be looked at. */
function refuseTooLong(caseFile: CaseFile, { table, log, row }: LogRows & { table: EventTable }): void {
  const last = table.rows - 1;
  if (table.time[last] - table.time[0] <= MOST_WINDOWS * HOUR) return;
  const place = (at: number): string => {
    const [found] = caseFile.logs.rows(log[at], [row[at]]);
    return `${found.file}, line ${found.line}: ${new Date(found.timeMs).toISOString()}`;
  };
  throw new BezoarError(
    'log/too-long',
    `From the first request (${place(0)}) to the last (${place(last)}) there are more than ${MOST_WINDOWS} hours. ` +
      'Nothing was computed. One of these times is wrong: choose the days that are meant, or mend the log and import it again.',
  );
}

/** Rows `from` to `to - 1` as views of the same memory. */
function sliceTable(table: EventTable, from: number, to: number): EventTable {
  if (from === 0 && to === table.rows) return table;
  return {
    ...table,
    rows: Math.max(0, to - from),
    time: table.time.subarray(from, to),
    predicted: table.predicted.subarray(from, to),
    label: table.label?.subarray(from, to) ?? null,
    labelTime: table.labelTime?.subarray(from, to) ?? null,
    numeric: table.numeric.map((column) => ({ ...column, values: column.values.subarray(from, to) })),
    categorical: table.categorical.map((column) => ({ ...column, codes: column.codes.subarray(from, to) })),
  };
}

const sliceRows = ({ log, row }: LogRows, from: number, to: number): LogRows => ({
  log: log.subarray(from, to),
  row: row.subarray(from, to),
});

function versionColumn(
  table: EventTable,
  logs: readonly Log[],
): EventTable['categorical'][number] | undefined {
  const names = logs.flatMap(({ columns }) =>
    columns.filter(({ role }) => role === 'version').map(({ name }) => name),
  );
  return table.categorical.find(({ name }) => names.includes(name));
}

function versionNotes(table: EventTable, logs: readonly Log[], asked: string | null): string[] {
  const column = versionColumn(table, logs);
  if (asked !== null || column === undefined) return [];
  const seen = new Set(column.codes);
  const versions = column.levels.filter((_, code) => seen.has(code));
  return versions.length < 2
    ? []
    : [
        `The requests are of ${versions.length} versions of the model (${versions.slice(0, 5).join(', ')}), judged together.`,
      ];
}

/** Gathers the rows of one version. */
function ofVersion(
  selected: LogRows & { table: EventTable },
  logs: readonly Log[],
  version: string,
): LogRows & { table: EventTable } {
  const { table } = selected;
  const column = versionColumn(table, logs);
  const code = column?.levels.indexOf(version) ?? -1;
  const rows =
    code < 0
      ? new Int32Array(0)
      : Int32Array.from(table.time.keys()).filter((row) => column?.codes[row] === code);
  const numbers = (values: Float64Array): Float64Array => {
    const into = sharedFloat64(rows.length);
    for (let at = 0; at < rows.length; at++) into[at] = values[rows[at]];
    return into;
  };
  const codes = (values: Int32Array): Int32Array => {
    const into = sharedInt32(rows.length);
    for (let at = 0; at < rows.length; at++) into[at] = values[rows[at]];
    return into;
  };
  return {
    table: {
      rows: rows.length,
      time: numbers(table.time),
      classes: table.classes,
      predicted: codes(table.predicted),
      label: table.label === null ? null : codes(table.label),
      labelTime: table.labelTime === null ? null : numbers(table.labelTime),
      numeric: table.numeric.map((one) => ({ ...one, values: numbers(one.values) })),
      categorical: table.categorical.map((one) => ({ ...one, codes: codes(one.codes) })),
    },
    log: codes(selected.log),
    row: codes(selected.row),
  };
}
