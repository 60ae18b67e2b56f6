import type { ClusteringKernels } from './clustering-kernels.ts';
import type { LayoutKernels } from './layout-kernels.ts';
import type { EigenKernels } from './eigen-kernels.ts';
import type { MomentsKernels } from './moments-kernels.ts';
import type { NeighboursKernels } from './neighbours-kernels.ts';
import type { SpectralKernels } from './spectral-kernels.ts';
import type { RadixKernels } from './radix-kernels.ts';

/** The engines, best first. The native ones are one addon with a table for each instruction set. */
export const ENGINE_NAMES = [
  'native-avx512',
  'native-avx2',
  'native-baseline',
  'wasm',
  'typescript',
] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

/** The inner functions of one engine: the same contract in every engine, so that all orchestration is written once. */
export interface Kernels
  extends
    ClusteringKernels,
    EigenKernels,
    SpectralKernels,
    MomentsKernels,
    NeighboursKernels,
    LayoutKernels,
    RadixKernels {
  readonly engine: EngineName;
}

/** Whether an engine rounds a product and a sum together: engines of one class give the same bytes. */
export function fusesMultiplyAdd(engine: EngineName): boolean {
  return engine === 'native-avx512' || engine === 'native-avx2';
}
