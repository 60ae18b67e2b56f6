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
    const records: FileProposal[] = [];
    const arrays: DatasetPlan['arrays'] = [];
    for (const file of files) {
      if (file.role === null)
        throw new BezoarError(
          'evidence/unknown-format',
          file.problem ?? `${file.name} is of no kind that Bezoar reads. Nothing was imported.`,
        );
      if (file.role === 'records') records.push(file);
      for (const { name, role: array } of file.entries)
        if (array !== null)
          arrays.push({
            token: file.token,
            entry: name,
            role: array,
            column: file.imageColumn ?? undefined,
            more: file.more ?? undefined,
          });
    }
    const [first, second] = records;
    if (first !== undefined && second !== undefined)
      throw new BezoarError(
        'evidence/malformed',
        `${first.name} and ${second.name} were both taken for the records of the ${role} set. Nothing was imported. Name one of them.`,
      );
    plans.push({
      role,
      records:
        first === undefined
          ? null
          : {
              token: first.token,
              columns: (first.columns ?? []).map(({ name, role: column }) => ({ name, role: column })),
              more: first.more ?? undefined,
            },
      arrays,
    });
  }
  return { datasets: plans, models };
}
