import type { Matrix, SampleSet, ScanInput } from './detector.ts';

/** Input that no detector can judge: where it is, and what to do. */
export class InputError extends Error {
  readonly code: 'NOT_FINITE' | 'SHAPE';
  readonly row: number | null;

  constructor(code: InputError['code'], message: string, row: number | null) {
    super(message);
    this.name = 'InputError';
    this.code = code;
    this.row = row;
  }
}

/**
 * Refuses input whose arrays do not belong together or hold NaN or infinity.
 *
 * @throws InputError naming the set, the matrix and the row (counted from 0)
 */
export function checkInput(input: ScanInput): void {
  checkSet(input.investigated, 'investigated', input.classes.length);
  if (input.trusted !== null) checkSet(input.trusted, 'trusted', input.classes.length);
  const here = input.investigated.activations;
  const there = input.trusted?.activations ?? null;
  if (here !== null && there !== null && here.cols !== there.cols) {
    throw new InputError(
      'SHAPE',
      `The trusted activations have ${there.cols} columns and the investigated ones ${here.cols}. Nothing was scanned. Export both from the same layer.`,
      null,
    );
  }
}

function checkSet(set: SampleSet, name: string, classCount: number): void {
  for (let i = 0; i < set.rows; i++) {
    if (!(set.label[i] >= 0 && set.label[i] < classCount)) {
      throw new InputError('SHAPE', `Row ${i} of the ${name} samples has no label. Nothing was scanned.`, i);
    }
  }
  for (const [title, matrix] of [
    ['activations', set.activations],
    ['logits', set.logits],
  ] as const) {
    if (matrix === null) continue;
    if (matrix.rows !== set.rows) {
      throw new InputError(
        'SHAPE',
        `The ${name} ${title} have ${matrix.rows} rows and the records ${set.rows}. Nothing was scanned.`,
        null,
      );
    }
    const bad = firstNotFinite(matrix);
    if (bad >= 0) {
      const row = Math.floor(bad / matrix.cols);
      throw new InputError(
        'NOT_FINITE',
        `The ${name} ${title} hold ${matrix.data[bad]} in row ${row}, column ${bad % matrix.cols}. Nothing was scanned. Export the array again without overflow.`,
        row,
      );
    }
  }
}

function firstNotFinite({ data }: Matrix): number {
  // NaN and infinity times zero are NaN, so one sum tells whether a closer look is needed.
  let probe = 0;
  for (let i = 0; i < data.length; i++) probe += data[i] * 0;
  return probe === 0 ? -1 : data.findIndex((value) => !Number.isFinite(value));
}
