import { z } from 'zod';
import type { BulkArray, BulkHeader, BulkRequest } from '../../../electron/contract/bulk.ts';
import { calls } from '../../../electron/contract/calls.ts';
import type { CallName, Params, Result } from '../../../electron/contract/calls.ts';
import { BezoarError } from '../../../electron/contract/errors.ts';
import { events } from '../../../electron/contract/events.ts';
import type { EventOf, Topic } from '../../../electron/contract/events.ts';
import { EngineMessage } from '../../../electron/contract/wire.ts';
import type { ClientMessage } from '../../../electron/contract/wire.ts';

type Send = (message: ClientMessage) => void;
type Page = Extract<EngineMessage, { kind: 'bulk-page' }>;
type Listener = (payload: unknown) => void;

interface Waiting {
  readonly name: string;
  readonly message: ClientMessage;
  resolve(this: void, message: EngineMessage): void;
  reject(this: void, error: BezoarError): void;
}

const LOST = 'The engine stopped before it could answer. It is being started again; please repeat this.';

const bytesPerElement: Readonly<Record<BulkHeader['dtype'], number>> = {
  uint8: 1,
  int32: 4,
  uint32: 4,
  float32: 4,
  float64: 8,
};

/**
 * The window's end of the wire, whatever carries it: pairs answers with questions, checks their shape, puts paged
 * arrays together, hands events on. Both hosts are a transport around this.
 */
export class WireClient {
  #send: Send | null = null;
  #everConnected = false;
  #lastId = 0;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Map<string, Set<Listener>>();

  /** A connection stands. Questions asked before the first one are sent now. */
  connected(send: Send): void {
    this.#send = send;
    const again = this.#everConnected;
    this.#everConnected = true;
    for (const { message } of this.#waiting.values()) send(message);
    if (again) this.#emit('engine', { state: 'ready', sentence: 'The engine answers again.' });
  }

  /** The connection is gone: everything under way is refused with `engine/lost`. */
  disconnected(sentence: string): void {
    if (this.#send === null) return;
    this.#send = null;
    this.#rejectAll();
    this.#emit('engine', { state: 'lost', sentence });
  }

  /** A message as it arrived. What is not of the contract is dropped: nobody waits for it. */
  receive(raw: unknown): void {
    const parsed = EngineMessage.safeParse(raw);
    if (!parsed.success) return;
    const message = parsed.data;
    if (message.kind === 'event') {
      this.#receiveEvent(message.topic, message.payload);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    if (!waiting) return;
    this.#waiting.delete(message.id);
    if (message.kind === 'failure') {
      waiting.reject(new BezoarError(message.failure.code, message.failure.sentence));
    } else waiting.resolve(message);
  }

  async call<N extends CallName>(name: N, params: Params<N>): Promise<Result<N>> {
    const message = await this.#ask(name, (id) => ({ kind: 'call', id, name, params }));
    if (message.kind !== 'reply') throw mismatch(name);
    const result: z.ZodType = calls[name].result;
    const parsed = result.safeParse(message.result);
    if (!parsed.success) {
      throw new BezoarError(
        'engine/bug',
        `The answer to ${name} is not as agreed. ${z.prettifyError(parsed.error)}`,
      );
    }
    return parsed.data as Result<N>;
  }

  /** The whole array, asked page by page. */
  async bulk(request: BulkRequest): Promise<BulkArray> {
    const first = await this.#page(request, 0);
    const { dtype, shape, total } = first.header;
    const elements = shape.reduce((product, side) => product * side, 1);
    if (total !== elements * bytesPerElement[dtype]) throw mismatch(request.array);
    const whole = new Uint8Array(total);
    let page = first;
    let filled = 0;
    for (;;) {
      if (page.header.total !== total || page.header.offset !== filled || filled + page.data.length > total) {
        throw mismatch(request.array);
      }
      whole.set(page.data, filled);
      filled += page.data.length;
      if (filled >= total) break;
      if (page.data.length === 0) throw mismatch(request.array);
      page = await this.#page(request, filled);
    }
    return typed(dtype, shape, whole.buffer);
  }

  subscribe<T extends Topic>(topic: T, listener: (payload: EventOf<T>) => void): () => void {
    const set = this.#listeners.get(topic) ?? new Set<Listener>();
    this.#listeners.set(topic, set);
    set.add(listener as Listener);
    return () => {
      set.delete(listener as Listener);
    };
  }

  async #page(request: BulkRequest, offset: number): Promise<Page> {
    const message = await this.#ask(request.array, (id) => ({ kind: 'bulk', id, request, offset }));
    if (message.kind !== 'bulk-page') throw mismatch(request.array);
    return message;
  }

  #ask(name: string, messageOf: (id: number) => ClientMessage): Promise<EngineMessage> {
    if (this.#everConnected && this.#send === null) {
      return Promise.reject(new BezoarError('engine/lost', LOST));
    }
    const message = messageOf(++this.#lastId);
    return new Promise((resolve, reject) => {
      this.#waiting.set(message.id, { name, message, resolve, reject });
      this.#send?.(message);
    });
  }

  #receiveEvent(topic: string, payload: unknown): void {
    if (!Object.hasOwn(events, topic)) return;
    const schema: z.ZodType = events[topic as Topic];
    const parsed = schema.safeParse(payload);
    if (!parsed.success) return;
    // The carrier may outlive the engine behind it: what was under way there is as lost as with the carrier.
    if (topic === 'engine' && (parsed.data as EventOf<'engine'>).state === 'lost') this.#rejectAll();
    this.#emit(topic, parsed.data);
  }

  #emit(topic: string, payload: unknown): void {
    for (const listener of [...(this.#listeners.get(topic) ?? [])]) listener(payload);
  }

  #rejectAll(): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(new BezoarError('engine/lost', LOST));
  }
}

function mismatch(name: string): BezoarError {
  return new BezoarError('engine/bug', `The answer to ${name} is not as agreed; it was put aside.`);
}

function typed(dtype: BulkHeader['dtype'], shape: readonly number[], buffer: ArrayBuffer): BulkArray {
  switch (dtype) {
    case 'uint8':
      return { dtype, shape, data: new Uint8Array(buffer) };
    case 'int32':
      return { dtype, shape, data: new Int32Array(buffer) };
    case 'uint32':
      return { dtype, shape, data: new Uint32Array(buffer) };
    case 'float32':
      return { dtype, shape, data: new Float32Array(buffer) };
    case 'float64':
      return { dtype, shape, data: new Float64Array(buffer) };
  }
}
