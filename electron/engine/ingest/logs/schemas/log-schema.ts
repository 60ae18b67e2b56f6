import type { LogFormat } from '../../../../contract/logs.ts';

/**
 * A request as the schemas give it: `time`, `request_id`, `row`, `model`, `version`, `latency_ms` and what else the
 * schema says of it, `input` and `output` as they were sent.
 */
export type RequestRecord = Readonly<Record<string, unknown>>;

/** Where a record stands. */
export interface Place {
  readonly file: number;
  /** Line of the file, from 1. */
  readonly line: number;
  /** When the file was changed last, milliseconds since 1970 UTC: the time of what has none of its own. */
  readonly fileTimeMs: number;
}

export interface PlacedRequest {
  readonly record: RequestRecord;
  readonly place: Place;
}

/** Why a line cannot be read; the reason is for people. */
export class UnreadableLine extends Error {}

/** Reads the lines of one log, in their order. */
export interface SchemaReader {
  /** The requests that are complete with this line. @throws UnreadableLine */
  take(line: object, place: Place): readonly PlacedRequest[];
  /** What is still waiting for its counterpart when the log has ended. */
  rest(): readonly PlacedRequest[];
  /** Records that were left out since the last call, by reason. */
  dropped(): (readonly [string, number])[];
  /** Requests and responses whose counterpart never came, since the last call. */
  unpaired(): number;
  /** Records without a time of their own, since the last call. */
  timeless(): number;
}

export interface LogSchema {
  readonly format: LogFormat;
  readonly title: string;
  /** A request is put together from several lines, so one reader must see them all in their order. */
  readonly pairs: boolean;
  /** Told by the keys of a line. */
  recognises(line: object): boolean;
  reader(): SchemaReader;
}

/** Declares a schema: one file each, one line in the registry. */
export const defineLogSchema = (schema: LogSchema): LogSchema => schema;

/** A reader of lines that need no other line. */
export function lineByLine(
  read: (line: object, place: Place, drop: (reason: string) => void) => readonly RequestRecord[],
): SchemaReader {
  const counts = new Map<string, number>();
  return {
    take: (line, place) =>
      read(line, place, (reason) => {
        counts.set(reason, (counts.get(reason) ?? 0) + 1);
      }).map((record) => ({ record, place })),
    rest: () => [],
    dropped: () => {
      const all = [...counts];
      counts.clear();
      return all;
    },
    unpaired: () => 0,
    timeless: () => 0,
  };
}

/** The value at a key of an object's own; undefined where there is none. */
export function own(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

export const hasKeys = (value: unknown, ...keys: readonly string[]): boolean =>
  typeof value === 'object' && value !== null && keys.every((key) => Object.hasOwn(value, key));

export const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null;

/** Without the entries that are missing. */
export const present = (record: Readonly<Record<string, unknown>>): RequestRecord =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined && value !== null));
