import { sourceHash, wasmBase64 } from '../../addons/wasm/kernels-wasm.ts';

type Elements = Float32Array | Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;
type Argument = Elements | number | null;

/** Calls a kernel by name: arrays are copied into linear memory and out again as the kernel's signature says. */
export type WasmCall = (name: string, args: readonly Argument[]) => void;

/** Hash of the sources that the module was built from. */
export const wasmSourceHash: string = sourceHash;

const ARGUMENT_BYTES = 24;
const PAGE = 65_536;

const constructors: Readonly<Record<string, new (length: number) => Elements>> = {
  f: Float32Array,
  F: Float64Array,
  i: Int32Array,
  u: Uint32Array,
  h: Uint16Array,
  b: Uint8Array,
};

interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

// The types of the language's library know WebAssembly with those of a browser alone.
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    Module: new (bytes: Uint8Array) => object;
    Instance: new (module: object, imports: object) => { readonly exports: unknown };
  };
};

interface Exports {
  readonly memory: Memory;
  heap(): number;
  kernelCount(): number;
  kernelName(index: number): number;
  kernelSignature(index: number): number;
  run(index: number, args: number): number;
}

/** Compiles the module of this thread. @throws WebAssembly.CompileError where 128-bit vectors are missing */
export function instantiate(): WasmCall {
  const module = new WebAssembly.Module(Buffer.from(wasmBase64, 'base64'));
  const wasm = new WebAssembly.Instance(module, {}).exports as Exports;
  const textAt = (address: number): string => {
    const bytes = new Uint8Array(wasm.memory.buffer);
    return Buffer.from(bytes.subarray(address, bytes.indexOf(0, address))).toString('latin1');
  };
  const kernels = new Map(
    Array.from({ length: wasm.kernelCount() }, (_, index) => [
      textAt(wasm.kernelName(index)),
      { index, words: textAt(wasm.kernelSignature(index)).split(' ') },
    ]),
  );
  const heap = Math.ceil(wasm.heap() / 64) * 64;
  return (name, args) => {
    const kernel = kernels.get(name);
    if (kernel?.words.length !== args.length) throw new TypeError(`${name}: wrong number of arguments.`);
    const places = layOut(name, kernel.words, args, heap);
    if (places.end > wasm.memory.buffer.byteLength)
      wasm.memory.grow(Math.ceil((places.end - wasm.memory.buffer.byteLength) / PAGE));
    const memory = wasm.memory.buffer;
    const view = new DataView(memory);
    args.forEach((arg, a) => {
      const at = heap + a * ARGUMENT_BYTES;
      const array = typeof arg === 'number' ? null : arg;
      view.setUint32(at, places.addresses[a], true);
      view.setFloat64(at + 8, array?.length ?? 0, true);
      view.setFloat64(at + 16, typeof arg === 'number' ? arg : 0, true);
      if (array && !/[>~]/.test(kernel.words[a])) over(array, memory, places.addresses[a]).set(array);
    });
    const fault = wasm.run(kernel.index, heap);
    if (fault !== 0) throw new RangeError(`${name}: ${textAt(fault)}`);
    args.forEach((arg, a) => {
      if (arg !== null && typeof arg !== 'number' && /[>*]/.test(kernel.words[a]))
        arg.set(over(arg, memory, places.addresses[a]));
    });
  };
}

/** The same kind of array over linear memory. */
function over<A extends Elements>(array: A, memory: ArrayBuffer, address: number): A {
  return new (array.constructor as new (buffer: ArrayBuffer, at: number, length: number) => A)(
    memory,
    address,
    array.length,
  );
}

/** Checks the kinds of the arguments and gives every array an address, 64 bytes apart. */
function layOut(
  name: string,
  words: readonly string[],
  args: readonly Argument[],
  heap: number,
): { addresses: number[]; end: number } {
  let end = heap + Math.ceil((args.length * ARGUMENT_BYTES) / 64) * 64;
  const addresses = args.map((arg, a) => {
    const word = words[a];
    const kind = constructors[word[0]] as (new (length: number) => Elements) | undefined;
    if (kind === undefined) {
      const whole = Number.isSafeInteger(arg) && (arg as number) >= 0;
      if (word.startsWith('n') ? !whole : !Number.isFinite(arg))
        throw new TypeError(`${name}: argument ${a + 1} is not a number that fits.`);
      return 0;
    }
    if (arg === null && word.includes('?')) return 0;
    if (!(arg instanceof kind))
      throw new TypeError(`${name}: argument ${a + 1} is not the typed array that the kernel takes.`);
    const address = end;
    end += Math.ceil(arg.byteLength / 64) * 64;
    return address;
  });
  return { addresses, end };
}
