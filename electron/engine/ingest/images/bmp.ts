/** What a BMP file says before its pixels. */
interface BmpHeader {
  readonly width: number;
  readonly height: number;
  /** Rows stand from the top down; else from the bottom up. */
  readonly topDown: boolean;
  readonly bits: number;
  readonly compression: number;
  readonly dataOffset: number;
  /** Where the header ends, with its masks and its palette. */
  readonly headerEnd: number;
  /** Three bytes a colour, red first; null where pixels hold their colour. */
  readonly palette: { readonly colours: Uint8Array; readonly grey: boolean } | null;
  /** Masks of red, green, blue where the pixels are bit fields. */
  readonly masks: readonly [number, number, number] | null;
}

const RGB = 0;
const BIT_FIELDS = 3;
const ALPHA_BIT_FIELDS = 6;
const CORE_HEADER = 12;

/** Reads the header and the palette; null when the bytes are none (Windows bitmap, headers of 12 and of 40 bytes and more). */
export function bmpHeader(bytes: Uint8Array): BmpHeader | null {
  if (bytes.length < 26 || bytes[0] !== 0x42 || bytes[1] !== 0x4d) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = view.getUint32(14, true);
  const core = headerBytes === CORE_HEADER;
  if ((!core && headerBytes < 40) || headerBytes > 1024 || bytes.length < 14 + headerBytes) return null;
  const width = core ? view.getUint16(18, true) : view.getInt32(18, true);
  const signed = core ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(core ? 24 : 28, true);
  const compression = core ? RGB : view.getUint32(30, true);
  if (![1, 2, 4, 8, 16, 24, 32].includes(bits) || width < 1 || signed === 0) return null;
  let end = 14 + headerBytes;
  let masks: BmpHeader['masks'] = null;
  if (compression === BIT_FIELDS || compression === ALPHA_BIT_FIELDS) {
    // Behind a header of 40 bytes, within a longer one.
    if (bytes.length < 66) return null;
    masks = [view.getUint32(54, true), view.getUint32(58, true), view.getUint32(62, true)];
    if (headerBytes === 40) end += compression === BIT_FIELDS ? 12 : 16;
  }
  const dataOffset = view.getUint32(10, true);
  let palette: BmpHeader['palette'] = null;
  if (bits <= 8) {
    const entry = core ? 3 : 4;
    const told = core ? 0 : view.getUint32(46, true);
    const most = 2 ** bits;
    const there = Math.max(0, Math.floor((bytes.length - end) / entry));
    const count = Math.min(told === 0 ? most : told, most, there);
    const colours = new Uint8Array(3 * most);
    let grey = true;
    for (let i = 0; i < count; i += 1) {
      const [blue = 0, green = 0, red = 0] = bytes.subarray(end + i * entry, end + i * entry + 3);
      colours.set([red, green, blue], 3 * i);
      grey &&= red === green && green === blue;
    }
    palette = { colours, grey };
    end += entry * (told === 0 ? most : told);
  }
  return {
    width,
    height: Math.abs(signed),
    topDown: signed < 0,
    bits,
    compression,
    dataOffset,
    headerEnd: end,
    palette,
    masks,
  };
}

/** A bit field's value at eight bits. */
function fieldOf(pixel: number, mask: number): number {
  if (mask === 0) return 0;
  const shift = 31 - Math.clz32(mask & -mask);
  const most = mask >>> shift;
  return Math.round((((pixel & mask) >>> shift) * 255) / most);
}

/**
 * The pixels of an uncompressed BMP file, red, green, blue, from the top down; transparency is left out.
 *
 * @returns why it is not read, as the end of a sentence that begins with the file's name, where it is not
 */
export function decodeBmp(bytes: Uint8Array): { width: number; height: number; rgb: Uint8Array } | string {
  const header = bmpHeader(bytes);
  if (header === null) return 'cannot be read: it has no header';
  const { width, height, topDown, bits, compression, dataOffset, headerEnd, palette, masks } = header;
  if (compression !== RGB && masks === null)
    return `is a BMP file packed by method ${compression}, and only unpacked ones are read`;
  if (masks !== null && bits !== 16 && bits !== 32) return 'cannot be read: its bit fields have no width';
  if (dataOffset < headerEnd)
    return `cannot be read: its pixels begin at byte ${dataOffset}, within its header of ${headerEnd} bytes`;
  const stride = Math.ceil((width * bits) / 32) * 4;
  if (dataOffset + stride * height > bytes.length)
    return `is cut off: its pixels end at byte ${dataOffset + stride * height}, and the file at ${bytes.length}`;
  const rgb = new Uint8Array(width * height * 3);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [red, green, blue] = masks ?? (bits === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff]);
  for (let y = 0; y < height; y += 1) {
    const row = dataOffset + stride * (topDown ? y : height - 1 - y);
    for (let x = 0; x < width; x += 1) {
      const to = 3 * (y * width + x);
      if (palette !== null) {
        const bit = x * bits;
        const index = ((bytes[row + (bit >> 3)] ?? 0) >> (8 - bits - (bit & 7))) & (2 ** bits - 1);
        rgb.set(palette.colours.subarray(3 * index, 3 * index + 3), to);
      } else if (bits === 24) {
        const from = row + 3 * x;
        rgb[to] = bytes[from + 2] ?? 0;
        rgb[to + 1] = bytes[from + 1] ?? 0;
        rgb[to + 2] = bytes[from] ?? 0;
      } else {
        const pixel = bits === 16 ? view.getUint16(row + 2 * x, true) : view.getUint32(row + 4 * x, true);
        rgb[to] = fieldOf(pixel, red);
        rgb[to + 1] = fieldOf(pixel, green);
        rgb[to + 2] = fieldOf(pixel, blue);
      }
    }
  }
  return { width, height, rgb };
}
