import type { MomentsKernels } from '../moments-kernels.ts';
import type { WasmCall } from './call.ts';
import { rowBlock } from './row-block.ts';

/** Means, Gram matrices and projections in WebAssembly: the rows of a block are copied in, never the matrix. */
export function momentsKernels(call: WasmCall): MomentsKernels {
  return {
    halfToFloat: (halves, floats) => {
      call('halfToFloat', [halves, floats]);
    },
    addSums: (x, rows, from, to, cols, sums) => {
      call('addSums', [rowBlock(x, rows, from, to, cols), null, 0, to - from, cols, sums]);
    },
    squaredDistances: (x, rows, from, to, cols, centre, squares) => {
      const block = rowBlock(x, rows, from, to, cols);
      call('squaredDistances', [block, null, 0, to - from, cols, centre, squares]);
    },
    addGram: (x, rows, from, to, cols, centre, sums, gram, scratch) => {
      const block = rowBlock(x, rows, from, to, cols);
      call('addGram', [block, null, 0, to - from, cols, centre, sums, gram, scratch]);
    },
    addGramExact: (x, rows, from, to, cols, centre, gram, scratch) => {
      const block = rowBlock(x, rows, from, to, cols);
      call('addGramExact', [block, null, 0, to - from, cols, centre, gram, scratch]);
    },
    project: (x, rows, from, to, cols, centre, axes, count, out, scratch) => {
      const block = rowBlock(x, rows, from, to, cols);
      call('project', [block, null, 0, to - from, cols, centre, axes, count, out, scratch]);
    },
    projectExact: (x, rows, from, to, cols, centre, axes, count, out, scratch) => {
      const block = rowBlock(x, rows, from, to, cols);
      call('projectExact', [block, null, 0, to - from, cols, centre, axes, count, out, scratch]);
    },
  };
}
