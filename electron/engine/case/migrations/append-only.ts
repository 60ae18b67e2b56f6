/** Triggers that refuse every change of what a table holds. */
export const appendOnly = (table: string): string => `
  CREATE TRIGGER ${table}_no_update BEFORE UPDATE ON ${table}
    BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;
  CREATE TRIGGER ${table}_no_delete BEFORE DELETE ON ${table}
    BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;
`;

/** The column that names the audit line of a row. */
export const auditSeq = 'audit_seq INTEGER NOT NULL REFERENCES audit(seq) DEFERRABLE INITIALLY DEFERRED';
