import type { BulkArray, BulkRequest } from '../../../electron/contract/bulk.ts';
import { ClientMessage } from '../../../electron/contract/wire.ts';
import type { EngineMessage } from '../../../electron/contract/wire.ts';

/** The far end of the wire for the conformance suite: it keeps what it was sent and answers as it is told. */
export interface EngineDouble {
  readonly received: ClientMessage[];
  /** The next message of the window, once it is there. */
  next(): Promise<ClientMessage>;
  send(message: EngineMessage): void;
}

/** An {@link EngineDouble} that writes through `send`; what the window sends is put in by `take`. */
export function engineDouble(
  send: (message: EngineMessage) => void,
): EngineDouble & { take(raw: unknown): void } {
  const received: ClientMessage[] = [];
  const awaited: ((message: ClientMessage) => void)[] = [];
  const unread: ClientMessage[] = [];
  return {
    received,
    send,
    take: (raw) => {
      const message = ClientMessage.parse(raw);
      received.push(message);
      const waiting = awaited.shift();
      if (waiting) waiting(message);
      else unread.push(message);
    },
    next: () => {
      const message = unread.shift();
      if (message) return Promise.resolve(message);
      return new Promise((resolve) => {
        awaited.push(resolve);
      });
    },
  };
}

/** Answers one page of an array, at most `most` bytes of it. */
export function pageOf(
  message: ClientMessage & { kind: 'bulk'; request: BulkRequest },
  array: BulkArray,
  most: number,
): EngineMessage {
  const bytes = new Uint8Array(array.data.buffer, array.data.byteOffset, array.data.byteLength);
  return {
    kind: 'bulk-page',
    id: message.id,
    header: { dtype: array.dtype, shape: [...array.shape], offset: message.offset, total: bytes.length },
    data: bytes.slice(message.offset, message.offset + most),
  };
}
