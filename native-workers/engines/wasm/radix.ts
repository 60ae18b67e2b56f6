import type { RadixKernels } from '../radix-kernels.ts';
import { radixKernels as typescriptRadix } from '../typescript/radix.ts';
import type { WasmCall } from './call.ts';

/** The whole target of a scatter is copied in and out: above so many keys that costs more than it gains. */
const MOST_KEYS = 1 << 20;

/** The radix sort's passes in WebAssembly. The keys are copied in; taking cells, which moves few of them, stays outside. */
export function radixKernels(call: WasmCall): RadixKernels {
  return {
    ...typescriptRadix,
    radixCountF32: (keys, from, to, counts) => {
      call('radixCountF32', [keys.subarray(from, to), 0, to - from, counts]);
    },
    radixCountF64: (keys, from, to, counts) => {
      call('radixCountF64', [keys.subarray(from, to), 0, to - from, counts]);
    },
    countHeadsF32: (keys, from, to, counts) => {
      call('countHeadsF32', [keys.subarray(from, to), 0, to - from, counts]);
    },
    countHeadsF64: (keys, from, to, counts) => {
      call('countHeadsF64', [keys.subarray(from, to), 0, to - from, counts]);
    },
    countCellsF32: (keys, from, to, starts, shifts, counts) => {
      call('countCellsF32', [keys.subarray(from, to), 0, to - from, starts, shifts, counts]);
    },
    countCellsF64: (keys, from, to, starts, shifts, counts) => {
      call('countCellsF64', [keys.subarray(from, to), 0, to - from, starts, shifts, counts]);
    },
    radixScatterF32: (source, target, from, to, digit, encode, decode, offsets) => {
      if (target.length > MOST_KEYS) {
        typescriptRadix.radixScatterF32(source, target, from, to, digit, encode, decode, offsets);
        return;
      }
      const keys = source.subarray(from, to);
      call('radixScatterF32', [keys, target, 0, to - from, digit, encode, decode, offsets]);
    },
    radixScatterF64: (source, target, from, to, digit, encode, decode, offsets) => {
      if (target.length > MOST_KEYS) {
        typescriptRadix.radixScatterF64(source, target, from, to, digit, encode, decode, offsets);
        return;
      }
      const keys = source.subarray(from, to);
      call('radixScatterF64', [keys, target, 0, to - from, digit, encode, decode, offsets]);
    },
  };
}
