import { bmpHeader } from './bmp.ts';
import { tiffDirectory, tiffTags } from './tiff-directory.ts';

export type ImageKind = 'png' | 'jpeg' | 'webp' | 'gif' | 'bmp' | 'tiff';

/** What the header of an image says, before a decoder has seen it. */
export interface ImageHeader {
  readonly kind: ImageKind;
  readonly width: number;
  readonly height: number;
  /** One channel besides transparency. */
  readonly grey: boolean;
  /** Told to be shown turned or mirrored (EXIF orientation other than 1). */
  readonly turned: boolean;
  /** Holds further frames or pages. */
  readonly more: boolean;
}

/** Larger files, or images of more pixels, are no samples of a training set. */
export const MOST_IMAGE_BYTES = 64 * 1024 * 1024;
export const MOST_PIXELS = 2 ** 26;

const starts = (bytes: Uint8Array, text: string, at = 0): boolean => {
  if (bytes.length < at + text.length) return false;
  for (let i = 0; i < text.length; i += 1) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
};

/** The format that the first bytes show; null for every other, whatever the file is called. */
function imageKind(head: Uint8Array): ImageKind | null {
  if (starts(head, '\x89PNG\r\n\x1a\n')) return 'png';
  if (starts(head, '\xff\xd8\xff')) return 'jpeg';
  if (starts(head, 'RIFF') && starts(head, 'WEBP', 8)) return 'webp';
  if (starts(head, 'GIF87a') || starts(head, 'GIF89a')) return 'gif';
  if (starts(head, 'II*\0') || starts(head, 'MM\0*')) return 'tiff';
  if (starts(head, 'BM') && bmpHeader(head) !== null) return 'bmp';
  return null;
}

/** The names that image files go by. */
export const IMAGE_NAME = /\.(png|jpe?g|jfif|webp|gif|bmp|dib|tiff?)$/i;

type Facts = Omit<ImageHeader, 'kind'>;

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const isTurned = (bytes: Uint8Array, exifAt: number): boolean => {
  const orientation = tiffDirectory(bytes, exifAt)?.value(tiffTags.orientation) ?? 1;
  return orientation >= 2 && orientation <= 8;
};

function pngFacts(bytes: Uint8Array): Facts | string {
  if (bytes.length < 33 || !starts(bytes, 'IHDR', 12)) return 'it has no header';
  const view = viewOf(bytes);
  const colour = bytes[25] ?? 0;
  let turned = false;
  // Chunks up to the pixels; an EXIF block behind them is not looked for.
  for (let at = 33; at + 12 <= bytes.length && !starts(bytes, 'IDAT', at + 4);) {
    if (starts(bytes, 'eXIf', at + 4)) turned = isTurned(bytes, at + 8);
    at += 12 + view.getUint32(at, false);
  }
  return {
    width: view.getUint32(16, false),
    height: view.getUint32(20, false),
    grey: colour === 0 || colour === 4,
    turned,
    more: false,
  };
}

function jpegFacts(bytes: Uint8Array): Facts | string {
  const view = viewOf(bytes);
  let turned = false;
  for (let at = 2; at + 4 <= bytes.length;) {
    if (bytes[at] !== 0xff) return `a marker was expected at byte ${at}`;
    const marker = bytes[at + 1] ?? 0;
    // Fill bytes, and markers without content.
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2;
      continue;
    }
    const length = view.getUint16(at + 2, false);
    if (marker === 0xe1 && starts(bytes, 'Exif\0\0', at + 4)) turned ||= isTurned(bytes, at + 10);
    const frame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (frame) {
      if (at + 10 > bytes.length) break;
      return {
        height: view.getUint16(at + 5, false),
        width: view.getUint16(at + 7, false),
        grey: bytes[at + 9] === 1,
        turned,
        more: false,
      };
    }
    if (marker === 0xd9 || marker === 0xda) break;
    at += 2 + length;
  }
  return 'it says no size';
}

