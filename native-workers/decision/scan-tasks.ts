import type { ClassSlice } from '../detectors/class-slice.ts';
import type { ClassJudgement } from '../detectors/define-detector.ts';
import { judge } from '../detectors/define-detector.ts';
import type { ScanInput } from '../detectors/detector.ts';
import type { Head, HeadSums } from '../detectors/lda-head.ts';
import {
  agreeingRows,
  argmaxAt,
  classHeadSums,
  fitHead,
  foldHeadSums,
  forEachCrossFitted,
} from '../detectors/lda-head.ts';
import { detectorById } from '../detectors/registry.ts';
import { moments } from '../numeric/moments.ts';
import type { TaskContext } from '../task.ts';

interface ClassArgs {
  readonly input: ScanInput;
  readonly slice: ClassSlice;
}

function activationsOf(input: ScanInput) {
  const { activations } = input.investigated;
  if (activations === null) throw new Error('A scan was asked for without activations.');
  return activations;
}

/** Sums of one class for the cross-fitted heads that stand in for missing predictions; every row counts. */
export function headSumsByFold({ input, slice }: ClassArgs, ctx: TaskContext): HeadSums[] {
  const { investigated } = input;
  return foldHeadSums(
    slice.classIndex,
    [{ set: investigated, matrix: activationsOf(input), rows: slice.rows }],
    ctx,
  );
}

/** The same of the rows whose prediction is their label. */
export function agreeingSumsByFold({ input, slice }: ClassArgs, ctx: TaskContext): HeadSums[] {
  const { investigated } = input;
  const rows = agreeingRows(investigated, slice.rows);
  return foldHeadSums(slice.classIndex, [{ set: investigated, matrix: activationsOf(input), rows }], ctx);
}

/** The heads of all folds from their sums over all classes. */
export function fitHeads(
  { sums }: { readonly sums: readonly HeadSums[] },
  ctx: TaskContext,
): (Head | null)[] {
  return sums.map((fold) => fitHead(fold, ctx)?.head ?? null);
}

/** Class that the cross-fitted heads put each row of the slice into, -1 where there is no head. */
export function predictByHead(
  { input, slice, heads }: ClassArgs & { readonly heads: readonly (Head | null)[] },
  ctx: TaskContext,
): Int32Array {
  const predicted = new Int32Array(slice.rows.length).fill(-1);
  const { investigated } = input;
  forEachCrossFitted(
    heads,
    investigated,
    activationsOf(input),
    slice.rows,
    ctx,
    (position, evidence, base, head) => {
      predicted[position] = head.classes[argmaxAt(evidence, base, head.classes.length)];
    },
  );
  return predicted;
}

/** Sums of one class's agreeing investigated rows. */
export function agreeingSums({ input, slice }: ClassArgs, ctx: TaskContext): HeadSums {
  const rows = agreeingRows(input.investigated, slice.rows);
  return classHeadSums(
    slice.classIndex,
    moments(activationsOf(input), rows, () => ctx.check()),
  );
}

interface DetectorArgs extends ClassArgs {
  readonly detector: string;
  /** Checked by the detector's own schema. */
  readonly params: unknown;
}

/** One class's part of a detector's preparation. */
export function prepareClass({ detector, input, slice, params }: DetectorArgs, ctx: TaskContext): unknown {
  return detectorById(detector).prepare?.partial(input, slice, params, ctx);
}

/** The end of a detector's preparation. */
export function finishPreparation(
  args: {
    readonly detector: string;
    readonly input: ScanInput;
    readonly total: unknown;
    readonly params: unknown;
  },
  ctx: TaskContext,
): unknown {
  return detectorById(args.detector).prepare?.finish(args.input, args.total, args.params, ctx);
}

/** One class's judgement by a detector. */
export function judgeClass(
  { detector, input, slice, prepared, params }: DetectorArgs & { readonly prepared: unknown },
  ctx: TaskContext,
): ClassJudgement<unknown> {
  return judge(detectorById(detector), input, slice, prepared, params, ctx);
}
