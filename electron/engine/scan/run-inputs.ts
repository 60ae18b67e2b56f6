import type { Dataset } from '../../contract/evidence.ts';
import type { MapInfo } from '../../contract/maps.ts';
import type { CaseFile, StoredRun } from '../case/case-file.ts';

interface RunInput {
  readonly name: string;
  readonly sha256: string;
}

function inputsOf(caseFile: CaseFile, dataset: Dataset): RunInput[] {
  const records = caseFile.evidence
    .list()
    .filter((one) => one.dataset === dataset.role && one.role === 'records' && !one.superseded)
    .map(({ sha256 }) => ({ name: `${dataset.role} records`, sha256 }));
  const arrays = dataset.matrices
    .filter(({ role }) => role !== 'images' || dataset.role === 'investigated')
    .map(({ role, sha256 }) => ({ name: `${dataset.role} ${role}`, sha256 }));
  return [...records, ...arrays];
}

/** What a scan of the case reads now, by name, with its hash. */
export function scanInputs(caseFile: CaseFile, useTrusted: boolean): RunInput[] {
  const investigated = caseFile.datasets.active('investigated');
  const trusted = useTrusted ? caseFile.datasets.active('trusted') : null;
  return [investigated, trusted].flatMap((dataset) => (dataset ? inputsOf(caseFile, dataset) : []));
}

/** What a map of the case reads now: losses stand in the records. */
export function mapInputs(caseFile: CaseFile, kind: MapInfo['kind'] = 'pca'): RunInput[] {
  return scanInputs(caseFile, false).filter(
    ({ name }) =>
      name === 'investigated records' || (kind !== 'losses' && name === 'investigated activations'),
  );
}

/** Why a run no longer describes the case, in a sentence; null while its inputs are what the case holds. */
export function staleReason(
  caseFile: CaseFile,
  run: Pick<StoredRun, 'dataset' | 'inputs'>,
  present: readonly RunInput[],
): string | null {
  if (caseFile.datasets.active('investigated')?.id !== run.dataset)
    return 'The investigated set was imported again after this run. Run it again for the present rows.';
  for (const { name, sha256 } of run.inputs) {
    const now = present.find((input) => input.name === name);
    if (!now) return `The ${name} that this run read are no longer in the case. Run it again.`;
    if (now.sha256 !== sha256) return `The ${name} were replaced after this run. Run it again.`;
  }
  const added = present.find(({ name }) => !run.inputs.some((input) => input.name === name));
  return added ? `The ${added.name} were added after this run. Run it again to use them.` : null;
}
