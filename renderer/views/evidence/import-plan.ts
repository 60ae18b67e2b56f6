import type { FileToken } from '../../../electron/contract/case.ts';
import { ArrayRole, EntryRole } from '../../../electron/contract/evidence.ts';
import type {
  ColumnRole,
  Dataset,
  DatasetPlan,
  DatasetRole,
  EntryProposal,
  FileProposal,
  SourceMapping,
} from '../../../electron/contract/evidence.ts';
import { formatCount, formatList, plural } from '../../components/number-format.ts';

/** What a file of records is among the files of its set. */
export type FileUse = NonNullable<FileProposal['role']>;

/** What the analyst settled on for one file. */
export interface FileChoice {
  readonly include: boolean;
  readonly dataset: DatasetRole;
  readonly use: FileUse;
  /** Of a table that is joined: its column of keys, null row by row. */
  readonly key: string | null;
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
  file.role === 'model' ||
  (file.columns !== null && file.role !== null) ||
  file.entries.some(({ roles }) => roles.length > 0);

/** Whether the role is that of a matrix, not of columns of the samples. */
const isMatrix = (role: EntryRole): boolean => ArrayRole.options.some((one) => one === role);

/** The engine's proposal as a choice; a file that cannot be taken is left out. */
export function proposedChoice(file: FileProposal): FileChoice {
  return {
    include: file.role !== null,
    dataset: file.dataset,
    use: file.role ?? 'arrays',
    key: file.key,
    columns: (file.columns ?? []).map(({ name, role }) => ({ name, role })),
    entries: file.entries.map(({ role }) => role),
    imageColumn: file.imageColumn,
  };
}

/** An array's file, with its name where it has one. */
export const arrayName = (file: FileProposal, { name }: EntryProposal): string =>
  name === null ? file.name : `${file.name}: ${name}`;

const readingOf = ({ reading }: FileProposal) => (reading === null ? {} : { reading });

const tablePlan = ({ file, choice }: { file: FileProposal; choice: FileChoice }) => ({
  token: file.token,
  ...readingOf(file),
  columns: [...choice.columns],
  ...(file.more === null ? {} : { more: file.more }),
});

/** Images that lie in files of their own, in a folder or in the drop. */
export const areImages = (file: FileProposal): boolean =>
  file.format === 'image-folder' || file.format === 'image-files';

/** Whether the file has arrays with names, chosen one by one. Folders of images have one, whose name is their own. */
export const namesArrays = (file: FileProposal): boolean =>
  !areImages(file) && file.entries.some(({ name }) => name !== null);

/** What the file is among those of its set: images that a column names are no records. */
const roleAmong = (file: FileProposal, choice: FileChoice): FileUse =>
  areImages(file)
    ? file.columns !== null && choice.imageColumn === null
      ? 'records'
      : 'arrays'
    : choice.use;

/** What the analyst corrected in a file, to be proposed for the next one of its source. */
export const mappingOf = (file: FileProposal, choice: FileChoice): SourceMapping => ({
  source: file.source,
  columns: [...choice.columns],
  entries: file.entries.map(({ name }, k) => ({ name, role: choice.entries[k] })),
});

/** Why arrays cannot be added to a set that is in the case. */
function addedProblems(
  { role, name, rows, matrices }: Dataset,
  counted: readonly { readonly name: string; readonly rows: number }[],
  arrays: readonly { readonly name: string; readonly kind: EntryRole }[],
  tables: boolean,
): string[] {
  const problems = counted
    .filter((one) => one.rows !== rows)
    .map(
      (one) =>
        `${one.name} has ${formatCount(one.rows)} rows and ${name} in the case has ${formatCount(rows)}. Row i of both must be the same sample.`,
    );
  if (tables || arrays.some(({ kind }) => !isMatrix(kind)))
    problems.push(
      `The samples of the ${role} set are in the case and are not changed any more: only matrices can be added to them. Start a new case for the rest.`,
    );
  for (const array of arrays)
    if (matrices.some((matrix) => matrix.role === array.kind && matrix.builtIn === null))
      problems.push(`The ${role} set has its ${array.kind} already. Leave out ${array.name}.`);
  return problems;
}

const onlyOnce: readonly ColumnRole[] = ['key', 'label', 'predicted', 'confidence'];

/**
 * Checks the choices against each other before anything is read.
 *
 * @param present the active sets of the case
 * @param acceptBadRows whether records that cannot be taken are left out
 */
export function planImport(
  files: readonly FileProposal[],
  choices: readonly FileChoice[],
  present: readonly Dataset[],
  acceptBadRows = false,
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
    const there = present.find((set) => set.role === role);
    const used = (use: FileUse) => members.filter(({ file, choice }) => roleAmong(file, choice) === use);
    const [records, parts, tables] = [used('records'), used('part'), used('table')];
    const arrays = members.flatMap(({ file, choice }) =>
      file.entries.flatMap((entry, k) => {
        const kind = choice.entries[k];
        return kind === null
          ? []
          : [{ file, choice, entry, kind, column: choice.imageColumn, name: arrayName(file, entry) }];
      }),
    );
    for (const { file, choice } of members)
      if (roleAmong(file, choice) === 'arrays' && choice.entries.every((kind) => kind === null))
        problems.push(`Say what ${file.name} holds, or leave it out.`);
    if (records.length > 1) {
      problems.push(
        `The ${role} set has ${records.length} records files (${formatList(records.map(({ file }) => file.name))}). It takes one; make the others its parts or tables beside it, or leave them out.`,
      );
    }
    if (records.length === 0 && parts.length + tables.length > 0)
      problems.push(
        `The ${role} set has ${formatList([...parts, ...tables].map(({ file }) => file.name))} and no records that they belong to. Choose which file holds the records.`,
      );
    for (const { file } of members)
      if (file.badRows !== null && file.badRows > 0 && !acceptBadRows)
        problems.push(
          `${plural(file.badRows, 'record')} of ${file.name} cannot be taken. Mend the file, or tick that it is imported around them.`,
        );
    for (const kind of EntryRole.options) {
      const same = arrays.filter((array) => array.kind === kind);
      if (same.length > 1 && kind !== 'losses') {
        problems.push(
          `The ${role} set has ${same.length} arrays of ${kind} (${formatList(same.map(({ name }) => name))}). It takes one; leave the others out.`,
        );
      }
    }
    const total = [...records, ...parts].reduce<number | null>(
      (sum, { file: { rows } }) => (sum === null || rows === null ? null : sum + rows),
      0,
    );
    const byRow = (choice: FileChoice): boolean => choice.use !== 'table' || choice.key === null;
    const counted = [
      // Images that a column names are as many as its records.
      ...arrays
        .filter(({ choice, column }) => column === null && byRow(choice))
        .map(({ name, entry }) => ({ name, rows: entry.shape[0] })),
      ...(records.length === 0 || total === null ? [] : [{ name: records[0].file.name, rows: total }]),
      ...tables.flatMap(({ file, choice }) =>
        file.rows === null || !byRow(choice) ? [] : [{ name: file.name, rows: file.rows }],
      ),
    ];
    const odd = counted.find(({ rows }) => rows !== counted[0].rows);
    if (odd) {
      problems.push(
        `${counted[0].name} has ${formatCount(counted[0].rows)} rows and ${odd.name} has ${formatCount(odd.rows)}. Row i of every file of the ${role} set must be the same sample.`,
      );
    }
    const labels =
      arrays.some(({ kind }) => kind === 'labels') ||
      tables.some(({ choice }) => choice.columns.some((column) => column.role === 'label'));
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
      if (there !== undefined) {
        problems.push(...addedProblems(there, counted, arrays, tables.length > 0));
        notes.push(`The arrays are added to the ${role} set that is in the case.`);
      } else if (!labels) {
        notes.push(
          `The ${role} set has no records file: its samples have no labels, and no class can be judged. Add its .csv if there is one.`,
        );
      }
    } else if (there !== undefined && role === 'investigated') {
      problems.push(
        `This case already investigates ${there.name} with ${plural(there.rows, 'sample')}. Take these files as trusted, or start a new case for them.`,
      );
    } else if (there !== undefined) {
      notes.push(
        `The case holds a ${role} set already. This one takes its place; the old files stay listed as superseded, and its scans are marked stale.`,
      );
    }
    datasets.push({
      role,
      records: records[0]
        ? {
            ...tablePlan(records[0]),
            ...(parts.length > 0 ? { parts: parts.map(({ file }) => file.token) } : {}),
          }
        : null,
      ...(tables.length > 0
        ? { tables: tables.map((table) => ({ ...tablePlan(table), key: table.choice.key })) }
        : {}),
      arrays: arrays.map(({ file, choice, entry, kind, column }) => ({
        token: file.token,
        entry: column === null ? entry.name : null,
        role: kind,
        ...readingOf(file),
        ...(choice.use === 'records' && parts.length > 0
          ? { parts: parts.map((part) => part.file.token) }
          : {}),
        ...(choice.use === 'table' ? { key: choice.key } : {}),
        column: column ?? undefined,
        more: file.more ?? undefined,
      })),
    });
  }
  const models = files
    .filter(({ role }, k) => role === 'model' && choices[k].include)
    .map(({ token }) => token);
  if (datasets.length + models.length === 0)
    problems.push(
      files.some(isUsable)
        ? 'Nothing is chosen. Tick at least one file.'
        : 'None of these files can be taken. Nothing was imported.',
    );
  return { datasets, models, problems, notes };
}
