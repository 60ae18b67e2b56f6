import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FileToken } from '../../contract/case.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { Dataset, DatasetRole, FileProposal } from '../../contract/evidence.ts';
import { openFile, type OpenFile } from './byte-source.ts';
import { proposeColumns } from './propose-columns.ts';
import { countRecords } from './record-count.ts';
import { readerOf } from './readers/registry.ts';
import type { ArrayReader, TableReader } from './reader.ts';

/** Files up to this size have their records counted before the import. */
const COUNTED_BYTES = 64 * 1024 * 1024;

interface Looked {
  readonly proposal: FileProposal;
  /** Distinct labels among the first records. */
  readonly labels: number | null;
}

/** Looks into the files and proposes what each is, several understood together. Reads, and imports nothing. */
export async function proposeFiles(
  files: readonly { token: FileToken; path: string }[],
  present: readonly Dataset[],
): Promise<{ files: FileProposal[]; problems: string[] }> {
  const looked: Looked[] = [];
  for (const { token, path } of files) looked.push(await look(token, path));
  const placed = placeInSets(looked, present);
  const proposals = tellLogits(placed, present);
  return { files: proposals, problems: problemsOf(proposals, present) };
}

async function look(token: FileToken, path: string): Promise<Looked> {
  let file: OpenFile | null = null;
  const unknown = {
    token,
    name: path.split(/[\\/]/).at(-1) ?? path,
    size: 0,
    format: 'unknown' as const,
    role: null,
    dataset: 'investigated' as const,
    shape: null,
    dtype: null,
    rows: null,
    columns: null,
  };
  try {
    file = openFile(path);
    const reader = readerOf(file.read(0, 4096), file.name);
    if (reader === null)
      return {
        labels: null,
        proposal: {
          ...unknown,
          size: file.size,
          problem: `${file.name} is of no kind that Bezoar reads. Give activations, logits and images as .npy, records as .csv.`,
        },
      };
    return await (reader.kind === 'array'
      ? lookAtArray(token, file, reader)
      : lookAtTable(token, file, reader));
  } catch (error) {
    if (!(error instanceof BezoarError)) throw error;
    return { labels: null, proposal: { ...unknown, size: file?.size ?? 0, problem: error.message } };
  } finally {
    file?.close();
  }
}

function lookAtArray(token: FileToken, file: OpenFile, reader: ArrayReader): Looked {
  const { dtype, shape } = reader.describe(file);
  const images = dtype === 'uint8' && (shape.length === 3 || (shape.length === 4 && shape[3] === 3));
  const vectors = dtype !== 'uint8' && shape.length === 2;
  const logits = /(^|[^a-z])(logits?|probs?|probabilities|softmax)([^a-z]|$)/i.test(file.name);
  return {
    labels: null,
    proposal: {
      token,
      name: file.name,
      size: file.size,
      format: reader.id,
      role: images ? 'images' : vectors ? (logits ? 'logits' : 'activations') : null,
      dataset: 'investigated',
      shape: [...shape],
      dtype,
      rows: shape[0] ?? 0,
      columns: null,
      problem:
        images || vectors
          ? null
          : `${file.name} is ${dtype} of shape (${shape.join(', ')}). Activations and logits are float [rows, width]; images are ` +
            'uint8 [rows, height, width] or [rows, height, width, 3].',
    },
  };
}

async function lookAtTable(token: FileToken, file: OpenFile, reader: TableReader): Promise<Looked> {
  const header = reader.header(file);
  let records: readonly (readonly string[])[] = [];
  for await (const batch of reader.records(file)) {
    records = batch.records;
    break;
  }
  const columns = proposeColumns(header, records);
  const label = columns.findIndex((column) => column.role === 'label');
  return {
    labels: label < 0 ? null : new Set(records.map((record) => record[label])).size,
    proposal: {
      token,
      name: file.name,
      size: file.size,
      format: reader.id,
      role: records.length === 0 ? null : 'records',
      dataset: 'investigated',
      shape: null,
      dtype: null,
      rows: file.size <= COUNTED_BYTES ? await countRecords(file, nextTurn) : null,
      columns,
      problem: records.length === 0 ? `${file.name} holds a header and no records.` : null,
    },
  };
}

const SURE_TRUSTED = /(^|[^a-z])(trusted|hold[-_ ]?out)([^a-z]|$)/i;
const LIKELY_TRUSTED = /(^|[^a-z])(test|valid|validation|val|reference|ref|clean|benign)([^a-z]|$)/i;

