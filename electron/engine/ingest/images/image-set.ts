import { createHash } from 'node:crypto';
import type { ImageToDecode } from './decode-image.ts';
import type { Decoder } from './decoder.ts';
import { MOST_PIXELS, imageHeader, type ImageKind } from './image-header.ts';

/** An image of a set: a file, or bytes within one. Read twice: to be looked at, then to be decoded. */
export interface ImageOrigin {
  /** As people are told it: a path, or the row of a file. */
  readonly name: string;
  /** Its bytes, or why there are none, as the end of a sentence that begins with the name. */
  read(): Uint8Array | string | Promise<Uint8Array | string>;
}

/** What was found of an image before it is decoded. */
export interface LookedAt {
  readonly kind: ImageKind;
  readonly width: number;
  readonly height: number;
  readonly grey: boolean;
  readonly turned: boolean;
  readonly more: boolean;
  readonly bytes: number;
  /** SHA-256 of its bytes. */
  readonly sha256: string;
}

/** How the images of a set are stored. */
export interface StoredSize {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  /** Images are made smaller, or stretched to one size. */
  readonly resized: boolean;
}

/** Sets whose images agree in size are stored as they are up to this; copies of others take at most a quarter of it. */
const MOST_STORED_BYTES = 4 * 2 ** 30;
/** The longer side of copies. */
const COPY_SIDE = 128;
const LEAST_SIDE = 8;
/** What goes to the decoder at a time. */
const BATCH_IMAGES = 32;
const BATCH_BYTES = 4 * 2 ** 20;

/** Looks at one image: its hash, and what its header says; else why it is not taken. */
export async function lookAtImage(origin: ImageOrigin): Promise<LookedAt | string> {
  const bytes = await origin.read();
  if (typeof bytes === 'string') return bytes;
  const header = imageHeader(bytes);
  if (typeof header === 'string') return header;
  return { ...header, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/**
 * The size that a set is stored in: its own where all images agree and 4 GiB hold them; else that of copies, whose sides
 * are the medians of the images' sides, made smaller together until the longer one is at most 128 and 1 GiB holds them.
 * Images are stretched to it. Three channels, one where every image is grey.
 *
 * @param images at least one
 */
export function storedSize(images: readonly LookedAt[]): StoredSize {
  const channels = images.every(({ grey }) => grey) ? 1 : 3;
  const [{ width, height }] = images;
  const agree = images.every((one) => one.width === width && one.height === height);
  if (agree && images.length * width * height * channels <= MOST_STORED_BYTES)
    return { height, width, channels, resized: false };
  const median = (sides: number[]): number => sides.sort((a, b) => a - b)[Math.floor(sides.length / 2)] ?? 1;
  const middle = {
    width: median(images.map((one) => one.width)),
    height: median(images.map((one) => one.height)),
  };
  const room = Math.sqrt(MOST_STORED_BYTES / 4 / (images.length * channels * middle.width * middle.height));
  const scale = Math.min(1, COPY_SIDE / Math.max(middle.width, middle.height), room);
  const side = (length: number): number => Math.max(LEAST_SIDE, Math.round(length * scale));
  return { height: side(middle.height), width: side(middle.width), channels, resized: true };
}

/** Pixels of some images of a set in order, and which of them could not be decoded, and why. */
export interface DecodedBatch {
  readonly first: number;
  /** uint8, shape (images, height, width, channels); zeros for an image that could not be decoded. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  readonly problems: readonly { readonly index: number; readonly what: string }[];
}

interface ReadBatch {
  readonly first: number;
  readonly end: number;
  readonly images: readonly ImageToDecode[];
  /** Which image of the set each of them is. */
  readonly indices: readonly number[];
  readonly problems: DecodedBatch['problems'];
}

async function readBatch(
  origins: readonly ImageOrigin[],
  looked: readonly LookedAt[],
  { height, width, channels }: StoredSize,
  first: number,
): Promise<ReadBatch> {
  const images: ImageToDecode[] = [];
  const indices: number[] = [];
  const problems: { index: number; what: string }[] = [];
  let end = first;
  let [bytes, pixels] = [0, 0];
  while (end < origins.length && end - first < BATCH_IMAGES && bytes < BATCH_BYTES && pixels < MOST_PIXELS) {
    const facts = looked[end];
    const read = await origins[end].read();
    if (typeof read === 'string') problems.push({ index: end, what: read });
    else if (createHash('sha256').update(read).digest('hex') !== facts.sha256)
      problems.push({ index: end, what: 'changed while it was read' });
    else {
      images.push({ ...facts, bytes: read, to: { height, width, channels } });
      indices.push(end);
      bytes += read.length;
      pixels += facts.width * facts.height;
    }
    end += 1;
  }
  return { first, end, images, indices, problems };
}

async function decodeBatch(
  { first, end, images, indices, problems }: ReadBatch,
  { height, width, channels }: StoredSize,
  decoder: Decoder,
): Promise<DecodedBatch> {
  const one = height * width * channels;
  const pixels = new Uint8Array((end - first) * one);
  const told = [...problems];
  const decoded = images.length === 0 ? [] : await decoder.decode(images);
  decoded.forEach((image, at) => {
    const index = indices[at];
    if ('problem' in image) told.push({ index, what: image.problem });
    else pixels.set(image.pixels, (index - first) * one);
  });
  return { first, pixels, problems: told };
}

/**
 * Decodes the images of a set to the size that it is stored in, some at a time: while the decoder works on a batch the next
 * one is read. An image that is not the one that was looked at is a problem.
 *
 * @param looked what was found of each origin
 * @throws BezoarError evidence/malformed when the decoder dies again and again
 */
export async function* decodeImages(
  origins: readonly ImageOrigin[],
  looked: readonly LookedAt[],
  size: StoredSize,
  decoder: Decoder,
): AsyncGenerator<DecodedBatch> {
  let underway: Promise<DecodedBatch> | null = null;
  for (let first = 0; first < origins.length;) {
    const batch = await readBatch(origins, looked, size, first);
    first = batch.end;
    const done: DecodedBatch | null = underway === null ? null : await underway;
    underway = decodeBatch(batch, size, decoder);
    // Should whoever takes the batches leave, nobody waits for this one.
    underway.catch(() => undefined);
    if (done !== null) yield done;
  }
  if (underway !== null) yield await underway;
}
