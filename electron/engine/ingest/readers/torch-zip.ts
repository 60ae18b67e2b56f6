import { BezoarError } from '../../../contract/errors.ts';
import type { Finding } from '../../../contract/evidence.ts';
import { bytesAsSource, type FileSource } from '../byte-source.ts';
import { findingsBehind, findingsOfPickle, looksLikePickle } from '../pickle/pickle-findings.ts';
import { readPickle } from '../pickle/read-pickle.ts';
import type { ArrayEntry, EvidenceContent } from '../reader.ts';
import { openMember, type ZipArchive, type ZipMember } from '../zip-archive.ts';
import { unreadableEntry } from './npy.ts';
import { tensorEntries, type FindStorage, type Storage } from './tensor-entries.ts';

/** A pickle of tensors holds names and numbers; one beyond this holds something else. */
const MOST_PICKLE_BYTES = 256 * 1024 * 1024;

/**
 * Tensors of an archive that `torch.save` wrote: `ROOT/data.pkl` names them, `ROOT/data/KEY` holds their values. The
 * pickle is read and never run. Every member that could be a pickle is looked into, whatever it is called.
 */
export async function torchZipContent(source: FileSource, archive: ZipArchive): Promise<EvidenceContent> {
  const { members, contradictions, hidden } = archive;
  const main = members.filter(({ name }) => /(^|\/)data\.pkl$/.test(name));
  const [first] = main;
  if (first === undefined || main.length > 1)
    throw new BezoarError(
      'evidence/malformed',
      `${source.name} holds ${main.length} members named data.pkl, and a loader reads only one. Nothing was imported. Save the tensors again.`,
    );
  if (first.bytes > MOST_PICKLE_BYTES)
    throw new BezoarError(
      'evidence/too-large',
      `${source.name}: its pickle ${first.name} has ${first.bytes} bytes, and ${MOST_PICKLE_BYTES} are the most that Bezoar reads. Nothing was imported. ` +
        'Save the tensors alone, without what else is in it.',
    );
  const findings: Finding[] = [...contradictions, ...hidden];
  const pickleBytes = openMember(source, first);
  const pickle = bytesAsSource(source.name, await pickleBytes.read(0, first.bytes));
  // Told in spite of a wrong checksum: a loader may not look at it.
  let spoiled: string | null = contradictions[0]?.sentence ?? null;
  try {
    await pickleBytes.verify();
  } catch (error) {
    if (!(error instanceof BezoarError)) throw error;
    spoiled ??= error.message;
    findings.push({
      kind: 'tampered-archive',
      subject: first.name,
      offset: first.start,
      sentence: error.message,
    });
  }
  findings.push(...findingsBehind({ ...pickle, name: `${source.name} (${first.name})` }, 0));
  const root = first.name.slice(0, -'data.pkl'.length);
  findings.push(...(await findingsElsewhere(source, members, first, root)));
  const { value, fault } = readPickle(pickle, 0);
  if (value === undefined || fault !== null) return { format: 'pt', entries: [], table: null, findings };
  const order = await byteOrder(source, members, root);
  const entries = tensorEntries(pickle, value, storagesIn(source, members, root, order));
  const reason = spoiled;
  return {
    format: 'pt',
    entries: reason === null ? entries : entries.map((entry) => refused(entry, reason)),
    table: null,
    findings,
  };
}

const refused = ({ name, stored, shape }: ArrayEntry, reason: string): ArrayEntry =>
  unreadableEntry(name, stored, shape, reason);

/** Pickles in other members: loaders of other kinds, or of other names, would find them. */
async function findingsElsewhere(
  source: FileSource,
  members: readonly ZipMember[],
  main: ZipMember,
  root: string,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const member of members) {
    if (member === main || member.bytes > MOST_PICKLE_BYTES) continue;
    // Storages hold numbers, which may begin as a pickle does; only what says so and asks for something is told of.
    const bytes = openMember(source, member);
    if (!looksLikePickle(await bytes.read(0, 2))) continue;
    const found = await findingsOfPickle({ ...bytes, name: `${source.name} (${member.name})` }, 0);
    const storage = member.name.startsWith(`${root}data/`);
    findings.push(...found.filter(({ kind }) => !storage || kind === 'asks-for-code'));
  }
  return findings;
}

async function byteOrder(
  source: FileSource,
  members: readonly ZipMember[],
  root: string,
): Promise<'little' | 'big'> {
  const member = members.find(({ name }) => name === `${root}byteorder`);
  if (member === undefined || member.bytes > 16) return 'little';
  const text = Buffer.from(await openMember(source, member).read(0, member.bytes)).toString('latin1');
  return text.trim() === 'big' ? 'big' : 'little';
}

function storagesIn(
  source: FileSource,
  members: readonly ZipMember[],
  root: string,
  order: 'little' | 'big',
): FindStorage {
  const byName = new Map(members.map((member) => [member.name, member]));
  const opened = new Map<string, Storage>();
  return (key) => {
    const member = byName.get(`${root}data/${key}`);
    if (member === undefined) return `the archive has no storage ${JSON.stringify(key)} for it`;
    const found = opened.get(key) ?? {
      ...openStorage(source, member),
      bytes: member.bytes,
      bigEndian: order === 'big',
    };
    opened.set(key, found);
    return found;
  };
}

function openStorage(source: FileSource, member: ZipMember): Pick<Storage, 'source' | 'start' | 'verify'> {
  const bytes = openMember(source, member);
  return { source: bytes, start: 0, verify: () => bytes.verify() };
}
