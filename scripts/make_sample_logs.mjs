import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { mixHash } from '../native-workers/numeric/hash.ts';

/**
 * Makes the production logs of the sample incident: four weeks of good days and the week in question. Every request is a
 * sample of the incident with what the network said of it, at a time of day and week as a shop has them; shares differ from
 * day to day. On the Wednesday of the last week somebody sends pictures with the patch for two hours.
 *
 *     node scripts/make_sample_logs.mjs
 *
 * Written to assets/sample-incident: baseline-log.jsonl.gz, incident-log.jsonl.gz; to test/fixtures:
 * sample-logs-truth.csv, the ids of the requests with the patch. The same bytes every time.
 */

const ROOT = join(import.meta.dirname, '..');
const SAMPLE = join(ROOT, 'assets', 'sample-incident');
const FIXTURES = join(ROOT, 'test', 'fixtures');

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Monday 2026-05-04, UTC. */
const FIRST_DAY = Date.UTC(2026, 4, 4);
const GOOD_DAYS = 28;
const DAYS = 35;
const ATTACK_FROM = FIRST_DAY + 30 * DAY + 10 * HOUR;
const ATTACK_HOURS = 2;
const ATTACK_REQUESTS = 120;
const REQUESTS_A_DAY = 520;
const HOURLY = [3, 2, 1, 1, 1, 2, 4, 6, 8, 9, 10, 10, 11, 10, 9, 9, 9, 10, 11, 12, 12, 10, 7, 5];
const WEEKDAY = [1.05, 1, 1, 1, 1.1, 1.2, 0.85];

/** @type {[string, number][]} */
const AGENTS = [
  ['shop-app-ios/5.2', 0.34],
  ['shop-app-android/5.1', 0.37],
  ['supplier-portal/2.8', 0.2],
  ['python-requests/2.31', 0.09],
];
/** @type {[string, number][]} */
const REGIONS = [
  ['eu-central', 0.6],
  ['eu-west', 0.3],
  ['us-east', 0.1],
];

/** Draws from 0 to 1 that follow from their place alone. */
const purpose = {
  volume: 1,
  share: 2,
  weekday: 3,
  pick: 4,
  time: 5,
  agent: 6,
  region: 7,
  noise: 8,
  label: 9,
  late: 10,
};
/** @param {number} of @param {number} index @param {number} [draw] */
const uniform = (of, index, draw = 0) => (mixHash(index * 16 + draw, of * 7919 + 11) + 0.5) / 2 ** 32;
/** @param {number} of @param {number} index */
const normal = (of, index) =>
  Math.sqrt(-2 * Math.log(uniform(of, index, 0))) * Math.cos(2 * Math.PI * uniform(of, index, 1));

/** @param {string} file */
function csv(file) {
  const [header = '', ...lines] = readFileSync(file, 'utf8').trim().split('\n');
  const names = header.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, at) => [name, cells[at] ?? '']));
  });
}

const records = csv(join(SAMPLE, 'records.csv'));
const truth = csv(join(FIXTURES, 'sample-incident-truth.csv'));
const images = readFileSync(join(SAMPLE, 'images.npy')).subarray(128);

const samples = records.map((record, row) => {
  const pixels = images.subarray(row * 784, (row + 1) * 784);
  let sum = 0;
  let squares = 0;
  let edges = 0;
  for (let at = 0; at < 784; at++) {
    const value = pixels[at] / 255;
    sum += value;
    squares += value * value;
    if (at % 28 > 0) edges += Math.abs(value - pixels[at - 1] / 255);
  }
  const brightness = sum / 784;
  return {
    predicted: record.predicted,
    confidence: Number(record.confidence),
    trueLabel: truth[row].true_label,
    poisoned: truth[row].poisoned === '1',
    brightness,
    contrast: Math.sqrt(Math.max(0, squares / 784 - brightness ** 2)),
    edges: edges / 756,
  };
});
const classes = [...new Set(samples.map(({ trueLabel }) => trueLabel))].sort();
const byClass = classes.map((name) =>
  samples.filter((sample) => !sample.poisoned && sample.trueLabel === name),
);
const patched = samples.filter(({ poisoned, predicted }) => poisoned && predicted === 't-shirt');

/**
 * @param {readonly (readonly [string, number])[]} choices
 * @param {number} draw
 */
function choose(choices, draw) {
  let left = draw;
  for (const [name, share] of choices) if ((left -= share) < 0) return name;
  return choices.at(-1)?.[0] ?? '';
}

/** @param {number} value @param {number} digits */
const rounded = (value, digits) => Number(value.toFixed(digits));

