/** Tags of a TIFF directory that are asked for. */
export const tiffTags = {
  width: 256,
  height: 257,
  bitsPerSample: 258,
  photometric: 262,
  orientation: 274,
  samplesPerPixel: 277,
  sampleFormat: 339,
} as const;

export interface TiffDirectory {
  /** The first value of a tag of whole numbers; null where the directory lacks it. */
  value(tag: number): number | null;
  /** Whether another directory, a further page, follows. */
  readonly more: boolean;
}

const MOST_ENTRIES = 4096;
const SHORT = 3;
const LONG = 4;

/**
 * The first directory of a TIFF file, or of the EXIF block of another one, whose header begins at `start`; null when it
 * is none or leads out of the bytes (TIFF 6.0, section 2).
 */
export function tiffDirectory(bytes: Uint8Array, start = 0): TiffDirectory | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (start + 8 > bytes.length) return null;
  const order = view.getUint16(start, false);
  if (order !== 0x4949 && order !== 0x4d4d) return null;
  const little = order === 0x4949;
  if (view.getUint16(start + 2, little) !== 42) return null;
  const first = start + view.getUint32(start + 4, little);
  if (first + 2 > bytes.length) return null;
  const count = view.getUint16(first, little);
  const end = first + 2 + 12 * count;
  if (count > MOST_ENTRIES || end + 4 > bytes.length) return null;

  const value = (tag: number): number | null => {
    for (let at = first + 2; at < end; at += 12) {
      if (view.getUint16(at, little) !== tag) continue;
      const type = view.getUint16(at + 2, little);
      const values = view.getUint32(at + 4, little);
      if (values === 0 || (type !== SHORT && type !== LONG)) return null;
      const size = type === SHORT ? 2 : 4;
      // Up to four bytes stand in the entry itself.
      const place = values * size <= 4 ? at + 8 : start + view.getUint32(at + 8, little);
      if (place + size > bytes.length) return null;
      return type === SHORT ? view.getUint16(place, little) : view.getUint32(place, little);
    }
    return null;
  };
  return { value, more: view.getUint32(end, little) !== 0 };
}
