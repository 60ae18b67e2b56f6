import { Readable, type Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { BezoarError } from '../../../contract/errors.ts';
import type { ByteSource } from '../byte-source.ts';

export type Compression = 'none' | 'gzip' | 'zstd';

const BLOCK = 1024 * 1024;
/** A file that swells by more than this, past the first megabytes, is no log. */
const MOST_RATIO = 200;
const UNQUESTIONED = 64 * 1024 * 1024;

/** Told by the first bytes; the name says nothing. */
export function compressionOf(head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd) return 'zstd';
  return 'none';
}

function* rawBlocks(source: ByteSource, consumed: (bytes: number) => void): Generator<Uint8Array> {
  for (let offset = 0; offset < source.size; offset += BLOCK) {
    const block = source.read(offset, BLOCK);
    consumed(offset + block.length);
    yield block;
  }
}

/**
 * The content of a file, decompressed where it is compressed. `consumed` is told the bytes of the file read so far.
 * @throws BezoarError evidence/malformed where the compressed stream is damaged or ends too early, evidence/too-large
 */
export async function* contentOf(
  source: ByteSource,
  compression: Compression,
  consumed: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  if (compression === 'none') {
    yield* rawBlocks(source, consumed);
    return;
  }
  let read = 0;
  const raw = Readable.from(
    rawBlocks(source, (bytes) => {
      read = bytes;
      consumed(bytes);
    }),
  );
  const inflating: Transform =
    compression === 'gzip' ? createGunzip({ chunkSize: BLOCK }) : createZstdDecompress({ chunkSize: BLOCK });
  // What goes wrong with the file itself must reach whoever waits for the inflated bytes.
  raw.on('error', (error) => inflating.destroy(error));
  let given = 0;
  try {
    for await (const block of raw.pipe(inflating) as AsyncIterable<Uint8Array>) {
      given += block.length;
      if (given > UNQUESTIONED && given > MOST_RATIO * read)
        throw new BezoarError(
          'evidence/too-large',
          `${source.name} swells to more than ${MOST_RATIO} times its size when it is decompressed, as no log does. ` +
            'Nothing was imported. Decompress it yourself if you trust it.',
        );
      yield block;
    }
  } catch (error) {
    if (error instanceof BezoarError) throw error;
    const said = error instanceof Error ? error.message : String(error);
    throw new BezoarError(
      'evidence/malformed',
      `${source.name} is not whole: its ${compression} stream is damaged or ends too early (${said}, after ${given} bytes ` +
        'of content). Nothing was imported. Get the file again.',
    );
  } finally {
    raw.destroy();
    inflating.destroy();
  }
}
