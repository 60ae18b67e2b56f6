import { inlineRunner } from '../inline-runner.ts';
import type { TaskContext } from '../task.ts';
import { checkInput } from './check-input.ts';
import type { ClassSlice } from './class-slice.ts';
import { classSlices } from './class-slice.ts';
import type { Detector } from './define-detector.ts';
import { assembleResult, judge, resultLeftOut, whyNotRun } from './define-detector.ts';
import type { DetectorResult, ScanInput } from './detector.ts';

/**
 * Runs a detector over every class in the calling thread.
 *
 * @param params checked and completed by the detector's own schema
 * @throws InputError for input that is not finite or does not fit together; Cancelled
 */
export async function runDetector(
  detector: Detector,
  input: ScanInput,
  params: unknown,
  ctx: TaskContext,
): Promise<DetectorResult> {
  checkInput(input);
  const parsed = detector.params.parse(params);
  const slices = classSlices(input);
  const leftOut = whyNotRun(detector, input);
  if (leftOut !== null) return resultLeftOut(detector, input, slices, leftOut);
  const staged = detector.survey !== undefined || detector.prepare !== undefined;
  const report = (share: number): void => {
    ctx.check();
    ctx.progress(share);
  };
  const prepared = await prepareWhole(detector, input, slices, parsed, {
    ...ctx,
    progress: (share) => {
      report(share / 2);
    },
  });
  const before = staged ? 0.5 : 0;
  const judgements = slices.map((slice, index) => {
    const judgement = judge(detector, input, slice, prepared, parsed, ctx);
    report(before + ((1 - before) * (index + 1)) / slices.length);
    return judgement;
  });
  return assembleResult(detector, input, slices, judgements, parsed).result;
}

async function prepareWhole(
  detector: Detector,
  input: ScanInput,
  slices: readonly ClassSlice[],
  params: unknown,
  ctx: TaskContext,
): Promise<unknown> {
  if (detector.survey !== undefined) {
    const quiet: TaskContext = { ...ctx, progress: () => undefined };
    const prepared = await detector.survey(input, params, inlineRunner(quiet), quiet);
    ctx.progress(1);
    return prepared;
  }
  if (detector.prepare === undefined) return null;
  let total: unknown = null;
  slices.forEach((slice, index) => {
    const part = detector.prepare?.partial(input, slice, params, ctx);
    total = total === null ? part : detector.prepare?.merge(total, part);
    ctx.progress((index + 1) / slices.length);
  });
  return detector.prepare.finish(input, total, params, ctx);
}
