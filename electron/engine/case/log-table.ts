import { BezoarError } from '../../contract/errors.ts';
import type { Log, LogMapping, LogOddity, LogRow } from '../../contract/logs.ts';
import type { LogTable } from './case-file.ts';
import { parseStored, type Connection } from './connection.ts';
import {
  createLogChunks,
  FILE_POSITION,
  LINE_POSITION,
  LOG_CHUNK_ROWS,
  PackedTexts,
  type StoredColumn,
} from './log-chunks.ts';
import { findRows, rangeOf } from './log-find.ts';
import { loadLogs } from './log-load.ts';

interface LogFacts {
  id: number;
  role: Log['role'];
  name: string;
  rows: number;
  first_time_ms: number;
  last_time_ms: number;
  classes: string;
  mapping: string;
  oddities: string;
  imported_at_ms: number;
  imported_by: string;
}

/** A column of numbers that no field of the log holds. */
const inner = (position: number): StoredColumn => ({
  position,
  name: '',
  role: 'ignored',
  type: 'number',
  unit: null,
  class: null,
  levels: null,
});

export function createLogTable(connection: Connection): LogTable {
  const chunks = createLogChunks(connection);

  const filesOf = (log: number): Log['files'] =>
    connection.all('SELECT name, sha256, rows FROM evidence WHERE log = ? ORDER BY id', log);
  const infoOf = (facts: LogFacts): Log => ({
    id: facts.id,
    role: facts.role,
    name: facts.name,
    rows: facts.rows,
    firstTimeMs: facts.first_time_ms,
    lastTimeMs: facts.last_time_ms,
    classes: parseStored<string[]>(connection, facts.classes),
    columns: chunks.columns(facts.id).map(({ name, role, type, unit, class: of, levels }) => ({
      name,
      role,
      type,
      unit,
      class: of,
      levels: levels?.filter((level) => level !== null).length ?? 0,
    })),
    mapping: parseStored<LogMapping>(connection, facts.mapping),
    oddities: parseStored<LogOddity[]>(connection, facts.oddities),
    files: filesOf(facts.id),
    importedAtMs: facts.imported_at_ms,
    importedBy: facts.imported_by,
  });
  const arrivalOf = (log: number, row: number): number => {
    if (!Number.isInteger(row) || row < 0 || row >= chunks.rows(log))
      throw new BezoarError('log/not-found', `Log ${log} has no row ${row}. Reload the view.`);
    const { arrival } = chunks.timeOrder(log);
    return arrival === null ? row : arrival[row];
  };
  const cell = (log: number, column: StoredColumn, arrival: number): string | number | null => {
    const values = chunks.values(log, column.position, Math.floor(arrival / LOG_CHUNK_ROWS));
    const at = arrival % LOG_CHUNK_ROWS;
    if (values instanceof PackedTexts) return values.text(at);
    const value = values[at];
    if (column.type === 'category') return value === 0 ? null : (column.levels?.[value - 1] ?? null);
    return Number.isNaN(value) ? null : value;
  };

  return {
    list: () => connection.all<LogFacts>('SELECT * FROM log ORDER BY id').map(infoOf),
    get: (log) => {
      const facts = connection.get<LogFacts>('SELECT * FROM log WHERE id = ?', log);
      if (facts === undefined)
        throw new BezoarError('log/not-found', `There is no log ${log} in this case. Reload the view.`);
      return infoOf(facts);
    },
    load: (logs, columns) => loadLogs(chunks, logs, columns ?? null),
    rows: (log, rows) => {
      const columns = chunks.columns(log);
      const id = columns.find(({ role }) => role === 'request-id');
      const files = filesOf(log);
      const paired = chunks.has(log, FILE_POSITION);
      const fileOf = (arrival: number): string => {
        if (paired) return files[Number(cell(log, inner(FILE_POSITION), arrival))].name;
        let first = 0;
        for (const file of files) {
          first += file.rows;
          if (arrival < first) return file.name;
        }
        return '';
      };
      return rows.map((row): LogRow => {
        const arrival = arrivalOf(log, row);
        const values = columns.map((column) => cell(log, column, arrival));
        return {
          row,
          timeMs: Number(values[0]),
          requestId: id === undefined ? null : String(values[id.position] ?? '') || null,
          file: fileOf(arrival),
          line: Number(cell(log, inner(LINE_POSITION), arrival)),
          values,
        };
      });
    },
    requestIds: (log, rows) => {
      const column = chunks.columns(log).find(({ role }) => role === 'request-id');
      return rows.map((row) =>
        column === undefined ? null : (cell(log, column, arrivalOf(log, row)) as string | null),
      );
    },
    range: (log, fromMs, toMs) => rangeOf(chunks.timeOrder(log).times, fromMs, toMs),
    find: (log, filter, sort) => findRows(chunks, log, filter, sort),
    badLines: (log) =>
      connection.all(
        `SELECT evidence.name AS file, line, reason, text FROM bad_row JOIN evidence ON evidence.id = bad_row.evidence
         WHERE evidence.log = ? ORDER BY evidence.id, position`,
        log,
      ),
  };
}
