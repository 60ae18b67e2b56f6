import type { SpectralKernels } from '../spectral-kernels.ts';
import type { WasmCall } from './call.ts';
import { rowBlock } from './row-block.ts';

/** Randomised range finding and spectral scores in WebAssembly: the rows of a block are copied in, never the matrix. */
export function spectralKernels(call: WasmCall): SpectralKernels {
  return {
    addProducts: (x, rows, from, to, cols, centre, weights, count, products) => {
      const block = rowBlock(x, rows, from, to, cols);
      call('addProducts', [block, null, 0, to - from, cols, centre, weights, count, products]);
    },
    projectOnto: (x, rows, from, to, cols, centre, direction, out) => {
      const block = rowBlock(x, rows, from, to, cols);
      call('projectOnto', [block, null, 0, to - from, cols, centre, direction, out]);
    },
  };
}
