import type {
  ColumnRole,
  DatasetPlan,
  DatasetRole,
  FileProposal,
} from '../../../electron/contract/evidence.ts';
import { formatCount, formatList } from '../../components/number-format.ts';

export type FileRole = NonNullable<FileProposal['role']>;

/** What the analyst settled on for one file. */
export interface FileChoice {
  readonly include: boolean;
  readonly role: FileRole;
  readonly dataset: DatasetRole;
  /** In the order of the file's columns; empty for arrays. */
  readonly columns: readonly { readonly name: string; readonly role: ColumnRole }[];
}

interface ImportPlan {
  readonly datasets: DatasetPlan[];
  /** Why this cannot be imported as it stands. */
  readonly problems: string[];
  /** What will happen that might surprise. */
  readonly notes: string[];
}

/** Which roles a file can have by its format and shape. */
export function rolesOf(file: FileProposal): FileRole[] {
  if (file.format === 'csv') return ['records'];
  if (file.shape === null) return [];
  if (file.dtype === 'uint8') return file.shape.length >= 3 ? ['images'] : [];
  return file.shape.length === 2 ? ['activations', 'logits'] : [];
}

/** The engine's proposal as a choice; a file that cannot be taken is left out. */
export function proposedChoice(file: FileProposal): FileChoice {
  return {
    include: file.role !== null,
    role: file.role ?? rolesOf(file)[0] ?? 'records',
    dataset: file.dataset,
    columns: (file.columns ?? []).map(({ name, role }) => ({ name, role })),
  };
}

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
      choices[k].include && choices[k].dataset === role ? [{ file, choice: choices[k] }] : [],
    );
    if (members.length === 0) continue;
    const records = members.filter(({ choice }) => choice.role === 'records');
    const arrays = members.filter(({ choice }) => choice.role !== 'records');
    if (records.length > 1) {
      problems.push(
        `The ${role} set has ${records.length} records files (${formatList(records.map(({ file }) => file.name))}). It takes one; leave the others out.`,
      );
    }
    for (const kind of ['activations', 'logits', 'images'] as const) {
      const same = arrays.filter(({ choice }) => choice.role === kind);
      if (same.length > 1) {
        problems.push(
          `The ${role} set has ${same.length} files of ${kind} (${formatList(same.map(({ file }) => file.name))}). It takes one; leave the others out.`,
        );
      }
    }
    const counted = members.filter(({ file }) => file.rows !== null);
    const odd = counted.find(({ file }) => file.rows !== counted[0].file.rows);
    if (odd) {
      problems.push(
        `${counted[0].file.name} has ${formatCount(counted[0].file.rows ?? 0)} rows and ${odd.file.name} has ${formatCount(odd.file.rows ?? 0)}. Row i of every file of the ${role} set must be the same sample.`,
      );
    }
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
      if (!has('label'))
        problems.push(`Choose which column of ${file.name} is the label: every detector needs it.`);
      if (!has('key')) notes.push(`${file.name} has no key column, so the row index is the key.`);
    }
    if (records.length === 0) {
      if (present.has(role)) {
        notes.push(
          `The arrays are added to the ${role} set that is in the case; its row count must be the same.`,
        );
      } else {
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
      records: records[0] ? { token: records[0].file.token, columns: [...records[0].choice.columns] } : null,
      arrays: arrays.flatMap(({ file, choice }) =>
        choice.role === 'records' ? [] : [{ token: file.token, role: choice.role }],
      ),
    });
  }
  if (datasets.length === 0) problems.push('Nothing is chosen. Tick at least one file.');
  return { datasets, problems, notes };
}
