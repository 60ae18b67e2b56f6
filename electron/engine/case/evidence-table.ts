import type { DatasetRole, Evidence, EvidenceReport, Finding } from '../../contract/evidence.ts';
import { badRowsOf } from './bad-row-table.ts';
import type { OnnxModel } from '../../contract/models.ts';
import { canonicalJson, sha256Hex } from '../audit/hash-chain.ts';
import type { EvidenceTable } from './case-file.ts';
import { linkOf, linkState, type MatrixLink } from './linked-file.ts';
import { parseStored, type Connection } from './connection.ts';

interface EvidenceRow {
  id: number;
  log: number | null;
  dataset_role: DatasetRole | null;
  role: Evidence['role'];
  name: string;
  entry: string | null;
  size: number;
  sha256: string;
  format: string;
  rows: number;
  bad_rows: number;
  report: string | null;
  shape: string | null;
  dtype: string | null;
  imported_at_ms: number;
  imported_by: string;
  mapping: string;
  superseded: number | null;
  built_in: string | null;
  matrix: number | null;
}

interface ModelRow {
  id: number;
  name: string;
  size: number;
  sha256: string;
  format: string;
  facts: string;
  imported_at_ms: number;
  imported_by: string;
}

/** Of how it was read: with what a file of records tells of itself, else in place of a mapping. */
function notesOf(connection: Connection, { mapping, report }: EvidenceRow): string[] {
  const told = report === null ? null : parseStored<EvidenceReport>(connection, report);
  return told?.notes ?? parseStored<{ notes?: string[] } | null>(connection, mapping)?.notes ?? [];
}

/** Hash of a model's row, all of it but its audit line: what that line keeps. */
export function modelHash(connection: Connection, id: number): string {
  const stored = connection.get(
    `SELECT id, name, size, sha256, format, importer_version, facts, imported_at_ms, imported_by
     FROM model WHERE id = ?`,
    id,
  );
  return sha256Hex(canonicalJson(stored ?? null));
}

const placeOf = (link: MatrixLink | null): Evidence['link'] =>
  link === null ? null : { path: link.path, state: linkState(link) };

export function createEvidenceTable(connection: Connection): EvidenceTable {
  return {
    badRows: (evidence) => badRowsOf(connection, evidence),
    list: () => {
      const findings = connection
        .all<Finding & { evidence: number }>(
          'SELECT evidence, kind, subject, offset, sentence FROM finding WHERE evidence IS NOT NULL ORDER BY id',
        )
        .map(({ evidence, ...finding }) => ({ evidence, finding }));
      return connection
        .all<EvidenceRow>(
          `SELECT evidence.*, dataset.role AS dataset_role, matrix.built_in, matrix.id AS matrix,
             max(dataset.superseded, coalesce(matrix.superseded, 0)) AS superseded
           FROM evidence LEFT JOIN dataset ON dataset.id = evidence.dataset
           LEFT JOIN matrix ON matrix.evidence = evidence.id ORDER BY evidence.id`,
        )
        .map((row) => ({
          id: row.id,
          dataset: row.dataset_role,
          log: row.log,
          role: row.role,
          name: row.name,
          entry: row.entry,
          size: row.size,
          sha256: row.sha256,
          format: row.format,
          rows: row.rows,
          badRows: row.bad_rows,
          report: row.report === null ? null : parseStored<EvidenceReport>(connection, row.report),
          shape: row.shape === null ? null : parseStored<number[]>(connection, row.shape),
          dtype: row.dtype,
          importedAtMs: row.imported_at_ms,
          importedBy: row.imported_by,
          superseded: row.superseded === 1,
          builtIn: row.built_in,
          link: placeOf(row.matrix === null ? null : linkOf(connection, row.matrix)),
          notes: notesOf(connection, row),
          findings: findings.filter(({ evidence }) => evidence === row.id).map(({ finding }) => finding),
        }));
    },
    models: () =>
      connection.all<ModelRow>('SELECT * FROM model ORDER BY id').map((row) => ({
        id: row.id,
        name: row.name,
        size: row.size,
        sha256: row.sha256,
        format: row.format,
        model: parseStored<OnnxModel>(connection, row.facts),
        importedAtMs: row.imported_at_ms,
        importedBy: row.imported_by,
      })),
  };
}
