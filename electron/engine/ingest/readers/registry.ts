import type { Reader } from '../reader.ts';
import { isRefused } from '../refused-formats.ts';
import { arrowReader } from './arrow.ts';
import { csvReader } from './csv.ts';
import { hdf5Reader } from './hdf5.ts';
import { idxReader } from './idx.ts';
import { jsonLinesReader } from './json-lines.ts';
import { jsonReader } from './json.ts';
import { npyReader } from './npy.ts';
import { onnxReader } from './onnx.ts';
import { parquetReader } from './parquet.ts';
import { pickleReader } from './pickle.ts';
import { safetensorsReader } from './safetensors.ts';
import { zipReader } from './zip.ts';

/** In the order in which they are asked; the first that knows the file reads it. */
export const readers: readonly Reader[] = [
  npyReader,
  zipReader,
  parquetReader,
  arrowReader,
  hdf5Reader,
  safetensorsReader,
  pickleReader,
  idxReader,
  onnxReader,
  jsonLinesReader,
  jsonReader,
  csvReader,
];

/** The reader for a file by its first bytes, else by its name unless they are those of what is not read; or null. */
export function readerOf(head: Uint8Array, name: string): Reader | null {
  const told = readers.find((reader) => reader.sniff(head));
  if (told !== undefined) return told;
  return isRefused(head) ? null : (readers.find(({ named }) => named.test(name)) ?? null);
}
