import type { BehaviourReference } from '../../../native-workers/drift/reference.ts';
import type { Baseline, BaselineProfile } from '../../contract/baselines.ts';
import type { CaseSession } from './case-session.ts';
import { parseStored } from './connection.ts';
import { recordMonitoring } from './monitoring-content.ts';

/** Everything of a baseline that its list shows, without what the case itself gives it. */
export type BaselineFacts = Omit<Baseline, 'id' | 'version' | 'name' | 'createdAtMs' | 'createdBy'>;

export interface NewBaseline {
  readonly facts: BaselineFacts;
  readonly profile: BaselineProfile;
  readonly reference: BehaviourReference | null;
}

/** Baselines are only ever added; those of one name count up. */
export interface BaselineTable {
  add(action: 'create' | 'import', name: string, baseline: NewBaseline): number;
  list(): Baseline[];
  get(id: number): Baseline | null;
  profile(id: number): BaselineProfile | null;
  /** What the default alarm holds a log against; null for predictions without times. */
  reference(id: number): BehaviourReference | null;
}

interface BaselineRow {
  id: number;
  name: string;
  version: number;
  facts: string;
  created_at_ms: number;
  created_by: string;
}

const COLUMNS = 'id, name, version, facts, created_at_ms, created_by';

export function createBaselineTable(session: CaseSession): BaselineTable {
  const { connection } = session;
  const stored = (row: BaselineRow): Baseline => ({
    ...parseStored<BaselineFacts>(connection, row.facts),
    id: row.id,
    name: row.name,
    version: row.version,
    createdAtMs: row.created_at_ms,
    createdBy: row.created_by,
  });
  return {
    add: (action, name, { facts, profile, reference }) =>
      recordMonitoring(session, `baseline/${action}`, (seq) => {
        const version =
          (connection.column<number | null>('SELECT max(version) FROM baseline WHERE name = ?', name)[0] ??
            0) + 1;
        const id = connection.run(
          `INSERT INTO baseline (name, version, facts, profile, reference, created_at_ms, created_by, audit_seq)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
          name,
          version,
          JSON.stringify(facts),
          JSON.stringify(profile),
          JSON.stringify(reference),
          Date.now(),
          session.actor(),
          seq,
        );
        return {
          result: id,
          detail: { baseline: id, name, version, source: facts.source, rows: facts.rows },
        };
      }),
    list: () => connection.all<BaselineRow>(`SELECT ${COLUMNS} FROM baseline ORDER BY id`).map(stored),
    get: (id) => {
      const row = connection.get<BaselineRow>(`SELECT ${COLUMNS} FROM baseline WHERE id = ?`, id);
      return row === undefined ? null : stored(row);
    },
    profile: (id) => {
      const text = connection.column<string>('SELECT profile FROM baseline WHERE id = ?', id)[0];
      return text === undefined ? null : parseStored<BaselineProfile>(connection, text);
    },
    reference: (id) => {
      const text = connection.column<string>('SELECT reference FROM baseline WHERE id = ?', id)[0];
      return text === undefined ? null : parseStored<BehaviourReference | null>(connection, text);
    },
  };
}
