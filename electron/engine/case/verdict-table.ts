import { BezoarError } from '../../contract/errors.ts';
import { verdictByte, type Verdict, type VerdictEntry } from '../../contract/samples.ts';
import { sha256Hex } from '../audit/hash-chain.ts';
import type { VerdictTable } from './case-file.ts';
import { nextAuditSeq, type CaseSession } from './case-session.ts';
import type { Connection } from './connection.ts';
import { checkRows } from './dataset-table.ts';
import { insertTakeOver, insertVerdictOrigin, originsHash, reasonWithOrigin } from './verdict-origin.ts';

type ActionKind = 'set' | 'undo' | 'redo';

interface Action {
  id: number;
  kind: ActionKind;
  of_action: number | null;
}

interface Entry {
  id: number;
  row: number;
  verdict: Verdict | null;
  supersedes: number | null;
  restores: number | null;
}

/** Which actions can be undone and redone, last ones at the end; told from the actions alone. */
function undoState(actions: readonly Action[]): { undo: number[]; redo: number[] } {
  const undo: number[] = [];
  let redo: number[] = [];
  for (const { id, kind } of actions) {
    if (kind === 'set') {
      undo.push(id);
      redo = [];
    } else if (kind === 'undo') {
      const last = undo.pop();
      if (last !== undefined) redo.push(last);
    } else {
      const last = redo.pop();
      if (last !== undefined) undo.push(last);
    }
  }
  return { undo, redo };
}

/** Hash of the entries of one action, in order: what the audit line of the action keeps. */
export function entriesHash(connection: Connection, action: number): string {
  return sha256Hex(
    connection
      .all<{ dataset: number; row: number; verdict: string | null }>(
        'SELECT dataset, row, verdict FROM verdict WHERE action = ? ORDER BY id',
        action,
      )
      .map(({ dataset, row, verdict }) => `${dataset} ${row} ${verdict ?? '-'}\n`)
      .join(''),
  );
}

interface MadeRow {
  reason: string;
  who: string;
  at_ms: number;
  from_reason: string | null;
  from_who: string | null;
  from_at_ms: number | null;
  case_id: string | null;
  case_name: string | null;
  sha256: string | null;
}

/** Of a verdict `made`: why it was set, and where it was taken over from. */
const MADE = `verdict_action.reason, verdict_action.who, verdict_action.at_ms, origin.reason AS from_reason,
  origin.who AS from_who, origin.at_ms AS from_at_ms, take_over.case_id, take_over.case_name, take_over.sha256`;
const MADE_JOINS = `JOIN verdict_action ON verdict_action.id = made.action
  LEFT JOIN verdict_origin AS origin ON origin.verdict = made.id
  LEFT JOIN take_over ON take_over.action = made.action`;

/** The entry as people read it; one that was taken over says from where. */
function entryOf(verdict: Verdict | null, row: MadeRow): VerdictEntry {
  const { reason, who, at_ms: atMs, from_reason, from_who, from_at_ms, case_id, case_name, sha256 } = row;
  if (from_who === null || from_at_ms === null || case_id === null || case_name === null || sha256 === null)
    return { verdict, reason, who, atMs };
  return {
    verdict,
    reason: reasonWithOrigin(reason, { reason: from_reason ?? '', who: from_who, caseName: case_name }),
    who,
    atMs,
    origin: { caseId: case_id, caseName: case_name, sha256, who: from_who, atMs: from_at_ms },
  };
}

const samplesInWords = (count: number): string => (count === 1 ? '1 sample' : `${count} samples`);

