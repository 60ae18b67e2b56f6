import type { DatasetRole, Evidence, EvidenceReport, Finding } from '../../contract/evidence.ts';
import { badRowsOf } from './bad-row-table.ts';
import type { EvidenceTable } from './case-file.ts';
import { parseStored, type Connection } from './connection.ts';

interface EvidenceRow {
  id: number;
  dataset_role: DatasetRole;
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
  superseded: number;
}

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
          `SELECT evidence.*, dataset.role AS dataset_role, dataset.superseded
           FROM evidence JOIN dataset ON dataset.id = evidence.dataset ORDER BY evidence.id`,
        )
        .map((row) => ({
          id: row.id,
          dataset: row.dataset_role,
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
          findings: findings.filter(({ evidence }) => evidence === row.id).map(({ finding }) => finding),
        }));
    },
  };
}
