import { basename } from 'node:path';
import type { FileToken } from '../../contract/case.ts';
import type {
  Dataset,
  DatasetRole,
  EntryProposal,
  EntryRole,
  FileProposal,
} from '../../contract/evidence.ts';
import { EntryRole as EntryRoles } from '../../contract/evidence.ts';
import type { Sample } from '../../contract/samples.ts';
import {
  joinImages,
  lookAtImages,
  unfoldDrop,
  type FirstCells,
  type Given,
  type Known,
} from './images/propose-images.ts';
import { lookAtFiles } from './look-at-files.ts';
import { plainFacts } from './look.ts';
import { proposeTables } from './propose-tables.ts';
import { asRemembered, type SourceMemory } from './source-memory.ts';

interface Looked {
  readonly proposal: FileProposal;
  /** Distinct labels among the first records. */
  readonly labels: number | null;
}

/** A file with what is known of it beforehand. */
export interface Placed extends Looked {
  readonly path: string;
  readonly given: Known;
}

/** Looks into the files and proposes what each is, several understood together. Reads, and imports nothing. */
export async function proposeFiles(
  given: readonly Given[],
  present: readonly Dataset[],
  grant: (path: string) => FileToken,
  firstSamples: (set: Dataset) => readonly Sample[] = () => [],
  memory: Pick<SourceMemory, 'find'> = { find: () => null },
): Promise<{ files: FileProposal[]; problems: string[]; offerBuiltInFeatures: boolean }> {
  const { files, images, refused } = await unfoldDrop(given, grant);
  const unplaced = { ...plainFacts, dataset: 'investigated' as const };
  const looked: Placed[] = [];
  const seen = await lookAtFiles(
    files.map(({ path, known }) => ({ path, reading: known?.reading })),
    { hash: false },
  );
  for (const [at, { token, path, known = {} }] of files.entries()) {
    const { labels, facts } = seen[at] ?? { labels: null, facts: null };
    if (facts !== null)
      looked.push({
        path,
        labels,
        given: known,
        proposal: asRemembered({ ...unplaced, ...facts, token }, memory),
      });
  }
  for (const set of images)
    looked.push({ ...(await lookAtImages(set, unplaced)), path: set.path, given: set.known ?? {} });
  for (const { token, path, problem } of refused)
    looked.push({
      path,
      labels: null,
      given: {},
      proposal: { ...unplaced, token, name: basename(path), size: 0, format: 'unknown', problem },
    });
  const placed = proposeTables(placeInSets(looked, present));
  const proposals = joinImages(tellLogits(placed, present), (role) => {
    const set = present.find((one) => one.role === role);
    return set === undefined ? null : cellsOf(set, firstSamples(set));
  });
  return {
    files: proposals,
    problems: problemsOf(proposals, present),
    offerBuiltInFeatures: lacksActivations(proposals, present),
  };
}

/** The first cells of the key and of the columns of text. */
function cellsOf({ name, rows, columns }: Dataset, samples: readonly Sample[]): FirstCells {
  const texts = columns.filter(({ type }) => type === 'text');
  return {
    name,
    rows,
    columns: [
      { name: '', examples: samples.map(({ key }) => key) },
      ...texts.map((column) => ({
        name: column.name,
        examples: samples.map((sample) => String(sample.columns[column.name] ?? '')),
      })),
    ],
  };
}

/** Whether the investigated set would have no activations, but something that features can be made of. */
function lacksActivations(files: readonly FileProposal[], present: readonly Dataset[]): boolean {
  const there = present.find(({ role }) => role === 'investigated');
  const ours = files.filter(({ dataset, role }) => dataset === 'investigated' && role !== null);
  const entries = ours.flatMap((file) => file.entries);
  const has = (role: EntryRole): boolean => entries.some((entry) => entry.role === role);
  const activations =
    has('activations') ||
    there?.matrices.some(({ role, builtIn }) => role === 'activations' && builtIn === null) === true;
  const columns = [...ours.flatMap((file) => file.columns ?? []), ...(there?.columns ?? [])];
  const images = has('images') || there?.matrices.some(({ role }) => role === 'images') === true;
  return (
    files.length > 0 &&
    !activations &&
    (images || columns.some(({ role }) => role === 'text' || role === 'feature'))
  );
}

const SURE_TRUSTED = /(^|[^a-z])(trusted|hold[-_ ]?out)([^a-z]|$)/i;
const LIKELY_TRUSTED = /(^|[^a-z])(test|t10k|valid|validation|val|reference|ref|clean|benign)([^a-z]|$)/i;

/** Which set each file belongs to: by its name, else by its number of rows. */
function placeInSets(looked: readonly Placed[], present: readonly Dataset[]): Placed[] {
  const investigated = present.some((one) => one.role === 'investigated');
  const others = looked.some(
    ({ proposal }) => !SURE_TRUSTED.test(proposal.name) && !LIKELY_TRUSTED.test(proposal.name),
  );
  const roleByName = (name: string): DatasetRole =>
    SURE_TRUSTED.test(name) || (LIKELY_TRUSTED.test(name) && (others || investigated))
      ? 'trusted'
      : 'investigated';
  const named = looked.map((one): Placed => ({
    ...one,
    proposal: { ...one.proposal, dataset: one.given.dataset ?? roleByName(one.proposal.name) },
  }));
  const rowsOf = (role: DatasetRole): number | null =>
    named.find(({ proposal }) => proposal.dataset === role && proposal.role === 'records')?.proposal.rows ??
    present.find((one) => one.role === role)?.rows ??
    null;
  const [ofInvestigated, ofTrusted] = [rowsOf('investigated'), rowsOf('trusted')];
  return named.map((one) => {
    const { proposal } = one;
    const strays =
      one.given.dataset === undefined &&
      proposal.dataset === 'investigated' &&
      proposal.role !== 'records' &&
      proposal.rows !== null &&
      ofTrusted !== null &&
      proposal.rows === ofTrusted &&
      proposal.rows !== ofInvestigated;
    return strays ? { ...one, proposal: { ...proposal, dataset: 'trusted' } } : one;
  });
}

