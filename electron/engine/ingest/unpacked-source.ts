import { pipeline, Readable } from 'node:stream';
import * as zlib from 'node:zlib';
import { BezoarError } from '../../contract/errors.ts';
import { bytesAsSource, type ByteSource, type FileSource } from './byte-source.ts';
import { streamSource, type StreamSource } from './stream-source.ts';
import { zstdFrames } from './zstd-frames.ts';

export type Compression = 'gzip' | 'zstd';

const BLOCK = 256 * 1024;
const MOST_UNPACKED_BYTES = 256 * 1024 * 1024 * 1024;
/** What readers that read here and there have unpacked in memory. */
const MOST_IN_MEMORY = 1024 * 1024 * 1024;

/** What the whole file is packed with, by its first bytes. */
export function compressionOf(head: Uint8Array): Compression | null {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  const [first = 0, second, third, fourth] = head;
  if (first === 0x28 && second === 0xb5 && third === 0x2f && fourth === 0xfd) return 'zstd';
  // A frame that is passed over, as pzstd begins its files with.
  return first >> 4 === 5 && second === 0x2a && third === 0x4d && fourth === 0x18 ? 'zstd' : null;
}

const tooLarge = (name: string, most: number): BezoarError =>
  new BezoarError(
    'evidence/too-large',
    `${name} unpacks to more than ${most} bytes, the most that Bezoar unpacks of one file. Nothing was imported. ` +
      'Unpack it yourself if it is meant to be so large, and give the unpacked file.',
  );

/** The unpacked bytes in order. @throws BezoarError evidence/malformed, evidence/too-large */
export async function* unpacked(
  file: ByteSource,
  kind: Compression,
  most: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  if (kind === 'zstd' && !('createZstdDecompress' in zlib))
    throw new BezoarError(
      'evidence/unknown-format',
      `${file.name} is packed with zstd, which this version of Node does not know. Nothing was imported. Unpack it, or pack it with gzip.`,
    );
  const stream =
    kind === 'gzip'
      ? zlib.createGunzip({ chunkSize: BLOCK })
      : zlib.createZstdDecompress({ chunkSize: BLOCK });
  const size = await file.size();
  const split = kind === 'zstd' ? zstdFrames() : (block: Uint8Array) => [block];
  const blocks = async function* () {
    for (let offset = 0; offset < size; offset += BLOCK) yield* split(await file.read(offset, BLOCK));
  };
  const from = Readable.from(blocks());
  // What goes wrong there destroys the stream with it, and the loop below throws it.
  pipeline(from, stream, () => undefined);
  let total = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array<ArrayBuffer>>) {
      total += chunk.length;
      if (total > most) throw tooLarge(file.name, most);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof BezoarError) throw error;
    throw new BezoarError(
      'evidence/malformed',
      `${file.name}: what it is packed with (${kind}) is damaged or breaks off, after ${total} unpacked bytes ` +
        `(${error instanceof Error ? error.message : String(error)}). Nothing was imported. Fetch the file again.`,
    );
  } finally {
    from.destroy();
    stream.destroy();
  }
}

/** A packed file as the bytes within. */
export const unpackedSource = (file: ByteSource, kind: Compression): StreamSource =>
  streamSource(file.name, null, () => unpacked(file, kind, MOST_UNPACKED_BYTES));

/** A packed file unpacked into memory, for readers that read here and there. @throws BezoarError evidence/too-large */
export async function unpackIntoMemory(file: ByteSource, kind: Compression): Promise<FileSource> {
  const parts: Uint8Array[] = [];
  for await (const chunk of unpacked(file, kind, MOST_IN_MEMORY)) parts.push(chunk);
  return bytesAsSource(file.name, Buffer.concat(parts));
}
