import type { FileToken } from '../../../electron/contract/case.ts';
import { EntryRole } from '../../../electron/contract/evidence.ts';
import type {
  ColumnRole,
  DatasetPlan,
  DatasetRole,
  EntryProposal,
  FileProposal,
} from '../../../electron/contract/evidence.ts';
import { formatCount, formatList } from '../../components/number-format.ts';

/** What the analyst settled on for one file. */
export interface FileChoice {
  readonly include: boolean;
  readonly dataset: DatasetRole;
  /** In the order of the file's columns; empty for arrays. */
  readonly columns: readonly { readonly name: string; readonly role: ColumnRole }[];
  /** In the order of the file's arrays; null leaves an array out. */
  readonly entries: readonly (EntryRole | null)[];
  /** The column of the records that names the images; null where the images are records of their own. */
  readonly imageColumn: string | null;
}

interface ImportPlan {
  readonly datasets: DatasetPlan[];
  readonly models: FileToken[];
  /** Why this cannot be imported as it stands. */
  readonly problems: string[];
  /** What will happen that might surprise. */
  readonly notes: string[];
}

/** Whether anything of the file can be taken at all. */
export const isUsable = (file: FileProposal): boolean =>
  file.role === 'records' || file.role === 'model' || file.entries.some(({ roles }) => roles.length > 0);

/** The engine's proposal as a choice; a file that cannot be taken is left out. */
export function proposedChoice(file: FileProposal): FileChoice {
  return {
    include: file.role !== null,
    dataset: file.dataset,
    columns: (file.columns ?? []).map(({ name, role }) => ({ name, role })),
    entries: file.entries.map(({ role }) => role),
    imageColumn: file.imageColumn,
  };
}

/** An array's file, with its name where it has one. */
export const arrayName = (file: FileProposal, { name }: EntryProposal): string =>
  name === null ? file.name : `${file.name}: ${name}`;

/** Images that lie in files of their own, in a folder or in the drop. */
export const areImages = (file: FileProposal): boolean =>
  file.format === 'image-folder' || file.format === 'image-files';

/** Whether the file is taken for the records of its set. */
const isRecords = (file: FileProposal, choice: FileChoice): boolean =>
  areImages(file) ? file.columns !== null && choice.imageColumn === null : file.role === 'records';

const onlyOnce: readonly ColumnRole[] = ['key', 'label', 'predicted', 'confidence'];

/**
 * Checks the choices against each other before anything is read.
 *
 * @param present the sets that the case holds already
 */
export function planImport(
  files: readonly FileProposal[],
  choices: readonly FileChoice[],
  present: ReadonlySet<DatasetRole>,
): ImportPlan {
  const problems: string[] = [];
  const notes: string[] = [];
  const datasets: DatasetPlan[] = [];
  for (const role of ['investigated', 'trusted'] as const) {
    const members = files.flatMap((file, k) =>
      choices[k].include && choices[k].dataset === role && file.role !== 'model'
        ? [{ file, choice: choices[k] }]
        : [],
    );
    if (members.length === 0) continue;
    const records = members.filter(({ file, choice }) => isRecords(file, choice));
    const arrays = members.flatMap(({ file, choice }) =>
      file.entries.flatMap((entry, k) => {
        const kind = choice.entries[k];
        return kind === null
          ? []
          : [{ file, entry, kind, column: choice.imageColumn, name: arrayName(file, entry) }];
      }),
    );
    for (const { file, choice } of members)
      if (!isRecords(file, choice) && choice.entries.every((kind) => kind === null))
        problems.push(`Say what ${file.name} holds, or leave it out.`);
    if (records.length > 1) {
      problems.push(
        `The ${role} set has ${records.length} records files (${formatList(records.map(({ file }) => file.name))}). It takes one; leave the others out.`,
      );
    }
    for (const kind of EntryRole.options) {
      const same = arrays.filter((array) => array.kind === kind);
      if (same.length > 1 && kind !== 'losses') {
        problems.push(
          `The ${role} set has ${same.length} files of ${kind} (${formatList(same.map(({ name }) => name))}). It takes one; leave the others out.`,
        );
      }
    }
    const counted = [
      // Images that a column names are as many as its records.
      ...arrays
        .filter(({ column }) => column === null)
        .map(({ name, entry }) => ({ name, rows: entry.shape[0] })),
      ...records.flatMap(({ file }) => (file.rows === null ? [] : [{ name: file.name, rows: file.rows }])),
    ];
    const odd = counted.find(({ rows }) => rows !== counted[0].rows);
    if (odd) {
      problems.push(
        `${counted[0].name} has ${formatCount(counted[0].rows)} rows and ${odd.name} has ${formatCount(odd.rows)}. Row i of every file of the ${role} set must be the same sample.`,
      );
    }
    const labels = arrays.some(({ kind }) => kind === 'labels');
    for (const { file, choice } of records) {
      for (const columnRole of onlyOnce) {
        const same = choice.columns.filter((column) => column.role === columnRole);
        if (same.length > 1) {
          problems.push(
            `${file.name} has ${same.length} columns for the ${columnRole} (${formatList(same.map(({ name }) => name))}). Choose one.`,
          );
        }
      }
      const has = (columnRole: ColumnRole): boolean =>
        choice.columns.some((column) => column.role === columnRole);
      if (!has('label') && !labels)
        problems.push(`Choose which column of ${file.name} is the label: every detector needs it.`);
      if (!has('key')) notes.push(`${file.name} has no key column, so the row index is the key.`);
    }
    if (records.length === 0) {
      if (present.has(role)) {
        notes.push(
          `The arrays are added to the ${role} set that is in the case; its row count must be the same.`,
        );
      } else if (!labels) {
        notes.push(
          `The ${role} set has no records file: its samples have no labels, and no class can be judged. Add its .csv if there is one.`,
        );
      }
    } else if (present.has(role)) {
      notes.push(
        `The case holds a ${role} set already. This one takes its place; the old files stay listed as superseded, and its scans are marked stale.`,
      );
    }
    datasets.push({
      role,
      records: records[0]
        ? {
            token: records[0].file.token,
            columns: [...records[0].choice.columns],
            more: records[0].file.more ?? undefined,
          }
        : null,
      arrays: arrays.map(({ file, entry, kind, column }) => ({
        token: file.token,
        entry: column === null ? entry.name : null,
        role: kind,
        column: column ?? undefined,
        more: file.more ?? undefined,
      })),
    });
  }
  const models = files
    .filter(({ role }, k) => role === 'model' && choices[k].include)
    .map(({ token }) => token);
  if (datasets.length + models.length === 0) problems.push('Nothing is chosen. Tick at least one file.');
  return { datasets, models, problems, notes };
}
