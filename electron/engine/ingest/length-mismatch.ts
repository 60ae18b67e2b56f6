import { BezoarError } from '../../contract/errors.ts';

/** The refusal of files whose rows are not the same samples. */
export const lengthMismatch = (a: string, rowsA: number, b: string, rowsB: number): BezoarError =>
  new BezoarError(
    'evidence/length-mismatch',
    `${a} has ${rowsA} rows and ${b} has ${rowsB}. Row i of the one must be row i of the other, so nothing was imported. ` +
      'Choose files of the same run, or write them again.',
  );
