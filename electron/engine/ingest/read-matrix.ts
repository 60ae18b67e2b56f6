import type { ArrayRole } from '../../contract/evidence.ts';
import { BezoarError } from '../../contract/errors.ts';
import { chunkRows, rowBytes } from '../case/chunk-rows.ts';
import { imageShape, matrixDtype } from './entry-roles.ts';
import type { ImportMessage } from './import-messages.ts';
import { rowsInOrder } from './keyed-rows.ts';
import { keptRows } from './kept-rows.ts';
import { linkedPlace } from './linked-place.ts';
import type { OpenArray } from './open-arrays.ts';
import { giveBack } from './spare-bytes.ts';
import { caseBytes } from './stored-values.ts';
import { checkValues, type CheckedValues } from './value-check.ts';

/** Which rows of an array the samples have: all but some, or those of an order. */
export type SampleRows = { readonly left: readonly number[] } | { readonly order: Int32Array };

/** Chunks that are being checked while the next is read. */
const MOST_IN_CHECK = 3;
/** Of a matrix that stays in its file, this much is told of at a time: some 20 ms. */
const TOLD_BYTES = 32 * 1024 * 1024;

/**
 * Reads a matrix and posts it in chunks; one that stays in its file is read and checked alike, and its place is posted.
 * @param linkOver bytes beyond which a matrix stays in its file, where it can be read there
 * @returns why it was taken into the case although it is larger, or null
 * @throws BezoarError evidence/...
 */
export async function readMatrix(
  set: number,
  evidence: number,
  open: OpenArray,
  role: ArrayRole,
  samples: SampleRows,
  linkOver: number | null | undefined,
  post: (message: ImportMessage) => Promise<void>,
): Promise<string | null> {
  const { name, array } = open;
  const stored = array.dtype;
  if (stored === null) throw new Error(`${name} has no dtype`);
  const [all = 0, ...rest] = (role === 'images' ? imageShape(array.shape) : array.shape) ?? array.shape;
  const shape = ['order' in samples ? samples.order.length : all - samples.left.length, ...rest];
  const dtype = matrixDtype(stored, role);
  const most = chunkRows(dtype, shape);
  const bytes = rowBytes(dtype, shape) * (shape[0] ?? 0);
  const place = linkedPlace(open, dtype, bytes, samples, linkOver ?? null);
  const link = typeof place === 'string' ? null : place;
  const chunks =
    'order' in samples
      ? rowsInOrder(name, array, samples.order, most)
      : samples.left.length === 0
        ? array.chunks(most)
        : keptRows(array.chunks(most), samples.left, most);
  await post({ kind: 'begin-matrix', set, evidence, role, dtype, shape });
  const width = rest.reduce((a, b) => a * b, 1);
  const check = checkValues(dtype, bytes);
  const inCheck: { firstRow: number; rows: number; checked: Promise<CheckedValues> }[] = [];
  let index = 0;
  let untold = 0;
  const postNext = async (): Promise<void> => {
    const next = inCheck.shift();
    if (next === undefined) return;
    const { firstRow, rows, checked } = next;
    const { bytes: values, nonFinite } = await checked;
    if (nonFinite >= 0)
      throw new BezoarError(
        'evidence/not-finite',
        `${name}: row ${firstRow + Math.floor(nonFinite / width)}, column ${nonFinite % width} is not a finite number ` +
          '(rows and columns counted from 0). Nothing was imported. Find out why the model gave it, and leave out or mend that row in all files.',
      );
    if (link === null) {
      await post({ kind: 'chunk', index, firstRow, rows, bytes: values });
      index += 1;
      return;
    }
    untold += values.length;
    giveBack(values);
    if (untold < TOLD_BYTES) return;
    untold = 0;
    await post({ kind: 'checked' });
  };
  try {
    for await (const { firstRow, rows, bytes: read } of chunks) {
      const values = caseBytes(stored, dtype, read, { file: name, firstRow, width });
      inCheck.push({ firstRow, rows, checked: check.add(values) });
      if (inCheck.length > MOST_IN_CHECK) await postNext();
    }
    while (inCheck.length > 0) await postNext();
    await post({ kind: 'end-matrix', evidence, sha256: await check.sha256(), link });
  } finally {
    await check.end();
  }
  return typeof place === 'string' ? place : null;
}
