import { createWriteStream, mkdirSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { beginIn, scenariosOn } from './drift-logs/scenarios.ts';
import { DAY, ordinaryTraffic, simulateLog } from './drift-logs/simulate-log.ts';

/** @typedef {import('../native-workers/drift/event-table.ts').EventTable} EventTable */

const USAGE = `node scripts/make_drift_logs.mjs --out DIR [--seed N] [--days N] [--only A,B]
writes DIR/reference.jsonl (28 simulated days), DIR/clean.jsonl and a log a planted change, with the planted requests marked by
their ids in CHANGE.planted.txt`;

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    seed: { type: 'string', default: '1' },
    days: { type: 'string', default: '10' },
    only: { type: 'string' },
  },
});

if (values.out === undefined) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(2);
}
const seed = Number(values.seed);
const days = Number(values.days);
const only = values.only?.split(',') ?? null;
mkdirSync(values.out, { recursive: true });
const start = ordinaryTraffic.start + 28 * DAY;
await write('reference', simulateLog({ ...ordinaryTraffic, seed, purpose: 1, days: 28 }));
const clean = simulateLog({ ...ordinaryTraffic, seed, purpose: 2, days, start });
await write('clean', clean);
for (const scenario of scenariosOn(5, [2, 7])) {
  if (only !== null && !only.includes(scenario.id)) continue;
  const { table, planted } = scenario.plant(clean, beginIn(start), seed);
  await write(scenario.id, table);
  const marked = createWriteStream(join(values.out, `${scenario.id}.planted.txt`));
  planted.forEach((one, row) => one === 1 && marked.write(`r${row}\n`));
  marked.end();
}

/**
 * @param {string} name
 * @param {EventTable} table
 */
async function write(name, table) {
  const file = createWriteStream(join(values.out ?? '', `${name}.jsonl`));
  for (let row = 0; row < table.rows; row++) {
    const label = table.label?.[row] ?? -1;
    const known = table.labelTime?.[row] ?? NaN;
    const line = {
      time: new Date(table.time[row]).toISOString(),
      request_id: `r${row}`,
      ...Object.fromEntries(table.categorical.map((one) => [one.name, one.levels[one.codes[row]] ?? null])),
      prediction: table.classes[table.predicted[row]] ?? null,
      ...Object.fromEntries(table.numeric.map((one) => [one.name, one.values[row]])),
      label: table.classes[label] ?? null,
      label_time: Number.isNaN(known) ? null : new Date(known).toISOString(),
    };
    if (!file.write(`${JSON.stringify(line)}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
}
