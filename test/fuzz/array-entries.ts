import { bytesAsSource } from '../../electron/engine/ingest/byte-source.ts';
import { hdf5Reader } from '../../electron/engine/ingest/readers/hdf5.ts';
import { idxReader } from '../../electron/engine/ingest/readers/idx.ts';
import { npyReader } from '../../electron/engine/ingest/readers/npy.ts';
import { pickleReader } from '../../electron/engine/ingest/readers/pickle.ts';
import { safetensorsReader } from '../../electron/engine/ingest/readers/safetensors.ts';
import { zipReader } from '../../electron/engine/ingest/readers/zip.ts';
import type { Reader } from '../../electron/engine/ingest/reader.ts';
import { bytesOf } from '../fixtures/npy-bytes.ts';
import { safetensorsBytes } from '../fixtures/safetensors-bytes.ts';
import { zipBytes } from '../fixtures/zip-bytes.ts';
import type { FuzzEntry, ReadArray, Reading, SeedFile } from './fuzz-entry.ts';
import { changed, type Draws } from './mutant.ts';
import { readContent } from './read-evidence.ts';
import { safetensorsDiffers } from './second-readers.ts';
import { written } from './seed-files.ts';
import { membersOf } from './zip-members.ts';

/** Reads with one reader, whatever the first bytes say, as a name can make it do. */
const readBy =
  (reader: Reader, second?: (bytes: Uint8Array, arrays: readonly ReadArray[]) => string | null) =>
  async (name: string, bytes: Uint8Array): Promise<Reading> => {
    const source = bytesAsSource(name, bytes);
    const { decoded, arrays } = await readContent(source, await reader.open(source));
    return { decoded, arrays, differs: (of) => second?.(of, arrays) ?? null };
  };

/** Half of the mutants are archives as they are written, with changed members: checksums would refuse nearly all else. */
function changedMembers(seed: SeedFile, seeds: readonly SeedFile[], draws: Draws): Uint8Array {
  const others = seeds.map(({ bytes }) => bytes);
  if (draws.below(2) === 0) return changed(seed.bytes, others, draws);
  const members = membersOf(seed.bytes);
  const one = draws.oneOf(members);
  const spliced = members.map(({ data }) => data);
  return zipBytes(
    members.map((member) => ({
      ...member,
      deflate: draws.below(3) === 0,
      data: member === one || draws.below(8) === 0 ? changed(member.data, spliced, draws) : member.data,
    })),
  );
}

const tensors = (): readonly SeedFile[] => [
  { name: 'a.safetensors', bytes: safetensorsBytes() },
  {
    name: 'b.safetensors',
    bytes: safetensorsBytes(
      {
        '': { dtype: 'BF16', shape: [2, 2, 2], data_offsets: [0, 16] },
        b: { dtype: 'I64', shape: [3], data_offsets: [16, 40] },
        c: { dtype: 'BOOL', shape: [4, 1], data_offsets: [40, 44] },
      },
      bytesOf(Uint8Array.from({ length: 44 }, (_, at) => at)),
    ),
  },
];

export const arrayEntries: readonly FuzzEntry[] = [
  {
    name: 'npy',
    covers: ['npy'],
    seeds: () =>
      written(
        'big-endian-fortran.npy',
        'version-1.npy',
        'version-2.npy',
        'version-3.npy',
        'labels.npy',
        'structured.npy',
        'text.npy',
        'objects.npy',
      ),
    read: readBy(npyReader),
    peer: 'npy',
  },
  {
    name: 'npz',
    covers: ['zip'],
    seeds: () => written('small.npz'),
    mutant: changedMembers,
    read: readBy(zipReader),
    peer: 'npz',
  },
  {
    name: 'pt',
    covers: ['zip'],
    seeds: () => written('single.pt', 'state.pth', 'arguments.pt', 'namespace.pt'),
    mutant: changedMembers,
    read: readBy(zipReader),
    peer: 'torch',
  },
  {
    name: 'zip',
    covers: ['zip'],
    seeds: () => written('small.npz', 'single.pt'),
    read: readBy(zipReader),
    peer: 'zip',
  },
  {
    name: 'pt-legacy',
    covers: ['pickle'],
    seeds: () => written('state-legacy.pth'),
    read: readBy(pickleReader),
    peer: 'torch',
  },
  {
    name: 'pickle',
    covers: ['pickle'],
    seeds: () =>
      written(
        'protocol-0.pkl',
        'protocol-1.pkl',
        'protocol-2.pkl',
        'protocol-3.pkl',
        'protocol-4.pkl',
        'protocol-5.pkl',
      ),
    read: readBy(pickleReader),
    peer: 'pickle',
  },
  {
    name: 'safetensors',
    covers: ['safetensors'],
    seeds: tensors,
    read: readBy(safetensorsReader, safetensorsDiffers),
    peer: 'safetensors',
  },
  {
    name: 'hdf5',
    covers: ['hdf5'],
    seeds: () => written('userblock.h5', 'latest.h5', 'earliest.h5'),
    read: readBy(hdf5Reader),
    peer: 'hdf5',
    slice: 24,
  },
  {
    name: 'idx',
    covers: ['idx'],
    seeds: () =>
      written(
        'idx/activations-idx2-float32',
        'idx/activations-idx2-float64',
        'idx/t10k-images-idx3-ubyte',
        'idx/t10k-labels-idx1-ubyte',
        'idx/values-idx2-int16',
        'idx/values-idx2-int32',
        'idx/values-idx2-int8',
      ),
    read: readBy(idxReader),
    peer: 'idx',
  },
];
