import type { Finding } from '../../../contract/evidence.ts';
import { BezoarError } from '../../../contract/errors.ts';
import type { FileSource } from '../byte-source.ts';
import type { ArrayEntry, EvidenceContent } from '../reader.ts';
import { openMember, type ZipArchive, type ZipMember } from '../zip-archive.ts';
import { findingsOfPickle, looksLikePickle } from '../pickle/pickle-findings.ts';
import { findingsOfObjects, npyEntry, unreadableEntry } from './npy.ts';

/** Each one's header is read when the file is opened. */
const MOST_ARRAYS = 10_000;

/** The arrays of an archive of NumPy. Members that are no arrays are told of, and looked into for what they would run. */
export async function npzContent(source: FileSource, archive: ZipArchive): Promise<EvidenceContent> {
  const findings: Finding[] = [...archive.contradictions, ...archive.hidden];
  if (archive.members.length > MOST_ARRAYS)
    throw new BezoarError(
      'evidence/too-large',
      `${source.name} holds ${archive.members.length} members, and ${MOST_ARRAYS} arrays are the most that Bezoar lists. Nothing was imported. ` +
        'Save the arrays that matter on their own.',
    );
  const entries: ArrayEntry[] = [];
  for (const member of archive.members) {
    const name = member.name.replace(/\.npy$/i, '');
    const { entry, found } = await lookAt(source, member, name);
    findings.push(...found);
    const [contradiction] = archive.contradictions;
    entries.push(
      contradiction === undefined
        ? entry
        : unreadableEntry(name, entry.stored, entry.shape, contradiction.sentence),
    );
  }
  return { format: 'npz', entries, table: null, findings };
}

async function lookAt(
  source: FileSource,
  member: ZipMember,
  name: string,
): Promise<{ entry: ArrayEntry; found: Finding[] }> {
  const bytes = openMember(source, member);
  const place = `${source.name}: ${name}`;
  const named = { ...bytes, name: place };
  const head = await bytes.read(0, 256);
  if (!/\.npy$/i.test(member.name))
    return {
      entry: unreadableEntry(name, 'no array', [], `${place} is no .npy array. Nothing was imported of it.`),
      found: looksLikePickle(head) ? await findingsOfPickle(named, 0) : [],
    };
  let entry: ArrayEntry;
  try {
    entry = await npyEntry(named, name);
  } catch (error) {
    if (!(error instanceof BezoarError)) throw error;
    return { entry: unreadableEntry(name, 'damaged', [], error.message), found: [] };
  }
  const found = await findingsOfObjects(named, entry);
  const { place: inMember, ...facts } = entry;
  return {
    entry: {
      ...facts,
      ...(member.packed || inMember === undefined ? {} : { place: member.start + inMember }),
      chunks: async function* (rowsPerChunk) {
        yield* entry.chunks(rowsPerChunk);
        await bytes.verify();
      },
    },
    found,
  };
}
