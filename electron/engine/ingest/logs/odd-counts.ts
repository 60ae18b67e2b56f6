import type { LogOddity } from '../../../contract/logs.ts';
import { EPOCH, ZONELESS } from './event-time.ts';

/** What was odd in a log. */
export interface OddCounts {
  badLines: number;
  /** Files that end in the middle of a line. */
  truncated: string[];
  nonFinite: number;
  firstNonFinite: string | null;
  /** Files of a folder that are no part of the log. */
  leftOut: string[];
  /** Files that hold the same bytes as one before them. */
  same: string[];
  /** What was told of how files are written, one sentence each. */
  readings: string[];
  outOfOrder: number;
  firstOutOfOrder: string | null;
  duplicates: number;
  firstDuplicate: string | null;
  /** Rows by the zone of their time. */
  zones: Map<number, number>;
  /** What times without a zone were taken for, minutes east of UTC. */
  zoneMinutes: number;
  unmapped: number;
  unmappedNames: Set<string>;
  labelsEarly: number;
  cutTexts: number;
  dropped: Map<string, number>;
  unpaired: number;
  timeless: number;
}

const SHOWN_NAMES = 20;

const many = (count: number, one: string, more: string): string => `${count} ${count === 1 ? one : more}`;

/** An offset in the manner of ISO 8601. */
export function zoneName(minutes: number): string {
  if (minutes === 0) return 'UTC';
  const size = Math.abs(minutes);
  const pair = (value: number): string => String(value).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${pair(Math.floor(size / 60))}:${pair(size % 60)}`;
}

/** States what was odd, in a fixed order; nothing for what was not. */
export function logOddities(odd: OddCounts): LogOddity[] {
  const stated: LogOddity[] = [];
  const state = (kind: LogOddity['kind'], count: number, sentence: string): void => {
    if (count > 0) stated.push({ kind, count, sentence });
  };
  state(
    'bad-lines',
    odd.badLines,
    `${many(odd.badLines, 'line', 'lines')} could not be read and were left out.`,
  );
  state(
    'truncated-last-line',
    odd.truncated.length,
    `${odd.truncated.slice(0, SHOWN_NAMES).join(', ')} ${odd.truncated.length === 1 ? 'ends' : 'end'} in the middle of a line, which was left out.`,
  );
  state(
    'no-number',
    odd.nonFinite,
    `${many(odd.nonFinite, 'value is', 'values are')} NaN or infinite and count as missing, the first in ${odd.firstNonFinite ?? ''}.`,
  );
  state(
    'left-out-files',
    odd.leftOut.length,
    `${many(odd.leftOut.length, 'file', 'files')} of the folder ${odd.leftOut.length === 1 ? 'is' : 'are'} no part of the log and ${odd.leftOut.length === 1 ? 'was' : 'were'} left out: ` +
      `${odd.leftOut.slice(0, SHOWN_NAMES).join(', ')}.`,
  );
  state(
    'same-files',
    odd.same.length,
    `${many(odd.same.length, 'file holds', 'files hold')} the same bytes as another one, whose requests count more than once: ` +
      `${odd.same.slice(0, SHOWN_NAMES).join(', ')}.`,
  );
  state('file-reading', odd.readings.length, odd.readings.slice(0, SHOWN_NAMES).join(' '));
  state(
    'out-of-order',
    odd.outOfOrder,
    `${many(odd.outOfOrder, 'request is', 'requests are')} dated before the one ahead of ${odd.outOfOrder === 1 ? 'it' : 'them'} in the file, the first in ` +
      `${odd.firstOutOfOrder ?? ''}. The log is read in order of time.`,
  );
  state(
    'duplicate-ids',
    odd.duplicates,
    `${many(odd.duplicates, 'request repeats', 'requests repeat')} the id of an earlier one, the first is ${JSON.stringify(odd.firstDuplicate)}. All were kept.`,
  );
  const zoneless = odd.zones.get(ZONELESS) ?? 0;
  state(
    'no-zone',
    zoneless,
    `${many(zoneless, 'time names', 'times name')} no zone and ${zoneless === 1 ? 'was' : 'were'} taken for ${zoneName(odd.zoneMinutes)}.`,
  );
  const named = [...odd.zones].filter(([zone]) => zone !== EPOCH).sort(([a], [b]) => a - b);
  if (named.length > 1)
    state(
      'mixed-zones',
      named.length,
      `Times are written in ${named.length} zones: ` +
        `${named.map(([zone, rows]) => `${rows} in ${zone === ZONELESS ? 'none' : zoneName(zone)}`).join(', ')}. All were turned into UTC.`,
    );
  state(
    'unmapped-fields',
    odd.unmapped,
    `${many(odd.unmapped, 'value stands', 'values stand')} in fields that the mapping does not name and ${odd.unmapped === 1 ? 'was' : 'were'} left out: ` +
      `${[...odd.unmappedNames].slice(0, SHOWN_NAMES).join(', ')}.`,
  );
  for (const [reason, count] of [...odd.dropped].sort(([a], [b]) => (a < b ? -1 : 1)))
    state('dropped', count, `${many(count, 'record was', 'records were')} left out: ${reason}.`);
  state(
    'unpaired',
    odd.unpaired,
    `${many(odd.unpaired, 'request or response has', 'requests or responses have')} no counterpart in these files. Responses were kept, requests were left out.`,
  );
  state(
    'no-time',
    odd.timeless,
    `${many(odd.timeless, 'record has', 'records have')} no time of ${odd.timeless === 1 ? 'its' : 'their'} own; the time at which the file was changed last was taken.`,
  );
  state(
    'label-before-request',
    odd.labelsEarly,
    `${many(odd.labelsEarly, 'label is', 'labels are')} dated before ${odd.labelsEarly === 1 ? 'its' : 'their'} request.`,
  );
  state(
    'cut-texts',
    odd.cutTexts,
    `${many(odd.cutTexts, 'text was', 'texts were')} longer than 2,000 bytes and kept without their end.`,
  );
  return stated;
}
