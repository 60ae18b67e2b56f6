import { BezoarError } from '../../contract/errors.ts';
import type { MatrixInfo } from '../../contract/evidence.ts';
import type { MatrixTable } from './case-file.ts';
import { parseStored, type Connection } from './connection.ts';
import { recordsContent } from './bad-row-table.ts';
import { MATRIX_COLUMNS, matrixInfo } from './dataset-table.ts';
import { modelHash } from './evidence-table.ts';
import { findingsOf } from './finding-table.ts';
import { storedLogHash } from './log-hash.ts';
import { linkHash } from './linked-file.ts';
import { monitoringProblems } from './monitoring-content.ts';
import { portableHash } from './portable-hash.ts';
import { runHash } from './run-table.ts';
import { storedContentHash } from './sample-content.ts';
import { structureHash, withdrawalHash } from './structure-table.ts';
import { originsHash } from './verdict-origin.ts';
import { entriesHash } from './verdict-table.ts';

interface ImportDetail {
  datasets?: { id: number; rows: number; content: string }[];
  files?: { name: string; sha256: string }[];
  matrices?: { id: number; role: string; sha256: string; builtIn?: string | null }[];
  models?: { id: number; content: string }[];
  links?: { id: number; content: string }[];
  findings?: { count: number; content: string };
  records?: { count: number; content: string };
  portable?: { content: string };
}

interface LogDetail {
  log: number;
  content: string;
  files: { sha256: string }[];
}

interface AuditLine {
  seq: number;
  action: string;
  detail: string;
}

/** What is wrong with the values of a matrix, in the case or in the file that it is linked to; null where nothing is. */
function valuesProblem(matrices: MatrixTable, matrix: MatrixInfo, seq: number): string | null {
  try {
    return matrices.hash(matrix) === matrix.sha256
      ? null
      : `the ${matrix.role} are not those of audit line ${seq}`;
  } catch (error) {
    if (!(error instanceof BezoarError) || !error.code.startsWith('evidence/link-')) throw error;
    return `the ${matrix.role} of audit line ${seq} cannot be looked at: ${error.message}`;
  }
}

