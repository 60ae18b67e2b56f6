import type { Connection } from './connection.ts';
import { caseFailure } from './sqlite-failure.ts';

/**
 * Arrays are made as long as a set says it is: a number that the whole file could not hold must not be believed.
 * @throws BezoarError case/corrupt
 */
export function refuseMadeUpCounts(connection: Connection): void {
  const bytes = connection.pragma<number>('page_count') * connection.pragma<number>('page_size');
  const wrong = connection.column<number>('SELECT id FROM dataset WHERE rows NOT BETWEEN 0 AND ?', bytes);
  if (wrong.length > 0)
    throw caseFailure.corrupt(connection.path, `set ${wrong.join(', ')} cannot hold the samples it counts`);
  const wrongLogs = connection.column<number>('SELECT id FROM log WHERE rows NOT BETWEEN 0 AND ?', bytes);
  if (wrongLogs.length > 0)
    throw caseFailure.corrupt(
      connection.path,
      `log ${wrongLogs.join(', ')} cannot hold the requests it counts`,
    );
}
