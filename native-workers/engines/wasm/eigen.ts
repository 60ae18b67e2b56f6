import { POWER_BLOCK, type EigenKernels } from '../eigen-kernels.ts';
import { eigenKernels as typescript } from '../typescript/eigen.ts';
import type { WasmCall } from './call.ts';

// Copying a larger matrix in and out costs more than the work: the TypeScript functions give the same bytes.
const MOST_ENTRIES = 2 ** 21;

/** Symmetric eigenproblems in WebAssembly. */
export function eigenKernels(call: WasmCall): EigenKernels {
  return {
    tridiagonalise: (matrix, stride, place, diagonal, off, factors, work, budget) => {
      const used = matrix.subarray(0, Math.ceil((place[0] + 1) / 8) * 8 * stride);
      if (used.length > MOST_ENTRIES)
        typescript.tridiagonalise(matrix, stride, place, diagonal, off, factors, work, budget);
      else call('tridiagonalise', [used, stride, place, diagonal, off, factors, work, budget]);
    },
    applyReflections: (matrix, stride, factors, from, to, vectors, count) => {
      const touched = vectors.subarray(0, count * stride);
      if (touched.length > MOST_ENTRIES)
        typescript.applyReflections(matrix, stride, factors, from, to, vectors, count);
      else
        call('applyReflections', [
          matrix.subarray(0, to * stride),
          stride,
          factors,
          from,
          to,
          touched,
          count,
        ]);
    },
    rotateRows: (vectors, stride, sweeps, rotations) => {
      if (vectors.length > MOST_ENTRIES) typescript.rotateRows(vectors, stride, sweeps, rotations);
      else call('rotateRows', [vectors, stride, sweeps, rotations]);
    },
    removeSpan: (basis, cols, count, vector) => {
      call('removeSpan', [basis.subarray(0, count * cols), cols, count, vector]);
    },
    multiplyBlock: (matrix, cols, block, product) => {
      const rows = Math.floor(product.length / POWER_BLOCK);
      call('multiplyBlock', [matrix.subarray(0, rows * cols), cols, block, product]);
    },
  };
}