function webpFacts(bytes: Uint8Array): Facts | string {
  if (bytes.length < 30) return 'it is cut off within its header';
  const view = viewOf(bytes);
  const facts = { grey: false, turned: false, more: false };
  if (starts(bytes, 'VP8 ', 12)) {
    if (!starts(bytes, '\x9d\x01\x2a', 23)) return 'its picture has no header';
    return { ...facts, width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  }
  if (starts(bytes, 'VP8L', 12)) {
    if (bytes[20] !== 0x2f) return 'its picture has no header';
    const bits = view.getUint32(21, true);
    return { ...facts, width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (!starts(bytes, 'VP8X', 12)) return 'its first part is of no kind that is known';
  const flags = bytes[20] ?? 0;
  let turned = false;
  for (let at = 30; (flags & 0x08) !== 0 && at + 8 <= bytes.length;) {
    const length = view.getUint32(at + 4, true);
    // Some writers keep the six letters that EXIF has in a JPEG.
    if (starts(bytes, 'EXIF', at))
      turned = isTurned(bytes, starts(bytes, 'Exif\0\0', at + 8) ? at + 14 : at + 8);
    at += 8 + length + (length % 2);
  }
  return {
    width: (view.getUint32(24, true) & 0xffffff) + 1,
    height: (view.getUint32(26, true) >>> 8) + 1,
    grey: false,
    turned,
    more: (flags & 0x02) !== 0,
  };
}

function gifFacts(bytes: Uint8Array): Facts | string {
  if (bytes.length < 13) return 'it is cut off within its header';
  const view = viewOf(bytes);
  const tableBytes = (packed: number): number => ((packed & 0x80) !== 0 ? 3 * 2 ** ((packed & 7) + 1) : 0);
  const pastBlocks = (from: number): number => {
    let at = from;
    while (at < bytes.length && bytes[at] !== 0) at += 1 + (bytes[at] ?? 0);
    return at + 1;
  };
  let frames = 0;
  for (let at = 13 + tableBytes(bytes[10] ?? 0); at < bytes.length && frames < 2;) {
    if (bytes[at] === 0x21) at = pastBlocks(at + 2);
    else if (bytes[at] === 0x2c) {
      frames += 1;
      at = pastBlocks(at + 11 + tableBytes(bytes[at + 9] ?? 0));
    } else break;
  }
  return {
    width: view.getUint16(6, true),
    height: view.getUint16(8, true),
    grey: false,
    turned: false,
    more: frames > 1,
  };
}

function tiffFacts(bytes: Uint8Array): Facts | string {
  const directory = tiffDirectory(bytes);
  if (directory === null) return 'its directory leads out of the file';
  const width = directory.value(tiffTags.width);
  const height = directory.value(tiffTags.height);
  if (width === null || height === null) return 'it says no size';
  if (directory.value(tiffTags.sampleFormat) === 3) return 'its pixels are floating-point numbers';
  if ((directory.value(tiffTags.bitsPerSample) ?? 1) > 16) return 'its pixels have more than 16 bits';
  const photometric = directory.value(tiffTags.photometric) ?? 0;
  const orientation = directory.value(tiffTags.orientation) ?? 1;
  return {
    width,
    height,
    grey: photometric <= 1 && (directory.value(tiffTags.samplesPerPixel) ?? 1) <= 2,
    turned: orientation >= 2 && orientation <= 8,
    more: directory.more,
  };
}

function bmpFacts(bytes: Uint8Array): Facts | string {
  const header = bmpHeader(bytes);
  if (header === null) return 'it has no header';
  return {
    width: header.width,
    height: header.height,
    grey: header.palette?.grey ?? false,
    turned: false,
    more: false,
  };
}

const readers: Readonly<Record<ImageKind, (bytes: Uint8Array) => Facts | string>> = {
  png: pngFacts,
  jpeg: jpegFacts,
  webp: webpFacts,
  gif: gifFacts,
  bmp: bmpFacts,
  tiff: tiffFacts,
};

/**
 * What the header of an image says, by its magic bytes alone; else why it is not taken, as the end of a sentence that
 * begins with the file's name. Reads nothing but what is there, whatever the file claims.
 */
export function imageHeader(bytes: Uint8Array): ImageHeader | string {
  const kind = imageKind(bytes);
  if (kind === null) return whyNoImage(bytes);
  const facts = readers[kind](bytes);
  if (typeof facts === 'string') return `cannot be read: ${facts}`;
  const { width, height } = facts;
  if (!(width >= 1 && height >= 1)) return `says that it is ${width} by ${height} pixels`;
  if (width * height > MOST_PIXELS)
    return `says that it is ${width} by ${height} pixels, and at most ${MOST_PIXELS} are read`;
  return { kind, ...facts };
}

/** Why bytes that are no image of a format that is read are refused. */
function whyNoImage(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'is empty';
  const text = Buffer.from(bytes.subarray(0, 1024)).toString('latin1');
  if (/<svg[\s/>]/i.test(text)) return 'is an SVG drawing, which can hold scripts and is never shown';
  return 'is no PNG, JPEG, WebP, GIF, BMP or TIFF image';
}
