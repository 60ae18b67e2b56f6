/** Formats that are known and not read, and what to do with them. */
const refused: readonly {
  readonly at: number;
  readonly bytes: readonly number[];
  readonly what: string;
  readonly todo: string;
}[] = [
  {
    at: 257,
    bytes: [0x75, 0x73, 0x74, 0x61, 0x72],
    what: 'is a tar archive, in which very old versions of PyTorch saved too',
    todo: 'Unpack it, or save the tensors again with a version of this decade.',
  },
  {
    at: 0,
    bytes: [...Buffer.from('<svg')],
    what: 'is an SVG drawing, a format that can hold scripts',
    todo: 'Save it as PNG.',
  },
  { at: 0, bytes: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], what: 'is a 7z archive', todo: 'Unpack it.' },
  { at: 0, bytes: [0x52, 0x61, 0x72, 0x21], what: 'is a RAR archive', todo: 'Unpack it.' },
  {
    at: 0,
    bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
    what: 'is packed with xz',
    todo: 'Unpack it, or pack it with gzip or zstd.',
  },
  {
    // Behind BZh and a digit, with which a text may begin.
    at: 4,
    bytes: [0x31, 0x41, 0x59, 0x26, 0x53, 0x59],
    what: 'is packed with bzip2',
    todo: 'Unpack it, or pack it with gzip or zstd.',
  },
  {
    at: 0,
    bytes: [0x4d, 0x41, 0x54, 0x4c, 0x41, 0x42, 0x20, 0x35],
    what: 'is a MATLAB file of version 5',
    todo: 'Save it as version 7.3, which is HDF5, or write the arrays with numpy.savez.',
  },
];

const knownBy = (head: Uint8Array) =>
  refused.find(({ at, bytes }) => bytes.every((byte, index) => head[at + index] === byte));

/** Whether the first bytes are those of a format that is not read, whatever the file is called. */
export const isRefused = (head: Uint8Array): boolean => knownBy(head) !== undefined;

/** Why a file that no reader knows is not read. */
export function refusalOf(name: string, head: Uint8Array): string {
  const known = knownBy(head);
  return known === undefined
    ? `${name} is of no kind that Bezoar reads. Nothing was imported. Give arrays as .npy, .npz, ` +
        '.safetensors, .pt or .h5, records as .csv, .jsonl, .parquet or .arrow, images as .png or .jpg in a folder.'
    : `${name} ${known.what}, which Bezoar does not read. Nothing was imported. ${known.todo}`;
}
