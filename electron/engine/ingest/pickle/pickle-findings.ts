import type { Finding } from '../../../contract/evidence.ts';
import { bytesAsSource, type ByteSource, type FileSource } from '../byte-source.ts';
import { knownGlobals } from './known-globals.ts';
import { globalPath, isNode, itemsOf, type PickleValue } from './pickle-value.ts';
import { readPickle, type Pickle } from './read-pickle.ts';

/** Pickles one after the other in a file; a loader reads the first, or as many as it likes. */
const MOST_PICKLES = 64;
const MOST_FINDINGS = 100;
const MOST_SHOWN = 120;
const MOST_IN_MEMORY = 256 * 1024 * 1024;

/** Whether bytes can be the begin of a pickle: protocol 2 and later say so; before, an opcode that may come first. */
export const looksLikePickle = (head: Uint8Array): boolean =>
  (head[0] === 0x80 && (head[1] ?? 9) >= 2 && (head[1] ?? 9) <= 5) ||
  [0x28, 0x63, 0x5d, 0x7d].includes(head[0] ?? 0);

/** Plain arguments of a call, for people to read. */
function shown(value: PickleValue | undefined): string {
  const items = itemsOf(value);
  if (items === null) return '';
  const parts = items
    .slice(0, 4)
    .map((item) =>
      typeof item === 'string'
        ? JSON.stringify(item)
        : isNode(item)
          ? (globalPath(item) ?? '…')
          : String(item),
    );
  const text = parts.join(', ') + (items.length > 4 ? ', …' : '');
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}

/** What a pickle would import or call that is not among what tensors and arrays are made with. */
export function pickleFindings(name: string, pickle: Pickle): Finding[] {
  const findings: Finding[] = [];
  const told = new Set<string>();
  for (const { path, offset } of pickle.globals) {
    if (knownGlobals.has(path) || told.has(path)) continue;
    told.add(path);
    const call = pickle.calls.find(({ callee }) => globalPath(callee) === path);
    const what = call === undefined ? `to import ${path}` : `to call ${path}(${shown(call.args)})`;
    findings.push({
      kind: 'asks-for-code',
      subject: path,
      offset,
      sentence: `${name} asks Python ${what}, at byte ${offset}. That is not among what tensors and arrays are made with, and nothing of it was run.`,
    });
  }
  for (const { code, offset } of pickle.extensions)
    findings.push({
      kind: 'asks-for-code',
      subject: `extension ${code}`,
      offset,
      sentence: `${name} asks Python to import what it has registered under number ${code}, at byte ${offset}. Nothing of it was run.`,
    });
  // What is called by a name that was itself made by a call has no name here.
  const computed = pickle.calls.find(({ callee }) => globalPath(callee) === null);
  if (computed !== undefined)
    findings.push({
      kind: 'asks-for-code',
      subject: 'a computed function',
      offset: computed.offset,
      sentence: `${name} asks Python to call what an earlier step gives, at byte ${computed.offset}. Nothing of it was run.`,
    });
  if (pickle.fault !== null)
    findings.push({
      kind: 'broken-pickle',
      subject: 'broken pickle',
      offset: pickle.fault.offset,
      sentence:
        `${name} breaks the rules of a pickle at byte ${pickle.fault.offset}: ${pickle.fault.reason}. ` +
        'What stands behind it may be hidden from a check and not from a loader; no value of it was read.',
    });
  return findings.slice(0, MOST_FINDINGS);
}

/** Findings of all pickles from `start` on, and of bytes that follow the last. */
export function findingsBehind(source: FileSource, start: number): Finding[] {
  const findings: Finding[] = [];
  let at = start;
  for (let count = 0; count < MOST_PICKLES && at < source.bytes; count += 1) {
    const pickle = readPickle(source, at);
    // Bytes that do not say that they are a pickle and ask for nothing are only bytes.
    const says = source.readNow(at, 1)[0] === 0x80;
    if (pickle.fault !== null && !says && pickle.globals.length === 0) {
      if (count === 0) return [];
      break;
    }
    findings.push(...pickleFindings(source.name, pickle));
    at = pickle.end;
    if (pickle.fault !== null) return findings;
  }
  if (at < source.bytes)
    findings.push({
      kind: 'hidden-bytes',
      subject: `${source.bytes - at} bytes`,
      offset: at,
      sentence: `${source.name}: ${source.bytes - at} bytes follow the pickle's end at byte ${at}. Nothing of them was read.`,
    });
  return findings;
}

/** A source that can be read anywhere at once: itself, or what is packed in memory; null where that is too large. */
async function anywhere(source: ByteSource): Promise<FileSource | null> {
  if ('readNow' in source) return source as FileSource;
  const size = await source.size();
  return size > MOST_IN_MEMORY ? null : bytesAsSource(source.name, await source.read(0, size));
}

/** The same of a source that may be packed. */
export async function findingsOfPickle(source: ByteSource, start: number): Promise<Finding[]> {
  const file = await anywhere(source);
  if (file !== null) return findingsBehind(file, start);
  return [
    {
      kind: 'broken-pickle',
      subject: 'a large pickle',
      offset: start,
      sentence: `${source.name} holds a pickle that is too large to be looked into. No value of it was read.`,
    },
  ];
}
