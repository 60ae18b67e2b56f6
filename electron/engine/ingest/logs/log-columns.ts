import type { LogColumn, LogField, LogFieldRole, LogMapping } from '../../../contract/logs.ts';

/** A column of a log as it is kept. */
export type ColumnSpec = Omit<LogColumn, 'levels'>;

const typeOfRole: Readonly<Partial<Record<LogFieldRole, LogColumn['type']>>> = {
  time: 'number',
  'request-id': 'text',
  'row-in-request': 'number',
  model: 'category',
  version: 'category',
  predicted: 'category',
  label: 'category',
  'label-time': 'number',
  score: 'number',
  confidence: 'number',
  latency: 'number',
  resource: 'number',
  'sampling-fraction': 'number',
  weight: 'number',
};

/** How a field is kept: by its role, a feature as it says itself. */
export const typeOfField = ({ role, type }: Pick<LogField, 'role' | 'type'>): LogColumn['type'] =>
  typeOfRole[role] ?? type;

/** The name of a field: its keys with points between them. */
export const nameOfPath = (path: readonly string[]): string => path.join('.');

/** Roles that one field at most can have. */
export const singleRoles: ReadonlySet<LogFieldRole> = new Set<LogFieldRole>([
  'time',
  'request-id',
  'row-in-request',
  'model',
  'version',
  'predicted',
  'label',
  'label-time',
  'confidence',
  'latency',
  'sampling-fraction',
  'weight',
]);

export interface PlannedColumns {
  /** The first is the time. */
  readonly columns: readonly ColumnSpec[];
  /** Column of each field of the mapping, -1 for an ignored one. */
  readonly columnOfField: Int32Array;
  /** Columns that no field holds but the scores tell; -1 where a field does. */
  readonly predictedByScores: number;
  readonly confidenceByScores: number;
}

/** The columns that a mapping makes: the time, then its fields in their order, then what the scores tell. */
export function planColumns({ fields }: LogMapping): PlannedColumns {
  const columns: ColumnSpec[] = [];
  const columnOfField = new Int32Array(fields.length).fill(-1);
  const time = fields.findIndex(({ role }) => role === 'time');
  const order = [time, ...fields.map((_, at) => at).filter((at) => at !== time)];
  for (const at of order) {
    const field = fields[at];
    if (field === undefined || field.role === 'ignored') continue;
    columnOfField[at] = columns.length;
    columns.push({
      name: nameOfPath(field.path),
      // A fraction of all requests is kept as the weight that it gives each of them.
      role: field.role === 'sampling-fraction' ? 'weight' : field.role,
      type: typeOfField(field),
      unit:
        field.role === 'latency'
          ? (field.unit ?? 'ms')
          : field.role === 'time' || field.role === 'label-time'
            ? 'ms'
            : null,
      class: field.role === 'score' ? field.class : null,
    });
  }
  const scores = columns.filter((column) => column.role === 'score' && column.class !== null).length;
  const derive = (role: 'predicted' | 'confidence'): number => {
    if (scores < 2 || columns.some((column) => column.role === role)) return -1;
    columns.push({
      name: role,
      role,
      type: role === 'predicted' ? 'category' : 'number',
      unit: null,
      class: null,
    });
    return columns.length - 1;
  };
  const predictedByScores = derive('predicted');
  const confidenceByScores = derive('confidence');
  return { columns, columnOfField, predictedByScores, confidenceByScores };
}
