import type { ComparedSet } from '../case/compared-case.ts';

export interface Matching {
  readonly by: 'row' | 'key' | null;
  readonly sentence: string;
}

/**
 * How samples of one set are told to be samples of another: by their row where both stand on the same records or the
 * same values, by their key where they share a file at least. Rows and keys alone prove nothing.
 */
export function sameSamples(ours: ComparedSet | undefined, theirs: ComparedSet | undefined): Matching {
  if (ours === undefined || theirs === undefined)
    return {
      by: null,
      sentence: `${ours === undefined ? 'This case' : 'The other case'} has no investigated samples, so there is nothing to match.`,
    };
  if (ours.content === theirs.content)
    return {
      by: 'row',
      sentence: 'Both cases hold the same records, told by their hash: samples are matched row by row.',
    };
  const sameRows = ours.fullRows === theirs.fullRows;
  const values = ours.matrices.find((one) => theirs.matrices.some((other) => other.sha256 === one.sha256));
  if (values !== undefined && sameRows)
    return {
      by: 'row',
      sentence: `Both cases hold the same ${values.role}, told by the hash of their values: samples are matched row by row.`,
    };
  const shared = ours.files.find((one) =>
    theirs.files.some(
      (other) => other.sha256 === one.sha256 && other.entry === one.entry && other.role === one.role,
    ),
  );
  if (shared?.role === 'records' && sameRows)
    return {
      by: 'row',
      sentence: `Both cases stand on ${shared.name}, told by its hash: samples are matched row by row.`,
    };
  if (shared !== undefined && ours.ownKeys && theirs.ownKeys)
    return {
      by: 'key',
      sentence: `Both cases stand on ${shared.name}, told by its hash, with other rows beside it: samples are matched by their key.`,
    };
  return {
    by: null,
    sentence:
      shared === undefined
        ? 'The two cases have no file of the investigated set in common, so no sample of one can be told to be a sample of the other.'
        : `Both cases stand on ${shared.name}, but with other rows and without keys, so no sample of one can be told to be a sample of the other.`,
  };
}
