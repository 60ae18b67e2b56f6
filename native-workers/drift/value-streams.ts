import type { EventTable } from './event-table.ts';
import { errorsOf, labelledRows } from './labelled-rows.ts';
import type { AlertKind, MonitorInput, Subject } from './monitor.ts';

/** Values between 0 and 1 one after another: what row-by-row detectors read. */
export interface ValueStream {
  readonly subject: Subject;
  readonly kind: AlertKind;
  /** 'confidence', 'error rate', 'share'. */
  readonly what: string;
  /** The baseline's last values first, then the log's. */
  readonly values: Float64Array;
  /** Values of the baseline among them: the detector learns from them and is not asked about them. */
  readonly learned: number;
  /** When each value of the log became known, ms since 1970 UTC, shape (values - learned,). */
  readonly times: Float64Array;
}

/** Values of a baseline that a detector is given before the log's. */
const MOST_LEARNED = 10_000;

/** Wrong predictions in the order in which labels arrived; null without labels. */
export function errorStream(input: MonitorInput): ValueStream | null {
  const now = labelledRows(input.current);
  if (now.rows.length === 0) return null;
  const before = tableOf(input);
  const learned = before === null ? new Float64Array(0) : last(errorsOf(before, labelledRows(before)));
  return {
    subject: { kind: 'predictions', name: '' },
    kind: 'performance',
    what: 'error rate',
    values: joined(learned, errorsOf(input.current, now)),
    learned: learned.length,
    times: now.knownAt,
  };
}

/** Confidence as it comes, rows without it left out; null where the log has none. */
export function confidenceStream(input: MonitorInput): ValueStream | null {
  const column = confidenceOf(input.current);
  if (column === null) return null;
  const before = tableOf(input);
  const reference = before === null ? null : confidenceOf(before);
  const known = (value: number): boolean => value >= 0 && value <= 1;
  const learned = last((reference?.values ?? new Float64Array(0)).filter(known));
  return {
    subject: { kind: 'column', name: column.name },
    kind: 'drift',
    what: 'confidence',
    values: joined(learned, column.values.filter(known)),
    learned: learned.length,
    times: input.current.time.filter((_, i) => known(column.values[i])),
  };
}

/** Whether each prediction is the class, one stream at a time; rows without a prediction are left out. */
export function* classStreams(input: MonitorInput): Generator<ValueStream> {
  const { current } = input;
  const before = tableOf(input);
  const times = current.time.filter((_, i) => current.predicted[i] >= 0);
  for (const [code, name] of current.classes.entries()) {
    const learned =
      before === null ? new Float64Array(0) : last(indicators(before, before.classes.indexOf(name)));
    const values = indicators(current, code);
    if (!values.includes(1) && !learned.includes(1)) continue;
    yield {
      subject: { kind: 'class', name },
      kind: 'drift',
      what: 'share',
      values: joined(learned, values),
      learned: learned.length,
      times,
    };
  }
}

function tableOf({ reference }: MonitorInput): EventTable | null {
  return reference.kind === 'rows' ? reference.table : null;
}

function confidenceOf(table: EventTable): EventTable['numeric'][number] | null {
  return table.numeric.find(({ role }) => role === 'confidence') ?? null;
}

function indicators({ predicted }: EventTable, code: number): Float64Array {
  return Float64Array.from(
    predicted.filter((one) => one >= 0),
    (one) => (one === code ? 1 : 0),
  );
}

function last(values: Float64Array): Float64Array {
  return values.subarray(Math.max(0, values.length - MOST_LEARNED));
}

function joined(first: Float64Array, second: Float64Array): Float64Array {
  const out = new Float64Array(first.length + second.length);
  out.set(first);
  out.set(second, first.length);
  return out;
}
