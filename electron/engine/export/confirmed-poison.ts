import { BezoarError } from '../../contract/errors.ts';
import type { VerdictEntry } from '../../contract/samples.ts';
import type { ExportInput } from './export.ts';
import { methodNames } from './method-names.ts';

export interface ConfirmedPoison {
  readonly row: number;
  readonly key: string;
  readonly label: string;
  readonly entry: VerdictEntry;
  readonly rank: number | null;
  readonly score: number | null;
  readonly pValue: number | null;
  readonly methods: readonly string[];
  /** Score of each detector of the scan, null where it did not judge. */
  readonly scores: readonly { readonly detector: string; readonly score: number | null }[];
}

const orNull = (value: number | undefined): number | null =>
  value === undefined || Number.isNaN(value) ? null : value;

/** The samples whose verdict is poison, in row order. @throws BezoarError export/nothing */
export function confirmedPoison({ caseFile, dataset, scan }: ExportInput): ConfirmedPoison[] {
  const decided = caseFile.verdicts.decided(dataset.id, 'poison');
  if (decided.length === 0)
    throw new BezoarError(
      'export/nothing',
      'No sample is confirmed as poison, so the list would be empty. Nothing was written. Mark samples with X first.',
    );
  const keys = caseFile.datasets.keys(dataset.id);
  const labels = caseFile.datasets.labels(dataset.id);
  const detectors = (scan?.detail.detectors ?? []).map((detector) => ({
    detector,
    scores: scan?.detectorScore(detector) ?? null,
  }));
  return decided.map(({ row, entry }) => ({
    row: caseFile.compared.fullRow(dataset.id, row),
    key: keys[row] ?? '',
    label: dataset.classes[labels[row] ?? -1] ?? '',
    entry,
    rank: orNull(scan?.rank[row]),
    score: orNull(scan?.score[row]),
    pValue: orNull(scan?.pValue[row]),
    methods: scan === null ? [] : methodNames(scan, row),
    scores: detectors.map(({ detector, scores }) => ({ detector, score: orNull(scores?.[row]) })),
  }));
}

export interface SourceFile {
  readonly role: string;
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
  readonly format: string;
  readonly rows: number;
  readonly shape: readonly number[] | null;
  readonly dtype: string | null;
}

/** The files that the investigated set came from. */
export const sourceFiles = ({ caseFile }: ExportInput): SourceFile[] =>
  caseFile.evidence
    .list()
    .filter((one) => one.dataset === 'investigated' && !one.superseded && one.builtIn === null)
    .map(({ role, name, size, sha256, format, rows, shape, dtype }) => ({
      role,
      name,
      size,
      sha256,
      format,
      rows,
      shape,
      dtype,
    }));

/** What every export for machines says of where it comes from. */
export const provenance = ({ caseFile, atMs, who, auditHead, auditCount, version, scan }: ExportInput) => ({
  bezoar: version,
  case: { id: caseFile.id, name: caseFile.name, auditHead, auditEntries: auditCount },
  exportedAt: new Date(atMs).toISOString(),
  exportedBy: who,
  scan:
    scan === null
      ? null
      : {
          id: scan.id,
          startedAt: new Date(scan.detail.startedAtMs).toISOString(),
          seed: scan.detail.seed,
          alpha: scan.detail.alpha,
          detectors: scan.detail.detectors,
          engine: scan.detail.engine,
          version: scan.detail.version,
          inputs: scan.detail.inputs,
          stale: scan.detail.stale,
          builtInFeatures: scan.detail.builtIn,
        },
});
