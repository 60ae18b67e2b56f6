import type { KnownStructure } from '../../contract/scan.ts';
import { BezoarError } from '../../contract/errors.ts';
import { canonicalJson, sha256Hex } from '../audit/hash-chain.ts';
import type { StructureInForce, StructureTable } from './case-file.ts';
import { nextAuditSeq, type CaseSession } from './case-session.ts';
import { parseStored, type Connection } from './connection.ts';

interface ListedRow extends Omit<KnownStructure, 'withdrawn'> {
  withdrawnBy: string | null;
  withdrawnAtMs: number | null;
}

/** Hash of a judgement, all of it but its audit line: what that line keeps. */
export function structureHash(connection: Connection, id: number): string {
  const stored = connection.get(
    'SELECT id, scan, class_name, rows, keys, reason, who, at_ms FROM known_structure WHERE id = ?',
    id,
  );
  return sha256Hex(canonicalJson(stored ?? null));
}

/** The same of its withdrawal. */
export function withdrawalHash(connection: Connection, structure: number): string {
  const stored = connection.get(
    'SELECT structure, who, at_ms FROM structure_withdrawal WHERE structure = ?',
    structure,
  );
  return sha256Hex(canonicalJson(stored ?? null));
}

export function createStructureTable(session: CaseSession): StructureTable {
  const { connection } = session;
  const list = (): KnownStructure[] =>
    connection
      .all<ListedRow>(
        `SELECT id, scan, class_name AS className, rows, reason, made.who AS "by",
           made.at_ms AS atMs, ended.who AS withdrawnBy, ended.at_ms AS withdrawnAtMs
         FROM known_structure AS made LEFT JOIN structure_withdrawal AS ended ON ended.structure = made.id
         ORDER BY id`,
      )
      .map(({ withdrawnBy, withdrawnAtMs, ...made }) => ({
        ...made,
        withdrawn:
          withdrawnBy === null || withdrawnAtMs === null ? null : { by: withdrawnBy, atMs: withdrawnAtMs },
      }));

  return {
    add: ({ scan, className, keys, reason }) =>
      session.record('structure/judge-natural', () => {
        const id = connection.run(
          `INSERT INTO known_structure (scan, class_name, rows, keys, reason, who, at_ms, audit_seq)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
          scan,
          className,
          keys.length,
          JSON.stringify(keys),
          reason,
          session.actor(),
          Date.now(),
          nextAuditSeq(connection),
        );
        return {
          result: id,
          detail: {
            structure: id,
            scan,
            className,
            reason,
            count: keys.length,
            content: structureHash(connection, id),
          },
        };
      }),
    withdraw: (id) => {
      const present = list().find((one) => one.id === id);
      if (present === undefined)
        throw new BezoarError(
          'structure/not-found',
          `The case knows no structure number ${id}. Nothing was changed. Choose one from the list.`,
        );
      if (present.withdrawn !== null)
        throw new BezoarError(
          'structure/not-found',
          `${present.withdrawn.by} withdrew the judgement on this structure of class ${present.className} before. Nothing was changed.`,
        );
      session.record('structure/withdraw', () => {
        connection.run(
          'INSERT INTO structure_withdrawal (structure, who, at_ms, audit_seq) VALUES (?, ?, ?, ?)',
          id,
          session.actor(),
          Date.now(),
          nextAuditSeq(connection),
        );
        return {
          result: undefined,
          detail: {
            structure: id,
            className: present.className,
            content: withdrawalHash(connection, id),
          },
        };
      });
    },
    list,
    inForce: (dataset) =>
      connection
        .all<Omit<StructureInForce, 'keys'> & { keys: string }>(
          `SELECT made.id, class_name AS className, keys, reason, who AS "by", at_ms AS atMs
           FROM known_structure AS made
           JOIN run ON run.id = made.scan
           JOIN dataset AS judged ON judged.id = run.dataset
           JOIN dataset AS present ON present.id = ?
           WHERE NOT EXISTS (SELECT 1 FROM structure_withdrawal WHERE structure = made.id)
             AND (judged.id = present.id OR judged.content_sha256 = present.content_sha256
                  OR (judged.own_keys = 1 AND present.own_keys = 1))
           ORDER BY made.id`,
          dataset,
        )
        .map((row) => ({ ...row, keys: parseStored<string[]>(connection, row.keys) })),
    revision: () =>
      connection.column<number>(
        'SELECT (SELECT count(*) FROM known_structure) + (SELECT count(*) FROM structure_withdrawal)',
      )[0] ?? 0,
  };
}
