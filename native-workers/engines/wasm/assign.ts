import type { ClusteringKernels } from '../clustering-kernels.ts';
import type { WasmCall } from './call.ts';
import { cellKernels } from './cells.ts';
import { rowBlock } from './row-block.ts';

/** The inner functions of k-means and DBSCAN in WebAssembly: only the rows that are looked at are copied in. */
export function clusteringKernels(call: WasmCall): ClusteringKernels {
  return {
    assign: (x, rows, from, to, cols, ...rest) => {
      call('assign', [rowBlock(x, rows, from, to, cols), null, 0, to - from, cols, ...rest]);
    },
    centreSquares: (x, rows, from, to, cols, ...rest) => {
      call('centreSquares', [rowBlock(x, rows, from, to, cols), null, 0, to - from, cols, ...rest]);
    },
    moveRows: (x, rows, from, to, cols, ...rest) => {
      call('moveRows', [rowBlock(x, rows, from, to, cols), null, 0, to - from, cols, ...rest]);
    },
    ...cellKernels(call),
  };
}
