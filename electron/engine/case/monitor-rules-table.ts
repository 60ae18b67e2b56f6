import type { MonitorRules } from '../../contract/alerts.ts';
import type { CaseSession } from './case-session.ts';
import { parseStored } from './connection.ts';
import { recordMonitoring } from './monitoring-content.ts';

/** The rules of alerts: the last that were set are in force. */
export interface MonitorRulesTable {
  /** Null while nobody has changed the usual ones. */
  present(): MonitorRules | null;
  set(rules: MonitorRules): void;
}

export function createMonitorRulesTable(session: CaseSession): MonitorRulesTable {
  const { connection } = session;
  return {
    present: () => {
      const text = connection.column<string>('SELECT rules FROM monitor_rules ORDER BY id DESC LIMIT 1')[0];
      return text === undefined ? null : parseStored<MonitorRules>(connection, text);
    },
    set: (rules) => {
      recordMonitoring(session, 'rules/set', (seq) => {
        connection.run(
          'INSERT INTO monitor_rules (rules, who, at_ms, audit_seq) VALUES (?, ?, ?, ?)',
          JSON.stringify(rules),
          session.actor(),
          Date.now(),
          seq,
        );
        return { result: undefined, detail: { rules } };
      });
    },
  };
}