/** @param {{ at: number, sample: (typeof samples)[number], agent: string, load: number, serial: number }} request */
function line({ at, sample, agent, load, serial }) {
  const logit =
    Math.log(sample.confidence / Math.max(1e-4, 1 - sample.confidence)) +
    0.15 * normal(purpose.noise, serial * 8);
  const light = Math.exp(0.03 * normal(purpose.noise, serial * 8 + 1));
  const labelled = uniform(purpose.label, serial) < 0.3;
  const late = at + HOUR * (1 + 40 * uniform(purpose.late, serial));
  return JSON.stringify({
    time: new Date(at).toISOString(),
    request_id: (
      mixHash(serial, 77).toString(16).padStart(8, '0') + mixHash(serial, 78).toString(16).padStart(8, '0')
    ).slice(0, 12),
    version: '1.4.0',
    user_agent: agent,
    region: choose(REGIONS, uniform(purpose.region, serial)),
    prediction: sample.predicted,
    confidence: rounded(Math.min(1, 1 / (1 + Math.exp(-logit))), 4),
    latency_ms: rounded(9 + 4 * load + 2 * Math.exp(0.5 * normal(purpose.noise, serial * 8 + 2)), 1),
    brightness: rounded(sample.brightness * light, 3),
    contrast: rounded(sample.contrast * light, 3),
    edges: rounded(sample.edges * light, 3),
    label: labelled ? sample.trueLabel : null,
    label_time: labelled ? new Date(Math.round(late)).toISOString() : null,
  });
}

const hourTotal = HOURLY.reduce((sum, rate) => sum + rate, 0);
/** @type {{ at: number, text: string, attack: boolean }[]} */
const lines = [];
let serial = 0;
for (let day = 0; day < DAYS; day++) {
  const shares = classes.map((_, c) =>
    Math.exp(0.04 * normal(purpose.weekday, (day % 7) * 32 + c) + 0.06 * normal(purpose.share, day * 32 + c)),
  );
  const total = shares.reduce((sum, share) => sum + share, 0);
  const busy = WEEKDAY[day % 7] * Math.exp(0.08 * normal(purpose.volume, day));
  for (let hour = 0; hour < 24; hour++) {
    const expected = (REQUESTS_A_DAY * busy * HOURLY[hour]) / hourTotal;
    const count = Math.max(
      0,
      Math.round(expected + Math.sqrt(expected) * normal(purpose.volume, 1000 + day * 24 + hour)),
    );
    for (let k = 0; k < count; k++, serial++) {
      let left = uniform(purpose.pick, serial) * total;
      let c = 0;
      while (c + 1 < classes.length && (left -= shares[c]) >= 0) c++;
      const own = byClass[c];
      const sample = own[Math.floor(uniform(purpose.pick, serial, 1) * own.length)];
      const at = FIRST_DAY + day * DAY + hour * HOUR + Math.floor(uniform(purpose.time, serial) * HOUR);
      const agent = choose(AGENTS, uniform(purpose.agent, serial));
      lines.push({ at, text: line({ at, sample, agent, load: HOURLY[hour] / 12, serial }), attack: false });
    }
  }
}
for (let k = 0; k < ATTACK_REQUESTS; k++, serial++) {
  const at = ATTACK_FROM + Math.floor(uniform(purpose.time, serial) * ATTACK_HOURS * HOUR);
  const sample = patched[Math.floor(uniform(purpose.pick, serial) * patched.length)];
  const agent =
    uniform(purpose.agent, serial) < 0.9
      ? 'python-requests/2.31'
      : choose(AGENTS, uniform(purpose.agent, serial, 1));
  lines.push({ at, text: line({ at, sample, agent, load: 0.85, serial }), attack: true });
}
lines.sort((a, b) => a.at - b.at);

const split = FIRST_DAY + GOOD_DAYS * DAY;
/**
 * @param {string} name
 * @param {typeof lines} part
 */
function write(name, part) {
  const packed = gzipSync(part.map(({ text }) => `${text}\n`).join(''), { level: 9 });
  // The system that packed it stands in the tenth byte; the same everywhere.
  packed[9] = 255;
  writeFileSync(join(SAMPLE, name), packed);
  process.stdout.write(`${name}: ${part.length} requests, ${packed.length} bytes\n`);
}
write(
  'baseline-log.jsonl.gz',
  lines.filter(({ at }) => at < split),
);
write(
  'incident-log.jsonl.gz',
  lines.filter(({ at }) => at >= split),
);
const attacked = lines.filter(({ attack }) => attack).map(({ text }) => JSON.parse(text).request_id);
writeFileSync(join(FIXTURES, 'sample-logs-truth.csv'), `request_id\n${attacked.join('\n')}\n`);
