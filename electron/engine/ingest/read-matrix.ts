import { createHash } from 'node:crypto';
import type { ArrayRole } from '../../contract/evidence.ts';
import { BezoarError } from '../../contract/errors.ts';
import { chunkRows } from '../case/chunk-rows.ts';
import { imageShape, matrixDtype } from './entry-roles.ts';
import { firstNonFinite } from './finite-check.ts';
import type { ImportMessage } from './import-messages.ts';
import { rowsInOrder } from './keyed-rows.ts';
import { keptRows } from './kept-rows.ts';
import type { OpenArray } from './open-arrays.ts';
import { caseBytes } from './stored-values.ts';

/** Which rows of an array the samples have: all but some, or those of an order. */
export type SampleRows = { readonly left: readonly number[] } | { readonly order: Int32Array };

/** Reads a matrix and posts it in chunks. @throws BezoarError evidence/... */
export async function readMatrix(
  set: number,
  evidence: number,
  { name, array }: OpenArray,
  role: ArrayRole,
  samples: SampleRows,
  post: (message: ImportMessage) => Promise<void>,
): Promise<void> {
  const stored = array.dtype;
  if (stored === null) throw new Error(`${name} has no dtype`);
  const [all = 0, ...rest] = (role === 'images' ? imageShape(array.shape) : array.shape) ?? array.shape;
  const shape = ['order' in samples ? samples.order.length : all - samples.left.length, ...rest];
  const dtype = matrixDtype(stored, role);
  const most = chunkRows(dtype, shape);
  const chunks =
    'order' in samples
      ? rowsInOrder(name, array, samples.order, most)
      : samples.left.length === 0
        ? array.chunks(most)
        : keptRows(array.chunks(most), samples.left, most);
  await post({ kind: 'begin-matrix', set, evidence, role, dtype, shape });
  const width = rest.reduce((a, b) => a * b, 1);
  const hash = createHash('sha256');
  let index = 0;
  for await (const { firstRow, rows, bytes: values } of chunks) {
    const bytes = caseBytes(stored, dtype, values, { file: name, firstRow, width });
    const bad = firstNonFinite(dtype, bytes);
    if (bad >= 0)
      throw new BezoarError(
        'evidence/not-finite',
        `${name}: row ${firstRow + Math.floor(bad / width)}, column ${bad % width} is not a finite number ` +
          '(rows and columns counted from 0). Nothing was imported. Find out why the model gave it, and leave out or mend that row in all files.',
      );
    hash.update(bytes);
    await post({ kind: 'chunk', index, firstRow, rows, bytes });
    index += 1;
  }
  await post({ kind: 'end-matrix', sha256: hash.digest('hex') });
}
