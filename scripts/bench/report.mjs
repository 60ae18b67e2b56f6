import { rows } from './rows.mjs';
import { table } from './table.mjs';
import { median } from './verdict.mjs';

/** @typedef {import('./compare.mjs').Result} Result */
/** @typedef {import('./machine.mjs').Machine} Machine */
/** @typedef {import('./scaling.mjs').Scaling} Scaling */
/** @typedef {import('./map-quality.mjs').MapQuality} MapQuality */
/** @typedef {import('./million/million.mjs').MillionRows} MillionRows */
/** @typedef {import('./ingest/ingest.mjs').Ingested} Ingested */
/** @typedef {{ machine: Machine, results: Result[], scaling: Scaling[], maps: MapQuality[], million?: MillionRows[], ingest?: Ingested[] }} Measured */

const PREAMBLE = [
  '# Benchmarks',
  '',
  '<!-- Written by `npm run bench`; not edited by hand. -->',
  '',
  'Our kernels against their peers: one thread each, by turns on the same data, CPU seconds (user and system), medians; both have',
  "run for a second before. The ratio is the peer's time by ours, in brackets the smallest and the largest of two runs that followed one another. A row is *met* from the asked",
  'ratio on, *warned* from 85 % of it on, else *failed*; results that do not agree fail however fast they came. *No claim*: nothing is',
  'asked here, fewer than five runs, or data that were generated because the measurement case is not there.',
  '',
  'Data: the first 50,000 activations of the measurement case `clean` (128 columns, after a ReLU); the same turned into 512 columns by four',
  'random rotations with noise of a tenth of their deviation and a ReLU; 50,000 rows of 20 Gaussians in 100 columns; 30 blobs with a tenth',
  'of noise in 2 columns; samples of 1,000,000 normal values; 20 columns of 1,000,000 normal and skewed values. All but the first are made by `scripts/bench/data-sets.mjs` from fixed seeds.',
  '',
  'Every section names its machine: results of one replace its own of before, and leave those of others.',
];

/**
 * docs/benchmarks.md with every kept result of this machine in the place of its own of before.
 * @param {string | null} page as it is
 * @param {Measured} measured
 */
export function benchmarksPage(page, { machine, results, scaling, maps, million = [] }) {
  const settings = [...new Set(results.map(settingOf))];
  const sections = [
    ...settings.map((setting) =>
      section(
        setting,
        results.filter((result) => settingOf(result) === setting),
      ),
    ),
    ...(scaling.length === 0 ? [] : [scalingSection(scaling)]),
    ...(maps.length === 0 ? [] : [mapSection(maps)]),
    ...(million.length === 0 ? [] : [millionSection(million)]),
  ];
  const start = page?.indexOf('\n## ') ?? -1;
  const others = page === null || start < 0 ? '' : page.slice(start);
  return sections.reduce(
    (text, lines) => withSection(text, ofMachine(lines, machine)),
    `${PREAMBLE.join('\n')}\n${others}`,
  );
}

/**
 * @param {string[]} lines of a section, its title first
 * @param {Machine} machine
 */
function ofMachine([title = '', ...lines], { processor, cores, memory: bytes, system, engines }) {
  const words = `${processor}, ${cores} cores, ${(bytes / 1e9).toFixed(0)} GB, ${system}; engines: ${engines.join(', ')}.`;
  return [`${title} (${processor})`, '', words, ...lines];
}

/** @param {Result} result */
function settingOf({ engine, forcedBlas }) {
  return `${engine}, ${forcedBlas === null ? "the peer's linear algebra as installed" : `the peer's linear algebra made to use ${forcedBlas}`}`;
}

/**
 * @param {string} setting
 * @param {Result[]} results
 */