/** Which set each file belongs to: by its name, else by its number of rows. */
function placeInSets(looked: readonly Looked[], present: readonly Dataset[]): Looked[] {
  const investigated = present.some((one) => one.role === 'investigated');
  const others = looked.some(
    ({ proposal }) => !SURE_TRUSTED.test(proposal.name) && !LIKELY_TRUSTED.test(proposal.name),
  );
  const roleByName = (name: string): DatasetRole =>
    SURE_TRUSTED.test(name) || (LIKELY_TRUSTED.test(name) && (others || investigated))
      ? 'trusted'
      : 'investigated';
  const named = looked.map((one) => ({
    ...one,
    proposal: { ...one.proposal, dataset: roleByName(one.proposal.name) },
  }));
  const rowsOf = (role: DatasetRole): number | null =>
    named.find(({ proposal }) => proposal.dataset === role && proposal.role === 'records')?.proposal.rows ??
    present.find((one) => one.role === role)?.rows ??
    null;
  const [ofInvestigated, ofTrusted] = [rowsOf('investigated'), rowsOf('trusted')];
  return named.map((one) => {
    const { proposal } = one;
    const strays =
      proposal.dataset === 'investigated' &&
      proposal.role !== 'records' &&
      proposal.rows !== null &&
      ofTrusted !== null &&
      proposal.rows === ofTrusted &&
      proposal.rows !== ofInvestigated;
    return strays ? { ...one, proposal: { ...proposal, dataset: 'trusted' } } : one;
  });
}

/** Of two float arrays of a set, the one as wide as there are labels holds the logits. */
function tellLogits(looked: readonly Looked[], present: readonly Dataset[]): FileProposal[] {
  return looked.map(({ proposal }) => {
    if (proposal.role !== 'activations') return proposal;
    const width = proposal.shape?.[1] ?? 0;
    const labels = Math.max(
      0,
      ...looked.filter((one) => one.proposal.dataset === proposal.dataset).map((one) => one.labels ?? 0),
      ...present.filter((one) => one.role === proposal.dataset).map((one) => one.classes.length),
    );
    const wider = looked.some(
      (other) =>
        other.proposal !== proposal &&
        other.proposal.role === 'activations' &&
        other.proposal.dataset === proposal.dataset &&
        (other.proposal.shape?.[1] ?? 0) !== labels,
    );
    const hasActivations = present.some(
      (one) => one.role === proposal.dataset && one.matrices.some((matrix) => matrix.role === 'activations'),
    );
    return labels >= 2 && width === labels && (wider || hasActivations)
      ? { ...proposal, role: 'logits' }
      : proposal;
  });
}

function problemsOf(files: readonly FileProposal[], present: readonly Dataset[]): string[] {
  const problems: string[] = [];
  for (const role of ['investigated', 'trusted'] as const) {
    const ours = files.filter((file) => file.dataset === role && file.role !== null);
    if (ours.length === 0) continue;
    const there = present.find((one) => one.role === role);
    const records = ours.filter((file) => file.role === 'records');
    const [first] = records;
    if (records.length > 1)
      problems.push(
        `${records.map((file) => file.name).join(' and ')} both look like records of the ${role} set. Keep one.`,
      );
    if (first === undefined && there === undefined)
      problems.push(
        `The ${role} set comes without records, so its samples have no labels and are numbered; classes cannot be judged.`,
      );
    if (first !== undefined && first.columns?.some((column) => column.role === 'label') !== true)
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
    const counted = ours.filter((file) => file.rows !== null);
    const base = counted.find((file) => file.role === 'records') ?? counted[0];
    for (const file of counted)
      if (base !== undefined && file.rows !== base.rows)
        problems.push(
          `${file.name} has ${file.rows ?? 0} rows and ${base.name} has ${base.rows ?? 0}; row i of the one must be row i of the other.`,
        );
    if (first === undefined && there !== undefined && base !== undefined && base.rows !== there.rows)
      problems.push(
        `${base.name} has ${base.rows ?? 0} rows and the ${role} set in the case has ${there.rows}.`,
      );
    for (const array of ['activations', 'logits', 'images'] as const) {
      const same = ours.filter((file) => file.role === array);
      if (same.length > 1)
        problems.push(
          `${same.map((file) => file.name).join(' and ')} both look like ${array} of the ${role} set. Keep one.`,
        );
    }
  }
  return problems;
}
