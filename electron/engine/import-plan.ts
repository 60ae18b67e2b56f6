import type { Params } from '../contract/calls.ts';
import type { DatasetPlan, DatasetRole, FileProposal } from '../contract/evidence.ts';
import { BezoarError } from '../contract/errors.ts';

/**
 * The import that the proposals amount to, taken as they stand.
 * @throws BezoarError evidence/unknown-format when a file cannot be taken, evidence/malformed when two files of a set
 *   are its records
 */
export function planImport(
  proposals: readonly FileProposal[],
): Pick<Params<'evidence/import'>, 'datasets' | 'models'> {
  const models = proposals.filter(({ role }) => role === 'model').map(({ token }) => token);
  const plans: DatasetPlan[] = [];
  for (const role of ['investigated', 'trusted'] satisfies DatasetRole[]) {
    const files = proposals.filter((file) => file.dataset === role && file.role !== 'model');
    if (files.length === 0) continue;
    const arrays: DatasetPlan['arrays'] = [];
    const parts = files.filter((file) => file.role === 'part').map(({ token }) => token);
    for (const { name, role: kind, token, entries, reading, key, imageColumn, more, problem } of files) {
      if (kind === null)
        throw new BezoarError(
          'evidence/unknown-format',
          problem ?? `${name} is of no kind that Bezoar reads. Nothing was imported.`,
        );
      for (const entry of entries)
        if (entry.role !== null)
          arrays.push({
            token,
            entry: entry.name,
            role: entry.role,
            ...(reading === null ? {} : { reading }),
            ...(kind === 'records' && parts.length > 0 ? { parts } : {}),
            ...(kind === 'table' ? { key } : {}),
            column: imageColumn ?? undefined,
            more: more ?? undefined,
          });
    }
    const tables = files.filter((file) => file.role === 'table' && keepsColumns(file));
    const records = files.filter((file) => file.role === 'records');
    // Labels alone, in a table, are the records of a set that has no others.
    const [first, second] = records.length === 0 ? tables.splice(0, 1) : records;
    if (first !== undefined && second !== undefined)
      throw new BezoarError(
        'evidence/malformed',
        `${first.name} and ${second.name} were both taken for the records of the ${role} set. Nothing was imported. Name one of them.`,
      );
    plans.push({
      role,
      records: first === undefined ? null : { ...tablePlan(first), ...(parts.length > 0 ? { parts } : {}) },
      ...(tables.length > 0
        ? { tables: tables.map((table) => ({ ...tablePlan(table), key: table.key })) }
        : {}),
      arrays,
    });
  }
  return { datasets: plans, models };
}

const keepsColumns = ({ columns }: FileProposal): boolean =>
  (columns ?? []).some(({ role }) => role !== 'key' && role !== 'ignored');

const tablePlan = ({ token, reading, columns, more }: FileProposal) => ({
  token,
  ...(reading === null ? {} : { reading }),
  columns: (columns ?? []).map(({ name, role }) => ({ name, role })),
  ...(more === null ? {} : { more }),
});
