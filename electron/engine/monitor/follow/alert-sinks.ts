import { appendFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { alertEntry } from '../../export/alerts-json.ts';
import type { EpisodeRow, StoredAlert } from '../../case/alert-table.ts';
import { postToWebhook } from './webhook.ts';

/** Where alerts go beside the case. */
export interface AlertSinks {
  /** Appends to the file and posts; returns what went wrong, one sentence each. */
  tell(alert: Pick<StoredAlert, 'episode'>, rows: readonly EpisodeRow[]): Promise<string[]>;
}

/** @param alertsFile a line of JSON an alert is appended to it; @param webhook an http or https address */
export function alertSinks(alertsFile: string | null, webhook: string | null): AlertSinks {
  return {
    tell: async (alert, rows) => {
      const text = JSON.stringify(alertEntry(alert, rows));
      const problems: string[] = [];
      if (alertsFile !== null)
        try {
          await appendFile(alertsFile, `${text}\n`);
        } catch (error) {
          problems.push(
            `The alert could not be appended to ${basename(alertsFile)}: ${(error as Error).message}. It is kept in the case. Make room or name another file.`,
          );
        }
      if (webhook !== null) {
        const { delivered, sentence } = await postToWebhook(webhook, text);
        if (!delivered) problems.push(sentence);
      }
      return problems;
    },
  };
}