function section(setting, results) {
  const known = rows.filter((row) => results.some((result) => result.row === row.name));
  /** @type {string[][]} */
  const lines = [
    [
      'kernel',
      'peer',
      'peer, s',
      'ours, s',
      'ratio',
      'asked',
      'verdict',
      'peak memory, MB: peer / ours',
      'date',
    ],
  ];
  /** @type {string[]} */
  const notes = [];
  for (const row of known) {
    const result = results.find((one) => one.row === row.name);
    if (result === undefined) continue;
    const { ours, peer } = result;
    lines.push([
      row.title,
      row.peerTitle,
      peer === null ? 'not installed' : seconds(peer.cpu),
      seconds(ours.cpu),
      result.ratio === null
        ? ''
        : `${ratio(result.ratio)} (${ratio(result.least ?? 0)} - ${ratio(result.most ?? 0)})`,
      result.atMost !== null ? `at most ${result.atMost}` : result.asked === null ? '' : String(result.asked),
      result.verdict,
      `${peer === null ? '' : memory(peer)} / ${memory(ours)}`,
      result.date,
    ]);
    const said = [result.found === '' ? '' : `${result.found}.`, ...result.faults].filter(
      (text) => text !== '',
    );
    if (said.length > 0) notes.push(`- ${row.title} (${row.peerTitle}): ${said.join(' ')}`);
  }
  return [
    `## ${setting}`,
    '',
    ...table(lines),
    '',
    versionsLine(results),
    '',
    'Found (ours and the peer):',
    '',
    ...notes,
  ];
}

/** @param {Result[]} results */
function versionsLine(results) {
  /** @type {Map<string, string>} */
  const versions = new Map();
  const blas = new Set();
  for (const { ours, peer } of results) {
    for (const [name, version] of Object.entries({ ...peer?.versions, ...ours.versions }))
      if (name !== 'engine') versions.set(name, version);
    if (peer?.blas) blas.add(peer.blas);
  }
  const listed = [...versions].map(([name, version]) => `${name} ${version}`).join(', ');
  return `Versions: ${listed}. The peers' linear algebra: ${[...blas].join(', ') || 'not told'}.`;
}

/** @param {Scaling[]} scaling */
function scalingSection(scaling) {
  return [
    '## Two threads against one',
    '',
    'Wall time, medians; apart from the ratios above, which are of one thread. On a busy machine they say little.',
    '',
    ...table([
      ['kernel', 'engine', 'one thread, s', 'two threads, s', 'gain', 'asked', 'date'],
      ...scaling.map(({ kernel, engine, one, two, date }) => [
        kernel,
        engine,
        seconds(one),
        seconds(two),
        ratio(one / two),
        '1.7',
        date,
      ]),
    ]),
  ];
}

/** @param {MapQuality[]} maps */
function mapSection(maps) {
  /** @param {number[]} values */
  const written = (values) =>
    `${median(values).toFixed(4)} (${Math.min(...values).toFixed(4)} - ${Math.max(...values).toFixed(4)})`;
  return [
    '## Quality of the maps',
    '',
    'Trustworthiness (15 neighbours) on 5,000 rows evenly spaced, medians of five seeds, with the epochs that each program takes by itself.',
    "Asked: not below umap-learn's less 0.005.",
    '',
    ...table([
      ['data', 'engine', 'ours', 'umap-learn', 'verdict', 'date'],
      ...maps.map(({ title, engine, ours, peer, verdict, date }) => [
        title,
        engine,
        written(ours),
        written(peer),
        verdict,
        date,
      ]),
    ]),
  ];
}

/** @param {MillionRows[]} million */
function millionSection(million) {
  return [
    '## 1,000,000 x 512',
    '',
    'Wall time on two threads and the largest resident memory of the process so far, each way in a process of its own; 2.05 GB are',
    "the matrix's own. _streamed_ reads the case block by block, _resident_ holds the matrix, _map_ draws what the app draws: the PCA map, and UMAP on 64",
    'principal components with approximate neighbours.',
    '',
    ...table([
      ['way', 'step', 'seconds', 'peak, MB', 'asked at most, MB', 'date'],
      ...million.flatMap(({ mode, steps, asked, date }) =>
        steps.map(({ step, seconds: took, peak }) => [
          mode,
          step,
          seconds(took),
          memory({ peak }),
          asked === null ? '' : memory({ peak: asked }),
          date,
        ]),
      ),
    ]),
  ];
}

