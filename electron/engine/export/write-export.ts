import { basename, resolve } from 'node:path';
import { BezoarError } from '../../contract/errors.ts';
import type { Dataset } from '../../contract/evidence.ts';
import type {
  ExportKind,
  ExportPreview,
  ExportRecord,
  MonitoringExportKind,
} from '../../contract/exports.ts';
import { verdictByte } from '../../contract/samples.ts';
import type { CaseFile } from '../case/case-file.ts';
import { fileIdentity } from '../case/file-identity.ts';
import { refusePortable } from '../jobs/case-job.ts';
import { runArray } from '../run-arrays.ts';
import { requireScan, scanDetail } from '../scan/stored-scan.ts';
import { writeWhole } from './atomic-file.ts';
import type { ExportedScan } from './export.ts';
import { exports, monitoringExports } from './registry.ts';

function investigatedSet(caseFile: CaseFile): Dataset {
  const dataset = caseFile.datasets.active('investigated');
  if (dataset === null)
    throw new BezoarError(
      'export/nothing',
      'The case has no samples yet, so there is nothing to export. Nothing was written. Import the evidence first.',
    );
  return dataset;
}

function exportedScan(caseFile: CaseFile, id: number): ExportedScan {
  const { run } = requireScan(caseFile, id);
  const missing = (name: string): never => {
    throw new BezoarError(
      'case/corrupt',
      `Scan ${id} has lost its array ${name}. Nothing was written. Run it again.`,
    );
  };
  return {
    id,
    detail: scanDetail(caseFile, run),
    flagged: runArray(caseFile, id, 'flagged', 'uint8') ?? missing('flagged'),
    rank: runArray(caseFile, id, 'rank', 'int32') ?? missing('rank'),
    score: runArray(caseFile, id, 'score', 'float64') ?? missing('score'),
    pValue: runArray(caseFile, id, 'p-value', 'float64') ?? missing('p-value'),
    methods: runArray(caseFile, id, 'methods', 'uint32') ?? missing('methods'),
    grade: runArray(caseFile, id, 'grade', 'uint8') ?? missing('grade'),
    detectorScore: (detector) => runArray(caseFile, id, `score:${detector}`, 'float64'),
  };
}

/** Exports of what was decided: a portable case holds all of that. */
const ofDecisions: ReadonlySet<ExportKind> = new Set(['poison-csv', 'poison-json']);

const counted = (count: number): string => count.toLocaleString('en-US');

/** What an export would hold, in numbers and one sentence. */
export function previewExport(caseFile: CaseFile, scan: number | null): ExportPreview {
  const dataset = investigatedSet(caseFile);
  const flagged = scan === null ? null : exportedScan(caseFile, scan).flagged;
  const verdicts = caseFile.verdicts.bytes(dataset.id);
  const numbers = { total: dataset.rows, poison: 0, clean: 0, unsure: 0, suspects: 0, undecided: 0 };
  for (let row = 0; row < dataset.rows; row += 1) {
    const verdict = verdicts[row];
    if (verdict === verdictByte.poison) numbers.poison += 1;
    else if (verdict === verdictByte.clean) numbers.clean += 1;
    else if (verdict === verdictByte.unsure) numbers.unsure += 1;
    if (!flagged?.[row]) continue;
    numbers.suspects += 1;
    if (verdict === 0) numbers.undecided += 1;
  }
  const kept = numbers.total - numbers.poison;
  return {
    ...numbers,
    kept,
    cited: caseFile.compared.cited(dataset.id).length,
    sentence:
      `${counted(numbers.poison)} of ${counted(numbers.total)} samples are confirmed as poison and are removed. ` +
      `${counted(kept)} are kept, among them ${counted(numbers.undecided)} ${numbers.undecided === 1 ? 'suspect' : 'suspects'} without a verdict and ` +
      `${counted(numbers.unsure)} marked unsure, both listed apart.`,
  };
}

/**
 * Writes one export and keeps it, with its hash, in the audit.
 * @throws BezoarError export/nothing, export/failed, scan/not-found
 */
export async function writeExport(
  caseFile: CaseFile,
  request: { kind: ExportKind; scan: number | null; target: string; version: string },
): Promise<ExportRecord> {
  if (!ofDecisions.has(request.kind)) refusePortable(caseFile, 'This export');
  const path = targetBeside(caseFile, request.target);
  const head = caseFile.audit.head();
  const atMs = Date.now();
  const who = caseFile.actor();
  const written = await writeWhole(
    path,
    exports[request.kind].pieces({
      caseFile,
      dataset: investigatedSet(caseFile),
      scan: request.scan === null ? null : exportedScan(caseFile, request.scan),
      atMs,
      who,
      auditHead: head.hash,
      auditCount: head.seq,
      version: request.version,
    }),
  );
  return keep(
    caseFile,
    request.kind,
    path,
    { ...written, auditHead: head.hash, atMs, who },
    { scan: request.scan },
  );
}

/**
 * The same of a run's alerts, or of a baseline.
 * @throws BezoarError export/failed, monitor/not-found, baseline/not-found
 */
export async function writeMonitoringExport(
  caseFile: CaseFile,
  request: { kind: MonitoringExportKind; of: number; target: string; version: string },
): Promise<ExportRecord> {
  const path = targetBeside(caseFile, request.target);
  const head = caseFile.audit.head();
  const [atMs, who] = [Date.now(), caseFile.actor()];
  const { kind, of, version } = request;
  const written = await writeWhole(path, monitoringExports[kind].pieces({ caseFile, of, atMs, version }));
  return keep(caseFile, kind, path, { ...written, auditHead: head.hash, atMs, who }, { of });
}

/** The path to write to. @throws BezoarError export/failed when it is the case's own */
function targetBeside(caseFile: CaseFile, target: string): string {
  const path = resolve(target);
  if (fileIdentity(path) !== null && fileIdentity(path) === fileIdentity(caseFile.path))
    throw new BezoarError(
      'export/failed',
      `${basename(path)} is the open case itself. Nothing was written. Choose another name.`,
    );
  return path;
}

async function keep(
  caseFile: CaseFile,
  kind: ExportRecord['kind'],
  path: string,
  facts: Omit<ExportRecord, 'kind' | 'name'>,
  detail: Record<string, unknown>,
): Promise<ExportRecord> {
  const record: ExportRecord = { kind, name: basename(path), ...facts };
  await caseFile.writable();
  caseFile.exports.add(record, detail);
  return record;
}
