import { plainCsv } from '../csv-bytes.ts';
import { cellsOf } from '../csv-cells.ts';
import { hasKeys, own, UnreadableLine } from './log-schema.ts';

const CSV = plainCsv(',');
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
/** Keys under which the rows of a request or a response stand. */
const ROW_KEYS = [
  'instances',
  'inputs',
  'input',
  'predictions',
  'outputs',
  'dataframe_records',
  'data',
] as const;

/**
 * The rows of what was sent to a model or came from it, as the usual servers write it: a list of rows, one row, KServe
 * and TensorFlow `instances` and `predictions`, tensors of the open inference protocol, MLflow `dataframe_split`,
 * `dataframe_records` and `inputs`.
 */
export function payloadRows(payload: unknown): readonly unknown[] {
  if (Array.isArray(payload)) return isTensorList(payload) ? tensorRows(payload) : payload;
  if (typeof payload !== 'object' || payload === null)
    return payload === undefined || payload === null ? [] : [payload];
  const split = own(payload, 'dataframe_split');
  if (split !== undefined) return splitRows(split);
  if (hasKeys(payload, 'columns', 'data')) return splitRows(payload);
  for (const key of ROW_KEYS) {
    const rows = own(payload, key);
    if (Array.isArray(rows)) return payloadRows(rows);
    if (typeof rows === 'object' && rows !== null) return columnRows(rows);
    if (rows !== undefined && Object.keys(payload).length === 1) return [rows];
  }
  return [payload];
}

/** Named columns of equal length are rows; anything else is one row. */
function columnRows(columns: object): readonly unknown[] {
  const entries = Object.entries(columns) as [string, unknown][];
  const lengths = new Set(entries.map(([, values]) => (Array.isArray(values) ? values.length : -1)));
  const [length = -1] = lengths;
  if (lengths.size !== 1 || length < 0) return [columns];
  return Array.from({ length }, (_, row) =>
    Object.fromEntries(entries.map(([name, values]) => [name, (values as unknown[])[row]])),
  );
}

function splitRows(split: unknown): readonly unknown[] {
  const columns = own(split, 'columns');
  const data = own(split, 'data');
  if (!Array.isArray(data)) throw new UnreadableLine('its dataframe_split has no rows under data');
  if (!Array.isArray(columns)) return data;
  return data.map((row: unknown) =>
    Array.isArray(row)
      ? Object.fromEntries(columns.map((name, at) => [String(name), row[at] as unknown]))
      : row,
  );
}

interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: readonly unknown[];
}

const isTensor = (value: unknown): value is Tensor =>
  hasKeys(value, 'name', 'shape', 'data') &&
  Array.isArray(own(value, 'shape')) &&
  Array.isArray(own(value, 'data'));
const isTensorList = (values: readonly unknown[]): values is readonly Tensor[] =>
  values.length > 0 && values.every(isTensor);

/** Row i of every tensor: a value where a row is one, else a list. */
function tensorRows(tensors: readonly Tensor[]): readonly unknown[] {
  const rows = Number(tensors[0].shape[0] ?? 0);
  const columns = tensors.map(({ name, shape, data }): [string, readonly unknown[]] => {
    const flat = data.flat(Infinity);
    const width = shape.slice(1).reduce((a, b) => a * Number(b), 1);
    if (Number(shape[0]) !== rows || flat.length !== rows * width)
      throw new UnreadableLine(`its tensor ${JSON.stringify(name)} does not have the shape that it names`);
    return [
      name,
      Array.from({ length: rows }, (_, row) =>
        width === 1 ? flat[row] : flat.slice(row * width, (row + 1) * width),
      ),
    ];
  });
  return Array.from({ length: rows }, (_, row) =>
    Object.fromEntries(columns.map(([name, values]) => [name, values[row]])),
  );
}

/**
 * What a text of that content type holds.
 * @throws UnreadableLine
 */
export function parsedPayload(text: string, contentType: string): unknown {
  const type = contentType.toLowerCase();
  if (type.includes('csv')) return csvRows(text);
  if (type.includes('jsonlines') || type.includes('ndjson') || type.includes('json-lines'))
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map(parsedJson);
  if (type.includes('json')) return parsedJson(text);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new UnreadableLine('what it says was sent is not JSON');
  }
}

/** Cells that JSON would take for a number are one. A row of one cell is its value. */
function csvRows(text: string): unknown[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) => {
      const cells = cellsOf(Buffer.from(line), CSV).map((cell) =>
        NUMBER.test(cell.trim()) ? Number(cell) : cell,
      );
      return cells.length === 1 ? cells[0] : cells;
    });
}
