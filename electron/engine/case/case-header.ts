import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { BezoarError } from '../../contract/errors.ts';
import { APPLICATION_ID, PAGE_BYTES, SCHEMA_VERSION } from './schema.ts';
import { caseFailure, toCaseFailure } from './sqlite-failure.ts';

const MAGIC = 'SQLite format 3\0';

/**
 * Reads the first 100 bytes of the file, before SQLite sees it, and refuses what is not a case or is newer than this
 * program: another program's file is never opened for writing.
 * @throws BezoarError case/missing, case/not-a-case, case/newer-schema, case/corrupt, case/read-only
 */
export function checkCaseHeader(path: string): void {
  const name = basename(path);
  const head = Buffer.alloc(100);
  let [length, size] = [0, 0];
  try {
    const file = openSync(path, 'r');
    try {
      length = readSync(file, head, 0, 100, 0);
      size = fstatSync(file).size;
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EISDIR')
      throw new BezoarError('case/not-a-case', `${name} is a folder. Choose a file that ends with .bezoar.`);
    throw toCaseFailure(path, error);
  }
  if (length < 100 || head.toString('latin1', 0, 16) !== MAGIC)
    throw new BezoarError(
      'case/not-a-case',
      `${name} is not a Bezoar case. It was not touched. Choose a file that ends with .bezoar.`,
    );
  if (head.readUInt32BE(68) !== APPLICATION_ID)
    throw new BezoarError(
      'case/not-a-case',
      `${name} is a database of another program, not a Bezoar case. It was not touched.`,
    );
  const schema = head.readUInt32BE(60);
  if (schema > SCHEMA_VERSION)
    throw new BezoarError(
      'case/newer-schema',
      `${name} was written by a newer Bezoar (format ${schema}; this one knows up to ${SCHEMA_VERSION}). It was not ` +
        'touched. Open it with the newer Bezoar.',
    );
  // SQLite takes the missing part of a last page for zeros.
  if (size % PAGE_BYTES !== 0) throw caseFailure.corrupt(path, `it was cut off at byte ${size}`);
}
