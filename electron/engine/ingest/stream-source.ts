import type { ByteSource } from './byte-source.ts';

/** Readers come back to their header; it is kept for them. */
const KEPT_HEAD = 64 * 1024;

export interface StreamSource extends ByteSource {
  /** Reads what is left, so that what is checked at the end is checked. */
  finish(): Promise<void>;
  close(): void;
}

/**
 * Bytes that come in order only, such as unpacked ones. Going back, other than to the first bytes, starts again from
 * the front.
 *
 * @param bytes how many there are, where that is known without reading them
 */
export function streamSource(
  name: string,
  bytes: number | null,
  open: () => AsyncGenerator<Uint8Array<ArrayBuffer>>,
): StreamSource {
  let stream: AsyncGenerator<Uint8Array<ArrayBuffer>> | null = null;
  let pending = new Uint8Array(0);
  /** Of the first of `pending`. */
  let position = 0;
  let total = bytes;
  let head: Uint8Array<ArrayBuffer> | null = null;

  const restart = (): void => {
    void stream?.return(undefined);
    stream = open();
    pending = new Uint8Array(0);
    position = 0;
  };
  const fill = async (into: Uint8Array, offset: number): Promise<number> => {
    if (stream === null || offset < position) restart();
    let done = 0;
    while (done < into.length) {
      const skip = offset + done - position;
      if (skip < pending.length) {
        const part = pending.subarray(skip, skip + into.length - done);
        into.set(part, done);
        done += part.length;
        continue;
      }
      const next = await stream?.next();
      position += pending.length;
      if (next === undefined || next.done) {
        pending = new Uint8Array(0);
        total = position;
        break;
      }
      pending = next.value;
    }
    return done;
  };
  const read = async (offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> => {
    if (head !== null && (offset + length <= head.length || head.length < KEPT_HEAD))
      return head.slice(offset, offset + length);
    const into = new Uint8Array(total === null ? length : Math.max(0, Math.min(length, total - offset)));
    const done = await fill(into, offset);
    return done === into.length ? into : into.slice(0, done);
  };
  return {
    name,
    size: async () => {
      if (total === null) {
        let count = 0;
        for await (const chunk of open()) count += chunk.length;
        total = count;
      }
      return total;
    },
    read: async (offset, length) => {
      head ??= await read(0, KEPT_HEAD);
      return read(offset, length);
    },
    finish: async () => {
      if (stream === null) restart();
      while (!(await stream?.next())?.done);
    },
    close: () => {
      void stream?.return(undefined);
    },
  };
}
