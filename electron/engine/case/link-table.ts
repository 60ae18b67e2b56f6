import type { LinkTable } from './case-file.ts';
import { nextAuditSeq, type CaseSession } from './case-session.ts';
import { addLink, linkHash, linkOf } from './linked-file.ts';

export function createLinkTable(session: CaseSession): LinkTable {
  const { connection } = session;
  return {
    of: (evidence) => {
      const matrix = connection.column<number>('SELECT id FROM matrix WHERE evidence = ?', evidence)[0];
      return matrix === undefined ? null : linkOf(connection, matrix);
    },
    relink: ({ path, size, sha256, modifiedMs }) => {
      session.record('evidence/relink', () => {
        const auditSeq = nextAuditSeq(connection);
        const links: { id: number; content: string }[] = [];
        for (const matrix of connection.column<number>(
          'SELECT DISTINCT matrix FROM matrix_link ORDER BY matrix',
        )) {
          const link = linkOf(connection, matrix);
          if (link?.size !== size || link.sha256 !== sha256) continue;
          const id = addLink(connection, matrix, { ...link, path, modifiedMs }, session.actor(), auditSeq);
          links.push({ id, content: linkHash(connection, id) });
        }
        return { result: undefined, detail: { path, size, sha256, links } };
      });
    },
  };
}
