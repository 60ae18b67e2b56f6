import { appendOnly, auditSeq } from './append-only.ts';
import type { Migration } from './migration.ts';

/** A table that only grows, with an index by audit line: what a line tells of is checked against its rows. */
const grown = (name: string, columns: string): string => `
  CREATE TABLE ${name} (${columns}) STRICT;
  CREATE INDEX ${name}_of_line ON ${name}(audit_seq);
  ${appendOnly(name)}
`;

export const monitoring: Migration = {
  version: 40,
  sql: `
  ${grown(
    'baseline',
    `id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    facts TEXT NOT NULL,
    profile TEXT NOT NULL,
    reference TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    ${auditSeq},
    UNIQUE (name, version)`,
  )}
  ${grown(
    'monitor_run',
    `id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('monitor', 'follow', 'drill')),
    baseline INTEGER NOT NULL REFERENCES baseline(id),
    engine TEXT NOT NULL,
    version TEXT NOT NULL,
    parameters TEXT NOT NULL,
    seed INTEGER NOT NULL,
    inputs TEXT NOT NULL,
    started_at_ms REAL NOT NULL,
    started_by TEXT NOT NULL,
    milliseconds REAL NOT NULL,
    peak_rss_bytes REAL NOT NULL,
    result TEXT NOT NULL,
    ${auditSeq}`,
  )}
  ${grown(
    'monitor_array',
    `run INTEGER NOT NULL REFERENCES monitor_run(id),
    name TEXT NOT NULL,
    ${auditSeq},
    bytes BLOB NOT NULL,
    PRIMARY KEY (run, name)`,
  )}
  ${grown(
    'alert',
    `id INTEGER PRIMARY KEY,
    monitor TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    found_at_ms INTEGER NOT NULL,
    ${auditSeq}`,
  )}
  ${grown(
    'alert_sighting',
    `id INTEGER PRIMARY KEY,
    alert INTEGER NOT NULL REFERENCES alert(id),
    run INTEGER NOT NULL REFERENCES monitor_run(id),
    ${auditSeq},
    episode TEXT NOT NULL,
    rows TEXT NOT NULL`,
  )}
  CREATE INDEX sighting_of_alert ON alert_sighting(alert, id);
  CREATE INDEX sighting_of_run ON alert_sighting(run, id);
  ${grown(
    'incident',
    `id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    opened_at_ms INTEGER NOT NULL,
    opened_by TEXT NOT NULL,
    ${auditSeq}`,
  )}
  ${grown(
    'incident_action',
    `id INTEGER PRIMARY KEY,
    incident INTEGER NOT NULL REFERENCES incident(id),
    action TEXT NOT NULL CHECK (action IN ('open', 'close', 'reopen', 'note', 'link', 'unlink')),
    requests TEXT NOT NULL,
    text TEXT NOT NULL,
    who TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    ${auditSeq}`,
  )}
  CREATE INDEX action_of_incident ON incident_action(incident, id);
  ${grown(
    'alert_action',
    `id INTEGER PRIMARY KEY,
    alert INTEGER NOT NULL REFERENCES alert(id),
    action TEXT NOT NULL
      CHECK (action IN ('acknowledge', 'close', 'reopen', 'note', 'link', 'unlink', 'step-done', 'step-undone')),
    step TEXT,
    incident INTEGER REFERENCES incident(id),
    text TEXT NOT NULL,
    who TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    ${auditSeq}`,
  )}
  CREATE INDEX action_of_alert ON alert_action(alert, id);
  ${grown(
    'monitor_rules',
    `id INTEGER PRIMARY KEY,
    rules TEXT NOT NULL,
    who TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    ${auditSeq}`,
  )}
  `,
};

/** The tables of monitoring, in the order in which a change writes them. */
export const monitoringTables = [
  'baseline',
  'monitor_run',
  'monitor_array',
  'alert',
  'alert_sighting',
  'incident',
  'incident_action',
  'alert_action',
  'monitor_rules',
] as const;
