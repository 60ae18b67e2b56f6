import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** Days between two repetitions: as many as the log covers. */
const DAYS = 14;
const LINES_AT_ONCE = 10_000;

/**
 * Writes a log of `rows` requests as JSON Lines and as CSV: the given one over and over, each time some days later and
 * with ids of its own.
 * @param {string} source gzipped JSON Lines
 * @param {number} rows
 * @param {{ jsonl: string, csv: string }} paths
 */
export function makeLog(source, rows, paths) {
  /** @type {Record<string, string | number | null>[]} */
  const requests = gunzipSync(readFileSync(source))
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const [jsonl, csv] = [openSync(paths.jsonl, 'w'), openSync(paths.csv, 'w')];
  const names = Object.keys(requests[0] ?? {});
  writeSync(csv, `${names.join(',')}\n`);
  try {
    for (let first = 0; first < rows; first += LINES_AT_ONCE) {
      let [lines, records] = ['', ''];
      for (let row = first; row < Math.min(rows, first + LINES_AT_ONCE); row++) {
        const days = DAYS * Math.floor(row / requests.length);
        const request = later(requests[row % requests.length] ?? {}, days);
        request.request_id = createHash('sha256').update(String(row)).digest('hex').slice(0, 16);
        lines += `${JSON.stringify(request)}\n`;
        records += `${names.map((name) => request[name] ?? '').join(',')}\n`;
      }
      writeSync(jsonl, lines);
      writeSync(csv, records);
    }
  } finally {
    closeSync(jsonl);
    closeSync(csv);
  }
}

/**
 * @param {Record<string, string | number | null>} request
 * @param {number} days
 * @returns {Record<string, string | number | null>}
 */
function later(request, days) {
  /** @param {string | number | null | undefined} time */
  const shifted = (time) =>
    typeof time === 'string' ? new Date(Date.parse(time) + days * 86_400_000).toISOString() : null;
  return { ...request, time: shifted(request.time), label_time: shifted(request.label_time) };
}
