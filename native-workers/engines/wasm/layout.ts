import type { LayoutKernels } from '../layout-kernels.ts';
import type { WasmCall } from './call.ts';

/** The layout in WebAssembly: a block's edges and all points are copied in, the block's vertices out. */
export function layoutKernels(call: WasmCall): LayoutKernels {
  return {
    layoutEpoch: (...block) => {
      call('layoutEpoch', block);
    },
  };
}
