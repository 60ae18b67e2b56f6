import type { ExportRecord } from '../../contract/exports.ts';
import type { ExportTable } from './case-file.ts';
import { nextAuditSeq, type CaseSession } from './case-session.ts';

interface ExportRow {
  kind: ExportRecord['kind'];
  name: string;
  bytes: number;
  sha256: string;
  audit_head: string;
  at_ms: number;
  who: string;
}

export function createExportTable(session: CaseSession): ExportTable {
  const { connection } = session;
  return {
    add: (record, detail) => {
      session.record('export/write', () => {
        const id = connection.run(
          `INSERT INTO export_record (kind, name, bytes, sha256, audit_head, at_ms, who, audit_seq)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
          record.kind,
          record.name,
          record.bytes,
          record.sha256,
          record.auditHead,
          record.atMs,
          record.who,
          nextAuditSeq(connection),
        );
        return {
          result: undefined,
          detail: { ...detail, export: id, kind: record.kind, name: record.name, sha256: record.sha256 },
        };
      });
    },
    list: () =>
      connection.all<ExportRow>('SELECT * FROM export_record ORDER BY id').map((row) => ({
        kind: row.kind,
        name: row.name,
        bytes: row.bytes,
        sha256: row.sha256,
        auditHead: row.audit_head,
        atMs: row.at_ms,
        who: row.who,
      })) satisfies ExportRecord[],
  };
}