const INGEST_TITLE = '## Reading logs';

/** @param {Ingested[]} ingest */
export function ingestSection(ingest) {
  return [
    INGEST_TITLE,
    '',
    'Wall time on two cores from the file to the committed case (with its proposal, the SHA-256 of the file, request ids compared, columns written) against',
    "pandas reading the same file into a frame; by turns, each run in a process of its own, medians. The ratio is the peer's time by ours. The log is the",
    'measurement log `baseline` over and over, each time a fortnight later and with ids of its own. Rows, columns, classes, labels and the sum of the',
    'confidences must agree; an import may take 1.2 GB of memory. A matrix of 1 GB stands beside a plain read of its file with its SHA-256; its import',
    'hashes the file and the values and looks at each value, and may take 1.3 times the matrix of memory. Taken into the case it is also written to the disk,',
    'which the peer does not do and nothing is asked of.',
    '',
    ...table([
      [
        'log',
        'MB',
        'peer',
        'peer, s',
        'ours, s',
        'ratio',
        'asked',
        'verdict',
        'processor seconds: peer / ours',
        'peak memory, MB: peer / ours',
        'date',
      ],
      ...ingest.map(
        ({ title, megabytes, peerTitle, peer, ours, ratio: times, least, most, asked, verdict, date }) => [
          title,
          megabytes.toFixed(0),
          peerTitle,
          seconds(peer.wall),
          seconds(ours.wall),
          `${ratio(times)} (${ratio(least)} - ${ratio(most)})`,
          asked === null ? '' : ratio(asked),
          verdict,
          `${seconds(peer.cpu)} / ${seconds(ours.cpu)}`,
          `${memory(peer)} / ${memory(ours)}`,
          date,
        ],
      ),
    ]),
    ...ingest.flatMap(({ title, faults }) =>
      faults.length === 0 ? [] : ['', `${title}: ${faults.join(', ')}.`],
    ),
    '',
    `Versions: ${[...new Set(ingest.map(({ version }) => version))].join(', ')}.`,
  ];
}

/**
 * The page with a section in the place of the one of the same title, or at its end.
 * @param {string} page
 * @param {string[]} section its first line is the title
 */
export function withSection(page, section) {
  const [title = ''] = section;
  const start = page.indexOf(`${title}\n`);
  const text = `${section.join('\n')}\n`;
  if (start < 0) return `${page.trimEnd()}\n\n${text}`;
  const next = page.indexOf('\n## ', start);
  return page.slice(0, start) + text + (next < 0 ? '' : page.slice(next));
}

/** @param {{ peak: number }} side */
function memory({ peak }) {
  return (peak / 1e6).toFixed(0);
}

/** @param {number} value */
function seconds(value) {
  return value >= 10 ? value.toFixed(1) : value >= 0.1 ? value.toFixed(2) : value.toFixed(3);
}

/** @param {number} value */
function ratio(value) {
  return value >= 20 ? value.toFixed(0) : value.toFixed(value >= 3 ? 1 : 2);
}

/**
 * One line a row for the terminal.
 * @param {Result} result
 */
export function resultLine({
  row,
  ratio: measured,
  least,
  most,
  asked,
  atMost,
  verdict,
  ours,
  peer,
  faults,
}) {
  const times =
    peer === null
      ? `no peer, ours ${seconds(ours.cpu)} s`
      : `${seconds(peer.cpu)} s against ${seconds(ours.cpu)} s`;
  const spread =
    measured === null ? '' : `, ratio ${ratio(measured)} (${ratio(least ?? 0)} - ${ratio(most ?? 0)})`;
  const demand = atMost !== null ? `, asked at most ${atMost}` : asked === null ? '' : `, asked ${asked}`;
  return `${row}: ${times}${spread}${demand}: ${verdict}${faults.length > 0 ? `. ${faults.join(' ')}` : ''}`;
}

/** @param {Scaling} scaling */
export function scalingLine({ kernel, one, two }) {
  return `${kernel}: two threads ${seconds(two)} s, one ${seconds(one)} s, gain ${ratio(one / two)}, asked 1.7`;
}