interface Place {
  readonly file: FileProposal;
  readonly entry: EntryProposal;
}

const placesOf = (files: readonly FileProposal[]): Place[] =>
  files.flatMap((file) => file.entries.map((entry) => ({ file, entry })));

/** An entry's file, with its name where it has one. */
const entryName = ({ file, entry }: Place): string =>
  entry.name === null ? file.name : `${file.name}: ${entry.name}`;

/** Of two float arrays of a set, the one as wide as there are labels holds the logits. */
function tellLogits(looked: readonly Placed[], present: readonly Dataset[]): FileProposal[] {
  const places = placesOf(looked.map(({ proposal }) => proposal));
  const asLogits = ({ file, entry }: Place): boolean => {
    if (
      file.remembered ||
      !entry.roles.includes('logits') ||
      (entry.role !== 'activations' && entry.role !== null)
    )
      return false;
    if (!entry.stored.includes('float') || entry.problem !== null) return false;
    const ours = places.filter((other) => other.file.dataset === file.dataset);
    const labels = Math.max(
      0,
      ...looked.filter((one) => one.proposal.dataset === file.dataset).map((one) => one.labels ?? 0),
      ...present.filter((one) => one.role === file.dataset).map((one) => one.classes.length),
    );
    const wider = ours.some(
      (other) =>
        other.entry !== entry && other.entry.role === 'activations' && (other.entry.shape[1] ?? 0) !== labels,
    );
    const hasActivations = present.some(
      (one) => one.role === file.dataset && one.matrices.some((matrix) => matrix.role === 'activations'),
    );
    const told = ours.some((other) => other.entry.role === 'logits');
    return !told && labels >= 2 && entry.shape[1] === labels && (wider || hasActivations);
  };
  return looked.map(({ proposal: file }) => ({
    ...file,
    entries: file.entries.map((entry) => (asLogits({ file, entry }) ? { ...entry, role: 'logits' } : entry)),
  }));
}

function problemsOf(files: readonly FileProposal[], present: readonly Dataset[]): string[] {
  const problems: string[] = [];
  for (const role of ['investigated', 'trusted'] as const) {
    const ours = files.filter((file) => file.dataset === role && file.role !== null && file.role !== 'model');
    if (ours.length === 0) continue;
    const there = present.find((one) => one.role === role);
    const records = ours.filter((file) => file.role === 'records');
    const parts = ours.filter((file) => file.role === 'part');
    const byRow = ours.filter((file) => file.role === 'table' && file.key === null);
    const arrays = placesOf(ours).filter(({ entry }) => entry.role !== null);
    const has = (wanted: EntryRole): boolean => arrays.some(({ entry }) => entry.role === wanted);
    const [first] = records;
    for (const { name, badRows } of ours)
      if (badRows !== null && badRows > 0)
        problems.push(
          `${badRows} records of ${name} cannot be taken. Mend them, or import the others without them.`,
        );
    if (first === undefined && there === undefined && !has('labels'))
      problems.push(
        `The ${role} set comes without records, so its samples have no labels and are numbered; classes cannot be judged.`,
      );
    if (
      first !== undefined &&
      !ours.some((file) => file.columns?.some((column) => column.role === 'label') === true) &&
      !has('labels')
    )
      problems.push(
        `${first.name} has no column that looks like the label. Choose it, or classes cannot be judged.`,
      );
    if (first !== undefined && first.columns?.some((column) => column.role === 'key') !== true)
      problems.push(`${first.name} has no column that looks like a key; the row numbers will be the keys.`);
    if (first !== undefined && there !== undefined && role === 'investigated')
      problems.push(
        `This case already investigates ${there.name}. Mark these files as trusted, or start a new case.`,
      );
    if (first !== undefined && there !== undefined && role === 'trusted')
      problems.push(
        `These files take the place of the trusted set ${there.name}; runs that used it become stale.`,
      );
    const total = [...records, ...parts].reduce<number | null>(
      (sum, { rows }) => (sum === null || rows === null ? null : sum + rows),
      0,
    );
    const counted = [
      ...(first === undefined || total === null ? [] : [{ name: first.name, rows: total }]),
      ...byRow.flatMap(({ name, rows }) => (rows === null ? [] : [{ name, rows }])),
      ...arrays.map((place) => ({ name: entryName(place), rows: place.entry.shape[0] ?? 0 })),
    ];
    const [base] = counted;
    for (const one of counted)
      if (base !== undefined && one.rows !== base.rows)
        problems.push(
          `${one.name} has ${one.rows} rows and ${base.name} has ${base.rows}; row i of the one must be row i of the other.`,
        );
    if (first === undefined && there !== undefined && base !== undefined && base.rows !== there.rows)
      problems.push(`${base.name} has ${base.rows} rows and the ${role} set in the case has ${there.rows}.`);
    for (const array of EntryRoles.options) {
      const same = arrays.filter(({ entry }) => entry.role === array);
      if (same.length > 1 && array !== 'losses')
        problems.push(
          `${same.map(entryName).join(' and ')} both look like ${array} of the ${role} set. Keep one.`,
        );
    }
  }
  return problems;
}
