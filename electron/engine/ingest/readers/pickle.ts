import { BezoarError } from '../../../contract/errors.ts';
import type { FileSource } from '../byte-source.ts';
import { findingsBehind, pickleFindings } from '../pickle/pickle-findings.ts';
import { globalPath, isNode, itemsOf, type PickleValue } from '../pickle/pickle-value.ts';
import { readPickle, type Pickle } from '../pickle/read-pickle.ts';
import { defineReader, type EvidenceContent } from '../reader.ts';
import { tensorEntries, type FindStorage, type Storage } from './tensor-entries.ts';

/** The number that `torch.save` began its files with before it wrote archives. */
const TORCH_MAGIC = 0x1950a86a20f9469cfc6cn;
const TORCH_PROTOCOL = 1001;

const widths: Readonly<Record<string, number>> = {
  Float: 4,
  Double: 8,
  Half: 2,
  BFloat16: 2,
  Long: 8,
  Int: 4,
  Short: 2,
  Char: 1,
  Byte: 1,
  Bool: 1,
  ComplexFloat: 8,
  ComplexDouble: 16,
};

/** The value behind a key of a dictionary with text keys. */
const valueOf = (dictionary: PickleValue | undefined, key: string): PickleValue | undefined =>
  isNode(dictionary) && dictionary.kind === 'dict'
    ? dictionary.pairs.find(([one]) => one === key)?.[1]
    : undefined;

const storageKey = (value: PickleValue | undefined): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

/** Bytes of a value of each storage that the pickle speaks of, by its key. */
function storageWidths(pickle: Pickle): Map<string, number> {
  const found = new Map<string, number>();
  for (const { id } of pickle.persistent) {
    const [, type, key] = itemsOf(id) ?? [];
    const name = /^torch\.(?:cuda\.)?(\w+)Storage$/.exec(globalPath(type) ?? '')?.[1] ?? '';
    found.set(storageKey(key), widths[name] ?? 1);
  }
  return found;
}

/**
 * The older form of `torch.save`: pickles of a magic number, a version, facts of the machine, the object and the keys
 * of its storages, then the storages one by one, each a count of 8 bytes and its values.
 */
function torchLegacy(source: FileSource, at: number): EvidenceContent {
  const format = 'pt-legacy';
  const pickles: Pickle[] = [];
  for (let count = 0; count < 4; count += 1) {
    const pickle = readPickle(source, pickles.at(-1)?.end ?? at);
    pickles.push(pickle);
    if (pickle.fault !== null) break;
  }
  const findings = pickles.flatMap((pickle) => pickleFindings(source.name, pickle));
  const [version, machine, object, keys] = pickles;
  if (keys === undefined || pickles.some(({ fault }) => fault !== null))
    return { format, entries: [], table: null, findings };
  const names = itemsOf(keys.value);
  if (version?.value !== TORCH_PROTOCOL || object?.value === undefined || names === null)
    throw new BezoarError(
      'evidence/malformed',
      `${source.name} begins as PyTorch's older files do and does not go on as they do. Nothing was imported. Save the tensors again.`,
    );
  const bigEndian = valueOf(machine?.value, 'little_endian') === false;
  const elementBytes = storageWidths(object);
  const storages = new Map<string, Storage>();
  let next = keys.end;
  for (const named of names) {
    const key = storageKey(named);
    const count = new DataView(source.readNow(next, 8).buffer);
    const values = count.byteLength === 8 ? Number(count.getBigInt64(0, !bigEndian)) : -1;
    const bytes = values * (elementBytes.get(key) ?? 1);
    if (!(values >= 0 && next + 8 + bytes <= source.bytes))
      throw new BezoarError(
        'evidence/malformed',
        `${source.name}: its storage ${key} at byte ${next} claims ${values} values, and the file ends at byte ${source.bytes}. Nothing was imported. ` +
          'The file was cut off or is damaged; save the tensors again.',
      );
    storages.set(key, { source, start: next + 8, bytes, bigEndian });
    next += 8 + bytes;
  }
  if (next < source.bytes)
    findings.push({
      kind: 'hidden-bytes',
      subject: `${source.bytes - next} bytes`,
      offset: next,
      sentence: `${source.name}: ${source.bytes - next} bytes follow the last tensor at byte ${next}. Nothing of them was read.`,
    });
  const find: FindStorage = (key) =>
    storages.get(key) ?? `the file has no storage ${JSON.stringify(key)} for it`;
  return { format, entries: tensorEntries(source, object.value, find), table: null, findings };
}

/** Pickles: PyTorch's older files, and plain pickles of NumPy arrays. They are read and never run. */
export const pickleReader = defineReader({
  access: 'anywhere',
  id: 'pickle',
  sniff: (head) => head[0] === 0x80 && (head[1] ?? 0) >= 2 && (head[1] ?? 9) <= 5,
  named: /\.(pkl|pickle|pt|pth|joblib)$/i,
  open: (source) =>
    Promise.resolve().then(() => {
      const first = readPickle(source, 0);
      if (first.fault === null && first.value === TORCH_MAGIC) return torchLegacy(source, first.end);
      const findings = findingsBehind(source, 0);
      const entries =
        first.value === undefined
          ? []
          : tensorEntries(source, first.value, () => 'a plain pickle has no storages');
      return { entries, table: null, findings };
    }),
});
