import { closeSync, openSync, writeSync } from 'node:fs';
import { useEngine } from '../../native-workers/engine.ts';
import { loadNative } from '../../native-workers/engines/native.ts';
import { inlineRunner } from '../../native-workers/inline-runner.ts';
import { uncancelled } from '../../native-workers/task.ts';
import { workloads } from './workloads.mjs';

/** Calls of one kernel that are kept. */
const MOST_CALLS = 40;
/** Calls on larger arrays are left out: an emulator replays them. */
const MOST_BYTES = 4_000_000;

/** @type {ReadonlyMap<Function, string>} */
const letters = new Map(
  /** @type {[Function, string][]} */ ([
    [Float32Array, 'f'],
    [Float64Array, 'F'],
    [Int32Array, 'i'],
    [Uint32Array, 'u'],
    [Uint16Array, 'h'],
    [Uint8Array, 'b'],
  ]),
);

/** @typedef {Float32Array | Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array} Elements */

/** @param {Elements} array */
const bytesOf = (array) => Buffer.from(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));

/** @param {number} value */
function length(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/**
 * Runs every kernel on small inputs with the engine 'native-baseline' and writes each call with its arrays before and after.
 * @param {string} path file of records, as addons/native/replay.cc reads it
 * @returns {Promise<number>} calls written
 */
export async function recordCalls(path) {
  const file = openSync(path, 'w');
  const table = /** @type {Record<string, unknown>} */ (
    /** @type {unknown} */ (useEngine('native-baseline'))
  );
  const { lineOffset } = loadNative();
  if (lineOffset === null) throw new Error('The addon was not built: there is nothing to record.');
  const kernels = Object.entries(table).filter(([, kernel]) => typeof kernel === 'function');
  let calls = 0;
  const recorded = new Set();
  for (const [name, kernel] of kernels) {
    const inner = /** @type {(...args: unknown[]) => void} */ (kernel);
    let kept = 0;
    table[name] = (/** @type {unknown[]} */ ...args) => {
      const arrays = args.filter((arg) => ArrayBuffer.isView(arg));
      const bytes = arrays.reduce((sum, array) => sum + array.byteLength, 0);
      if (kept >= MOST_CALLS || bytes > MOST_BYTES) {
        inner(...args);
        return;
      }
      const before = args.map((arg) =>
        ArrayBuffer.isView(arg) ? bytesOf(/** @type {Elements} */ (arg)) : null,
      );
      inner(...args);
      kept += 1;
      calls += 1;
      recorded.add(name);
      writeSync(file, Buffer.concat([length(name.length), Buffer.from(name), length(args.length)]));
      args.forEach((arg, a) => writeSync(file, argumentRecord(arg, before[a], lineOffset)));
    };
  }
  try {
    const ctx = uncancelled(7);
    await workloads(inlineRunner(ctx), ctx);
  } finally {
    for (const [name, kernel] of kernels) table[name] = kernel;
    closeSync(file);
  }
  const never = kernels.map(([name]) => name).filter((name) => !recorded.has(name));
  if (never.length > 0) throw new Error(`No workload calls ${never.join(', ')}.`);
  return calls;
}

/**
 * @param {unknown} arg
 * @param {Buffer | null} before
 * @param {(array: ArrayBufferView) => number} lineOffset
 */
function argumentRecord(arg, before, lineOffset) {
  if (arg === null) return Buffer.from('0');
  if (typeof arg === 'number') {
    const bytes = Buffer.alloc(9);
    bytes.write('n');
    bytes.writeDoubleLE(arg, 1);
    return bytes;
  }
  const array = /** @type {Elements} */ (arg);
  const letter = letters.get(array.constructor) ?? '';
  return Buffer.concat([
    Buffer.from(letter),
    length(lineOffset(array)),
    length(array.byteLength),
    before ?? Buffer.alloc(0),
    bytesOf(array),
  ]);
}
