import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { LinkState } from '../contract/evidence.ts';
import { BezoarError } from '../contract/errors.ts';
import type { CaseFile } from '../engine/case/case-file.ts';
import type { MatrixLink } from '../engine/case/linked-file.ts';
import { findLinkedFiles, whyNotFound } from '../engine/ingest/find-linked-file.ts';
import { namedCase, withCase } from './case-on-command-line.ts';

export const RELINK_USAGE = 'relink CASE.bezoar [FILE|FOLDER]... [--json]';

interface RelinkArguments {
  readonly path: string;
  readonly places: readonly string[];
  readonly json: boolean;
}

/** A linked file after the command, one for each that evidence of the case lies in. */
interface LinkedFile {
  readonly path: string;
  readonly state: LinkState;
  readonly size: number;
  readonly sha256: string;
  /** Where it was before the command found it again; null where it was not looked for or not found. */
  readonly was: string | null;
}

const stateOf: Record<LinkState, string> = {
  linked: 'is where it was linked.',
  missing: 'is not there.',
  changed: 'was changed since it was linked, by its size or the time of its last change.',
};

/** A name may be made to steer a terminal. */
const printable = (line: string): string => line.replace(/\p{Cc}/gu, '?');

/**
 * Looks among files and in folders for the linked files of a case that are missing or changed, and links each that has the
 * size and SHA-256 it was imported with; the others stay as they were. Without places it says how the links stand.
 * @returns the exit code: 0 every linked file is there, 1 one is not
 * @throws BezoarError usage, or the file is no case
 */
export function relinkCommand(argv: readonly string[]): Promise<number> {
  const { path, places, json } = parseRelinkArguments(argv);
  return withCase(path, async (engine) => {
    const files = await relinked(engine.caseFile(), places);
    const lines = files.map(({ file: { path: at, state, was }, why }) =>
      printable(was === null ? `${at} ${stateOf[state]}${why}` : `${was}: found by its hash, now ${at}.`),
    );
    const text =
      lines.length === 0 ? 'No evidence of this case is linked: all values are in it.' : lines.join('\n');
    const told = files.map(({ file }) => file);
    process.stdout.write(`${json ? JSON.stringify(told, null, 2) : text}\n`);
    return told.every(({ state }) => state === 'linked') ? 0 : 1;
  });
}

/** One for each size and hash, in the order of the evidence; where copies of a file were linked, one that is not there counts. */
function linksOf(caseFile: CaseFile): { link: MatrixLink; state: LinkState }[] {
  const links = new Map<string, { link: MatrixLink; state: LinkState }>();
  for (const { id, link: shown } of caseFile.evidence.list()) {
    const link = shown === null ? null : caseFile.links.of(id);
    if (shown === null || link === null) continue;
    const key = `${link.size} ${link.sha256}`;
    const known = links.get(key)?.state;
    if (known === undefined || known === 'linked') links.set(key, { link, state: shown.state });
  }
  return [...links.values()];
}

async function relinked(
  caseFile: CaseFile,
  places: readonly string[],
): Promise<{ file: LinkedFile; why: string }[]> {
  const links = linksOf(caseFile);
  const lost = links.filter(({ state }) => state !== 'linked').map(({ link }) => link);
  const search = places.length === 0 || lost.length === 0 ? null : await findLinkedFiles(lost, places);
  return links.map(({ link, state }) => {
    const { path, size, sha256 } = link;
    const found = state === 'linked' ? undefined : search?.found.get(sha256);
    if (found === undefined) {
      const why = state === 'linked' || search === null ? '' : ` ${whyNotFound(link, search)}`;
      return { file: { path, state, size, sha256, was: null }, why };
    }
    caseFile.links.relink({ ...link, ...found });
    return { file: { path: found.path, state: 'linked', size, sha256, was: path }, why: '' };
  });
}

/** @throws BezoarError usage */
export function parseRelinkArguments(argv: readonly string[]): RelinkArguments {
  try {
    const { positionals, values } = parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: true,
      options: { json: { type: 'boolean' } },
    });
    const path = namedCase(positionals.slice(0, 1), RELINK_USAGE);
    const places = positionals.slice(1);
    for (const place of places)
      if (!existsSync(place))
        throw new BezoarError('usage', `There is no file or folder ${place}. Check its name.`);
    return { path, places: places.map((place) => resolve(place)), json: values.json ?? false };
  } catch (error) {
    if (error instanceof BezoarError) throw error;
    throw new BezoarError('usage', `${(error as Error).message}\nUsage: ${RELINK_USAGE}`);
  }
}
