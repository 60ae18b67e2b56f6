import { arrayEntries } from './array-entries.ts';
import type { FuzzEntry } from './fuzz-entry.ts';
import { otherEntries } from './other-entries.ts';
import { tableEntriesToFuzz } from './table-entries.ts';

/** What `npm run fuzz` fuzzes: at least one entry for each reader. */
export const entries: readonly FuzzEntry[] = [...arrayEntries, ...tableEntriesToFuzz, ...otherEntries];
