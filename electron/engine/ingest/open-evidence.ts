import { BezoarError } from '../../contract/errors.ts';
import type { TextReading } from '../../contract/evidence.ts';
import { openFile } from './byte-source.ts';
import type { EvidenceContent } from './reader.ts';
import { readerOf } from './readers/registry.ts';
import { tableEntries } from './table-entries.ts';
import { refusalOf } from './refused-formats.ts';
import { compressionOf, unpackedSource, unpackIntoMemory, type Compression } from './unpacked-source.ts';

const HEAD = 4096;

/** An evidence file with its header read; its hash is that of the file, packed or not. */
export interface OpenEvidence {
  readonly name: string;
  readonly size: number;
  /** The reader's id. */
  readonly format: string;
  readonly compression: Compression | null;
  readonly content: EvidenceContent;
  /** Bytes of the file read so far. */
  position(): number;
  /** Images done of those of a folder, each counted twice: looked at, and decoded. Null until it is known. */
  progress?(): { readonly done: number; readonly total: number } | null;
  /** What is to be known of how it was read, each a sentence. */
  notes?(): readonly string[];
  sha256(): string;
  close(): void;
}

/**
 * Opens a file with the reader that knows it, by its bytes before its name.
 * @param given how its text is written, in place of what is told from it
 * @throws BezoarError evidence/unreadable, evidence/unknown-format, and what the reader refuses it with
 */
export async function openEvidence(path: string, given?: TextReading): Promise<OpenEvidence> {
  const file = openFile(path);
  const closing: (() => void)[] = [
    () => {
      file.close();
    },
  ];
  const close = (): void => {
    for (const one of closing.reverse()) one();
  };
  try {
    const compression = compressionOf(file.readNow(0, HEAD));
    const unpacked = compression === null ? null : unpackedSource(file, compression);
    if (unpacked !== null)
      closing.push(() => {
        unpacked.close();
      });
    const head = await (unpacked ?? file).read(0, HEAD);
    const reader = readerOf(head, file.name.replace(/\.(gz|zst|zstd)$/i, ''));
    if (reader === null) throw new BezoarError('evidence/unknown-format', refusalOf(file.name, head));
    const content =
      reader.access === 'in-order'
        ? await reader.open(unpacked ?? file, given)
        : await reader.open(compression === null ? file : await unpackIntoMemory(file, compression), given);
    closing.push(() => content.close?.());
    const taken = new Set(content.entries.flatMap(({ columns = [] }) => columns));
    const more = content.table === null ? [] : await tableEntries(file.name, content.table, taken);
    return {
      name: file.name,
      size: file.bytes,
      format: content.format ?? reader.id,
      compression,
      content: { ...content, entries: [...content.entries, ...more] },
      position: () => file.position(),
      sha256: () => file.sha256(),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}