/** Holds what the case contains against its audit lines: nothing altered, nothing missing, nothing added. */
export function contentProblems(connection: Connection, matrices: MatrixTable): string[] {
  const problems: string[] = [];
  const told = {
    dataset: 0,
    evidence: 0,
    matrix: 0,
    model: 0,
    matrix_link: 0,
    run: 0,
    verdict_action: 0,
    portable: 0,
    take_over: 0,
    verdict_origin: 0,
    export_record: 0,
    known_structure: 0,
    structure_withdrawal: 0,
    finding: 0,
    log: 0,
  };
  const lines = connection.all<AuditLine>(
    `SELECT seq, action, detail FROM audit
     WHERE action LIKE 'evidence/%' OR action LIKE '%/finish' OR action LIKE 'verdict/%'
       OR action LIKE 'structure/%' OR action = 'export/write' OR action = 'log/import'
     ORDER BY seq`,
  );
  for (const { seq, action, detail } of lines) {
    if (action.startsWith('evidence/')) {
      const {
        datasets = [],
        files = [],
        matrices: made = [],
        models = [],
        links = [],
        findings,
        records,
        portable,
      } = parseStored<ImportDetail>(connection, detail);
      told.dataset += datasets.length;
      told.evidence += files.length;
      told.matrix += made.length;
      told.model += models.length;
      for (const { id, content } of models)
        if (modelHash(connection, id) !== content)
          problems.push(`model ${id} is not that of audit line ${seq}`);
      told.matrix_link += links.length;
      for (const { id, content } of links)
        if (linkHash(connection, id) !== content)
          problems.push(`link ${id} to a file is not that of audit line ${seq}`);
      if (portable !== undefined) {
        told.portable += 1;
        if (portableHash(connection) !== portable.content)
          problems.push(`what this case is a part of is not as in audit line ${seq}`);
      }
      told.finding += findings?.count ?? 0;
      if (findings !== undefined && findingsOf(connection, seq).content !== findings.content)
        problems.push(`what was found in files is not that of audit line ${seq}`);
      if (records !== undefined && recordsContent(connection, seq).content !== records.content)
        problems.push(`what is told of the records is not that of audit line ${seq}`);
      for (const { id, rows, content } of datasets) {
        const stored = connection.get<{ rows: number; content_sha256: string }>(
          'SELECT rows, content_sha256 FROM dataset WHERE id = ?',
          id,
        );
        if (
          stored?.rows !== rows ||
          stored.content_sha256 !== content ||
          storedContentHash(connection, id) !== content
        )
          problems.push(`the samples of set ${id} are not those of audit line ${seq}`);
      }
      const hashes = connection.column<string>(
        'SELECT sha256 FROM evidence WHERE audit_seq = ? ORDER BY id',
        seq,
      );
      if (hashes.join() !== files.map((file) => file.sha256).join())
        problems.push(`the evidence is not that of audit line ${seq}`);
      for (const { id, role, sha256, builtIn = null } of made) {
        const row = connection.get<Parameters<typeof matrixInfo>[1]>(
          `SELECT ${MATRIX_COLUMNS} FROM matrix WHERE id = ?`,
          id,
        );
        const stored = row === undefined ? null : matrixInfo(connection, row);
        const problem =
          stored?.sha256 !== sha256 || stored.builtIn !== builtIn
            ? `the ${role} are not those of audit line ${seq}`
            : valuesProblem(matrices, stored, seq);
        if (problem !== null) problems.push(problem);
      }
    } else if (action.startsWith('verdict/')) {
      told.verdict_action += 1;
      const {
        action: id,
        entries,
        origins,
        count,
      } = parseStored<{ action: number; entries: string; origins?: string; count: number }>(
        connection,
        detail,
      );
      if (entriesHash(connection, id) !== entries)
        problems.push(`verdicts are not those of audit line ${seq}`);
      if (origins !== undefined) {
        told.take_over += 1;
        told.verdict_origin += count;
        if (originsHash(connection, id) !== origins)
          problems.push(`where verdicts came from is not as in audit line ${seq}`);
      }
    } else if (action.startsWith('structure/')) {
      const withdrawn = action === 'structure/withdraw';
      told[withdrawn ? 'structure_withdrawal' : 'known_structure'] += 1;
      const { structure, content } = parseStored<{ structure: number; content: string }>(connection, detail);
      if ((withdrawn ? withdrawalHash : structureHash)(connection, structure) !== content)
        problems.push(`known structure ${structure} is not that of audit line ${seq}`);
    } else if (action === 'log/import') {
      const { log, content, files } = parseStored<LogDetail>(connection, detail);
      told.log += 1;
      told.evidence += files.length;
      const hashes = connection.column<string>('SELECT sha256 FROM evidence WHERE log = ? ORDER BY id', log);
      if (hashes.join() !== files.map((file) => file.sha256).join())
        problems.push(`the files of log ${log} are not those of audit line ${seq}`);
      if (storedLogHash(connection, log) !== content)
        problems.push(`the requests of log ${log} are not those of audit line ${seq}`);
    } else if (action === 'export/write') {
      told.export_record += 1;
      const { export: id, sha256 } = parseStored<{ export: number; sha256: string }>(connection, detail);
      const stored = connection.column<string>('SELECT sha256 FROM export_record WHERE id = ?', id)[0];
      if (stored !== sha256) problems.push(`an export is not that of audit line ${seq}`);
    } else {
      told.run += 1;
      const { run, content } = parseStored<{ run: number; content: string }>(connection, detail);
      if (runHash(connection, run) !== content) problems.push(`run ${run} is not that of audit line ${seq}`);
    }
  }
  for (const [table, count] of Object.entries(told)) {
    const stored = connection.column<number>(`SELECT count(*) FROM ${table}`)[0] ?? 0;
    if (stored !== count)
      problems.push(`the case holds ${stored} entries in ${table}, and the audit tells of ${count}`);
  }
  return [...problems, ...monitoringProblems(connection)];
}
