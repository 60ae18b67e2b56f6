import type { Kernels } from '../kernels.ts';
import { instantiate } from './call.ts';
import { clusteringKernels } from './assign.ts';
import { layoutKernels } from './layout.ts';
import { eigenKernels } from './eigen.ts';
import { momentsKernels } from './moments.ts';
import { neighboursKernels } from './neighbours.ts';
import { spectralKernels } from './spectral.ts';
import { radixKernels } from './radix.ts';

/** The WebAssembly twin of the addon. @throws WebAssembly.CompileError where 128-bit vectors are missing */
export function wasmKernels(): Kernels {
  const call = instantiate();
  return {
    engine: 'wasm',
    ...clusteringKernels(call),
    ...eigenKernels(call),
    ...spectralKernels(call),
    ...momentsKernels(call),
    ...neighboursKernels(call),
    ...radixKernels(call),
    ...layoutKernels(call),
  };
}
