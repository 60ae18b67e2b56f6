import { ENGINE_NAMES, type EngineName, type Kernels } from './engines/kernels.ts';
import { loadNative, type NativeEngines } from './engines/native.ts';
import { typescriptKernels } from './engines/typescript/kernels.ts';
import { wasmKernels } from './engines/wasm/kernels.ts';

let native: NativeEngines | null = null;
let wasm: Kernels | { readonly missing: string } | null = null;
let current: Kernels | null = null;

function nativeEngines(): NativeEngines {
  native ??= loadNative();
  return native;
}

function wasmEngine(): Kernels | { readonly missing: string } {
  if (wasm !== null) return wasm;
  try {
    wasm = wasmKernels();
  } catch (error) {
    wasm = { missing: `WebAssembly with 128-bit vectors is missing: ${(error as Error).message}` };
  }
  return wasm;
}

function engineNamed(name: EngineName): Kernels | null {
  if (name === 'typescript') return typescriptKernels;
  if (name !== 'wasm') return nativeEngines().tables.get(name) ?? null;
  const found = wasmEngine();
  return 'missing' in found ? null : found;
}

/** The engines of this machine, best first. */
export function availableEngines(): EngineName[] {
  return ENGINE_NAMES.filter((name) => engineNamed(name) !== null);
}

/** Why an engine is not there, a sentence; null where it is. */
export function whyMissing(name: EngineName): string | null {
  if (engineNamed(name) !== null) return null;
  if (name === 'wasm') return (wasmEngine() as { missing: string }).missing;
  return nativeEngines().missing ?? 'This processor does not have the instruction set.';
}

/**
 * Makes this thread work with one engine from now on; null chooses the best.
 *
 * @throws RangeError when the machine does not have it
 */
export function useEngine(name: EngineName | null): Kernels {
  const chosen = name ?? availableEngines()[0];
  const found = engineNamed(chosen);
  if (found === null)
    throw new RangeError(`The engine ${chosen} cannot be used here. ${whyMissing(chosen) ?? ''}`);
  current = found;
  return found;
}

/** The inner functions of this thread's engine: the best available unless one was forced. */
export function kernels(): Kernels {
  return current ?? useEngine(null);
}
