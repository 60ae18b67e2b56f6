import { parentPort } from 'node:worker_threads';
import { useEngine } from './engine.ts';
import { Cancelled, type TaskContext } from './task.ts';
import { tasks } from './tasks.ts';
import type { WorkerReply, WorkerRequest } from './worker-message.ts';
import { PROGRESS_UNITS } from './worker-message.ts';

function contextOf(request: WorkerRequest): TaskContext {
  const cancelled = () => Atomics.load(request.cancel, 0) === 1;
  return {
    seed: request.seed,
    progress: (fraction) => {
      const units = Math.floor(Math.min(1, Math.max(0, fraction)) * PROGRESS_UNITS);
      if (units > Atomics.load(request.progress, request.slot))
        Atomics.store(request.progress, request.slot, units);
    },
    cancelled,
    check: () => {
      if (cancelled()) throw new Cancelled();
    },
  };
}

/** The plain buffers inside a task's result: they are handed over, not copied. */
function transferables(value: unknown, found = new Set<ArrayBuffer>()): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer) found.add(value.buffer);
  } else if (value instanceof ArrayBuffer) {
    found.add(value);
  } else if (typeof value === 'object' && value !== null && !(value instanceof SharedArrayBuffer)) {
    for (const part of Object.values(value)) transferables(part, found);
  }
  return [...found];
}

async function answer(request: WorkerRequest): Promise<{ reply: WorkerReply; transfer: ArrayBuffer[] }> {
  const { id } = request;
  try {
    const ctx = contextOf(request);
    ctx.check();
    useEngine(request.engine);
    const task = tasks[request.task] as (args: unknown, context: TaskContext) => unknown;
    const result = await task(request.args, ctx);
    return { reply: { id, ok: true, result }, transfer: transferables(result) };
  } catch (error) {
    if (error instanceof Cancelled) return { reply: { id, ok: false, cancelled: true }, transfer: [] };
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    return { reply: { id, ok: false, cancelled: false, message, stack: stack ?? message }, transfer: [] };
  }
}

const port = parentPort;
if (!port) throw new Error('native-workers/worker.ts runs as a worker thread only');
port.on('message', (request: WorkerRequest) => {
  void answer(request).then(({ reply, transfer }) => {
    port.postMessage(reply, transfer);
  });
});
