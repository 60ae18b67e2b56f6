import sharp from 'sharp';
import { areaMean } from '../../../../native-workers/features/area-mean.ts';
import { decodeBmp } from './bmp.ts';
import { MOST_PIXELS, type ImageKind } from './image-header.ts';

/** One image to decode, and what its header said of it. */
export interface ImageToDecode {
  readonly bytes: Uint8Array;
  readonly kind: ImageKind;
  readonly width: number;
  readonly height: number;
  /** What is wanted: rows, columns and channels of the result; smaller than the image by the mean over areas. */
  readonly to: { readonly height: number; readonly width: number; readonly channels: 1 | 3 };
}

/** Pixels, uint8, shape (height, width, channels), or why there are none, as the end of a sentence that begins with the name. */
export type DecodedImage = { readonly pixels: Uint8Array } | { readonly problem: string };

/** Nothing is decoded but these, whatever libvips was built with. */
const LOADERS = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff'].map((name) => `VipsForeignLoad${name}Buffer`);

/** Settings of the library for this process: one thread an image, nothing kept, no loader but ours. */
export function prepareDecoder(): void {
  sharp.cache(false);
  sharp.concurrency(1);
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: LOADERS });
}

interface Raw {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/**
 * Decodes one image to the pixels that are stored: no colour profile and no EXIF orientation is applied, transparency is
 * left out without blending, of 16 bits the upper eight are taken, of several frames the first.
 */
export async function decodeImage(image: ImageToDecode): Promise<DecodedImage> {
  try {
    const raw = image.kind === 'bmp' ? fromBmp(image.bytes) : await byLibrary(image);
    if (typeof raw === 'string') return { problem: raw };
    if (raw.width !== image.width || raw.height !== image.height)
      return {
        problem: `says that it is ${image.width} by ${image.height} pixels and holds ${raw.width} by ${raw.height}`,
      };
    const pixels = asChannels(raw, image.to.channels);
    return { pixels: areaMean(pixels, { ...image, channels: image.to.channels }, image.to) };
  } catch (error) {
    return {
      problem: `cannot be decoded (${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)})`,
    };
  }
}

function fromBmp(bytes: Uint8Array): Raw | string {
  const found = decodeBmp(bytes);
  return typeof found === 'string' ? found : { ...found, data: found.rgb, channels: 3 };
}

async function byLibrary({ bytes }: ImageToDecode): Promise<Raw | string> {
  const input = sharp(bytes, { failOn: 'error', limitInputPixels: MOST_PIXELS, pages: 1, ignoreIcc: true });
  const { space, depth, channels } = await input.metadata();
  if (depth !== 'uchar' && depth !== 'ushort') return `holds pixels of a kind that is not read (${depth})`;
  const deep = depth === 'ushort';
  const plain = input.removeAlpha();
  if (space === 'cmyk') {
    if (deep || channels !== 4) return 'holds CMYK pixels of a kind that is not read';
    const { data, info } = await plain
      .pipelineColourspace('cmyk')
      .toColourspace('cmyk')
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { data: fromCmyk(data), width: info.width, height: info.height, channels: 3 };
  }
  const single = space === 'b-w' || space === 'grey16';
  const named = single ? (deep ? 'grey16' : 'b-w') : deep ? 'rgb16' : 'srgb';
  const { data, info } = await plain
    .toColourspace(named)
    .raw({ depth: deep ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return {
    data: deep ? upperBytes(data) : data,
    width: info.width,
    height: info.height,
    channels: info.channels,
  };
}

/** Native 16-bit values, all of whose machines are little-endian. */
function upperBytes(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(data.length / 2);
  for (let i = 0; i < out.length; i += 1) out[i] = data[2 * i + 1] ?? 0;
  return out;
}

/** Cyan, magenta, yellow and black to red, green, blue without a colour profile, as PIL does it. */
function fromCmyk(data: Uint8Array): Uint8Array {
  const out = new Uint8Array((data.length / 4) * 3);
  for (let from = 0, to = 0; from < data.length; from += 4) {
    const light = 255 - (data[from + 3] ?? 0);
    for (let c = 0; c < 3; c += 1, to += 1) {
      const product = (data[from + c] ?? 0) * light + 128;
      out[to] = Math.max(0, light - (((product >> 8) + product) >> 8));
    }
  }
  return out;
}

function asChannels({ data, channels }: Raw, wanted: 1 | 3): Uint8Array {
  if (channels === wanted) return data;
  const size = Math.floor(data.length / channels);
  const out = new Uint8Array(size * wanted);
  for (let i = 0; i < size; i += 1)
    for (let c = 0; c < wanted; c += 1)
      out[i * wanted + c] = data[i * channels + Math.min(c, channels - 1)] ?? 0;
  return out;
}