/** Verdicts are only ever added; undo and redo add entries that restore earlier ones. */
export function createVerdictTable(session: CaseSession): VerdictTable {
  const { connection } = session;
  const present = new Map<number, Uint8Array>();

  const lastEntry = (dataset: number, row: number): Entry | undefined =>
    connection.get<Entry>(
      'SELECT id, row, verdict, supersedes, restores FROM verdict WHERE dataset = ? AND row = ? ORDER BY id DESC LIMIT 1',
      dataset,
      row,
    );

  const addAction = (kind: ActionKind, of: number | null, dataset: number, reason: string): number =>
    connection.run(
      'INSERT INTO verdict_action (kind, of_action, dataset, reason, who, at_ms, audit_seq) VALUES (?, ?, ?, ?, ?, ?, ?)',
      kind,
      of,
      dataset,
      reason,
      session.actor(),
      Date.now(),
      nextAuditSeq(connection),
    );

  const addEntry = (
    action: number,
    dataset: number,
    entry: { row: number; verdict: Verdict | null; supersedes: number | null; restores: number | null },
  ): number =>
    connection.run(
      'INSERT INTO verdict (action, dataset, row, verdict, supersedes, restores) VALUES (?, ?, ?, ?, ?, ?)',
      action,
      dataset,
      entry.row,
      entry.verdict,
      entry.supersedes,
      entry.restores,
    );

  const bytesOf = (dataset: number): Uint8Array => {
    let bytes = present.get(dataset);
    if (bytes === undefined) {
      bytes = new Uint8Array(
        connection.column<number>('SELECT rows FROM dataset WHERE id = ?', dataset)[0] ?? 0,
      );
      const entries = connection.all<{ row: number; verdict: Verdict }>(
        'SELECT row, verdict FROM verdict_now WHERE dataset = ? AND verdict IS NOT NULL',
        dataset,
      );
      for (const { row, verdict } of entries) bytes[row] = verdictByte[verdict];
      present.set(dataset, bytes);
    }
    return bytes;
  };

  const reasonOf = (entry: Entry): string =>
    connection.column<string>(
      `SELECT reason FROM verdict_action JOIN verdict ON verdict.action = verdict_action.id WHERE verdict.id = ?`,
      entry.restores ?? entry.id,
    )[0] ?? '';

  /** Adds entries that bring the samples of `action` back to what they were before it, or to what it made of them. */
  const step = (kind: 'undo' | 'redo'): { changed: number; sentence: string; rows: number[] } => {
    const actions = connection.all<Action>('SELECT id, kind, of_action FROM verdict_action ORDER BY id');
    const action = undoState(actions)[kind].at(-1);
    if (action === undefined)
      throw new BezoarError(
        'verdict/nothing-to-undo',
        `There is no verdict to ${kind}. Nothing was changed.`,
      );
    const dataset =
      connection.column<number>('SELECT dataset FROM verdict_action WHERE id = ?', action)[0] ?? 0;
    const entries = connection.all<Entry>(
      'SELECT id, row, verdict, supersedes, restores FROM verdict WHERE action = ? ORDER BY id',
      action,
    );
    session.record(`verdict/${kind}`, () => {
      const next = addAction(kind, action, dataset, '');
      for (const entry of entries) {
        const restored =
          kind === 'redo'
            ? entry
            : connection.get<Entry>(
                'SELECT id, row, verdict, supersedes, restores FROM verdict WHERE id = ?',
                entry.supersedes,
              );
        addEntry(next, dataset, {
          row: entry.row,
          verdict: restored?.verdict ?? null,
          supersedes: lastEntry(dataset, entry.row)?.id ?? null,
          restores: restored === undefined ? null : (restored.restores ?? restored.id),
        });
      }
      return {
        result: undefined,
        detail: {
          action: next,
          of: action,
          dataset,
          count: entries.length,
          entries: entriesHash(connection, next),
        },
      };
    });
    present.delete(dataset);
    const verdict = entries[0]?.verdict ?? null;
    const what = entries.some((entry) => entry.verdict !== verdict)
      ? 'verdicts taken over'
      : verdict === null
        ? 'verdict taken back'
        : `marked ${verdict}`;
    return {
      changed: entries.length,
      sentence: `${kind === 'undo' ? 'Undone' : 'Redone'}: ${samplesInWords(entries.length)} ${what}.`,
      rows: entries.map((entry) => entry.row),
    };
  };

  return {
    bytes: (dataset) => bytesOf(dataset).slice(),
    set: (dataset, rows, verdict, reason) => {
      checkRows(connection, dataset, rows);
      const changes: { row: number; last: Entry | undefined }[] = [];
      for (const row of new Set(rows)) {
        const last = lastEntry(dataset, row);
        const same = (last?.verdict ?? null) === verdict;
        const newReason =
          last !== undefined && verdict !== null && reason !== '' && reasonOf(last) !== reason;
        if (!same || newReason) changes.push({ row, last });
      }
      if (changes.length === 0) return 0;
      session.record('verdict/set', () => {
        const action = addAction('set', null, dataset, reason);
        for (const { row, last } of changes)
          addEntry(action, dataset, { row, verdict, supersedes: last?.id ?? null, restores: null });
        return {
          result: undefined,
          detail: {
            action,
            dataset,
            verdict,
            reason,
            count: changes.length,
            entries: entriesHash(connection, action),
          },
        };
      });
      present.delete(dataset);
      return changes.length;
    },
    takeOver: (dataset, taken, from, keptOurs) => {
      checkRows(
        connection,
        dataset,
        taken.map(({ row }) => row),
      );
      session.record('verdict/take-over', () => {
        const action = addAction('set', null, dataset, '');
        insertTakeOver(connection, action, from);
        for (const one of taken) {
          const supersedes = lastEntry(dataset, one.row)?.id ?? null;
          const { row, verdict } = one;
          const entry = addEntry(action, dataset, { row, verdict, supersedes, restores: null });
          insertVerdictOrigin(connection, entry, one);
        }
        return {
          result: undefined,
          detail: {
            action,
            dataset,
            count: taken.length,
            keptOurs,
            from,
            entries: entriesHash(connection, action),
            origins: originsHash(connection, action),
          },
        };
      });
      present.delete(dataset);
    },
    undo: () => step('undo'),
    redo: () => step('redo'),
    history: (dataset, row) =>
      connection
        .all<MadeRow & { verdict: Verdict | null; kind: ActionKind }>(
          `SELECT made.verdict, kind, ${MADE} FROM verdict AS made ${MADE_JOINS}
           WHERE made.dataset = ? AND made.row = ? ORDER BY made.id`,
          dataset,
          row,
        )
        .map(({ verdict, kind, ...made }) =>
          kind === 'set'
            ? entryOf(verdict, made)
            : { verdict, reason: kind === 'undo' ? 'undone' : 'redone', who: made.who, atMs: made.at_ms },
        ),
    decided: (dataset, verdict) =>
      connection
        .all<MadeRow & { row: number }>(
          `SELECT verdict_now.row, ${MADE} FROM verdict_now
           JOIN verdict AS made ON made.id = verdict_now.entry ${MADE_JOINS}
           WHERE verdict_now.dataset = ? AND verdict_now.verdict = ? ORDER BY verdict_now.row`,
          dataset,
          verdict,
        )
        .map(({ row, ...made }) => ({ row, entry: entryOf(verdict, made) })),
  };
}
