import { appendOnly, auditSeq } from './append-only.ts';
import type { Migration } from './migration.ts';

export const first: Migration = {
  version: 10,
  sql: `
  CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    detail TEXT NOT NULL,
    payload_hash TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
  ${appendOnly('audit')}

  CREATE TABLE dataset (
    id INTEGER PRIMARY KEY,
    role TEXT NOT NULL CHECK (role IN ('investigated', 'trusted')),
    name TEXT NOT NULL,
    rows INTEGER NOT NULL,
    own_keys INTEGER NOT NULL CHECK (own_keys IN (0, 1)),
    content_sha256 TEXT NOT NULL,
    superseded INTEGER NOT NULL CHECK (superseded IN (0, 1)),
    ${auditSeq}
  ) STRICT;

  CREATE TABLE evidence (
    id INTEGER PRIMARY KEY,
    dataset INTEGER NOT NULL REFERENCES dataset(id),
    role TEXT NOT NULL CHECK (role IN ('records', 'activations', 'logits', 'images')),
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    format TEXT NOT NULL,
    importer_version TEXT NOT NULL,
    mapping TEXT NOT NULL,
    rows INTEGER NOT NULL,
    shape TEXT,
    dtype TEXT,
    imported_at_ms INTEGER NOT NULL,
    imported_by TEXT NOT NULL,
    ${auditSeq}
  ) STRICT;

  CREATE TABLE sample (
    dataset INTEGER NOT NULL REFERENCES dataset(id),
    row INTEGER NOT NULL,
    key TEXT NOT NULL,
    label TEXT,
    predicted TEXT,
    confidence REAL,
    PRIMARY KEY (dataset, row)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX sample_key ON sample(dataset, key);

  CREATE TABLE sample_column (
    dataset INTEGER NOT NULL REFERENCES dataset(id),
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    type TEXT NOT NULL CHECK (type IN ('text', 'number')),
    PRIMARY KEY (dataset, position)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE matrix (
    id INTEGER PRIMARY KEY,
    dataset INTEGER NOT NULL REFERENCES dataset(id),
    evidence INTEGER NOT NULL REFERENCES evidence(id),
    role TEXT NOT NULL CHECK (role IN ('activations', 'logits', 'images')),
    dtype TEXT NOT NULL CHECK (dtype IN ('float16', 'float32', 'float64', 'uint8')),
    shape TEXT NOT NULL,
    sha256 TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX matrix_role ON matrix(dataset, role);

  CREATE TABLE matrix_chunk (
    matrix INTEGER NOT NULL REFERENCES matrix(id),
    chunk INTEGER NOT NULL,
    first_row INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (matrix, chunk)
  ) STRICT;

  CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('scan', 'map', 'clustering', 'corroboration')),
    dataset INTEGER NOT NULL REFERENCES dataset(id),
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
    ${auditSeq}
  ) STRICT;
  ${appendOnly('run')}

  CREATE TABLE run_array (
    run INTEGER NOT NULL REFERENCES run(id),
    name TEXT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (run, name)
  ) STRICT;
  ${appendOnly('run_array')}

  CREATE TABLE class_finding (
    run INTEGER NOT NULL REFERENCES run(id),
    class_index INTEGER NOT NULL,
    class_name TEXT NOT NULL,
    decision TEXT NOT NULL,
    ways TEXT NOT NULL,
    statistic REAL,
    p_value REAL,
    flagged INTEGER NOT NULL,
    PRIMARY KEY (run, class_index)
  ) STRICT, WITHOUT ROWID;
  ${appendOnly('class_finding')}

  CREATE TABLE verdict_action (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('set', 'undo', 'redo')),
    of_action INTEGER REFERENCES verdict_action(id),
    dataset INTEGER NOT NULL REFERENCES dataset(id),
    reason TEXT NOT NULL,
    who TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    ${auditSeq}
  ) STRICT;
  ${appendOnly('verdict_action')}

  CREATE TABLE verdict (
    id INTEGER PRIMARY KEY,
    action INTEGER NOT NULL REFERENCES verdict_action(id),
    dataset INTEGER NOT NULL,
    row INTEGER NOT NULL,
    verdict TEXT CHECK (verdict IN ('poison', 'clean', 'unsure')),
    supersedes INTEGER REFERENCES verdict(id),
    restores INTEGER REFERENCES verdict(id),
    FOREIGN KEY (dataset, row) REFERENCES sample(dataset, row)
  ) STRICT;
  CREATE INDEX verdict_sample ON verdict(dataset, row, id);
  CREATE INDEX verdict_of_action ON verdict(action);
  ${appendOnly('verdict')}

  -- The decision in force: an undo restores an earlier entry, whose author, time and reason then count again.
  CREATE VIEW verdict_now AS
    SELECT last.dataset, last.row, last.id, last.verdict, coalesce(last.restores, last.id) AS entry
    FROM verdict AS last
    WHERE last.id = (SELECT max(id) FROM verdict AS other
                     WHERE other.dataset = last.dataset AND other.row = last.row);

  CREATE TABLE seen (
    dataset INTEGER NOT NULL,
    row INTEGER NOT NULL,
    who TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (dataset, row),
    FOREIGN KEY (dataset, row) REFERENCES sample(dataset, row)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE note (
    dataset INTEGER NOT NULL,
    row INTEGER NOT NULL,
    text TEXT NOT NULL,
    who TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (dataset, row),
    FOREIGN KEY (dataset, row) REFERENCES sample(dataset, row)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE saved_view (
    name TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    saved_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE export_record (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    audit_head TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    who TEXT NOT NULL,
    ${auditSeq}
  ) STRICT;
  ${appendOnly('export_record')}
  `,
};
