import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { table } from '../table.mjs';
import { median } from '../verdict.mjs';
import { ratesOf } from './judge.mjs';

/** @typedef {import('./detection.mjs').Detection} Detection */
/** @typedef {import('./detection.mjs').KnownCase} KnownCase */
/** @typedef {import('./detection.mjs').ScanOfCase} ScanOfCase */
/** @typedef {import('./detection.mjs').Mode} Mode */
/** @typedef {import('./measure-scan.mjs').Scanned} Scanned */
/** @typedef {import('./measure-scan.mjs').ClassOnCase} ClassOnCase */
/** @typedef {import('./judge.mjs').Counts} Counts */
/** @typedef {{ tpr: number | null, fpr: number | null, f1: number | null, auroc: number | null }} Figures */
/** @typedef {{ title: string, milliseconds: number, cases: Record<string, Figures> }} Peer */
/** @typedef {{ with?: number, without?: number, class: string }} Asked */

/** @type {{ source: string, detectors: Record<string, Peer> }} */
const ART = JSON.parse(readFileSync(join(import.meta.dirname, 'art-figures.json'), 'utf8'));
/** @type {Record<string, Asked>} */
const ASKED = JSON.parse(readFileSync(join(import.meta.dirname, 'asked.json'), 'utf8'));
/** Share of scans without poison that may raise an alarm, and how many scans it takes to say so. */
const MOST_ALARMED = 0.01;
const LEAST_SCANS = 100;
/** More classes than this are counted and not named in a cell. */
const MOST_NAMED = 3;

/**
 * docs/detection.md: everything that was measured, and what was not.
 * @param {Detection} measured
 */
export function detectionPage(measured) {
  const { machine, cases, scans } = measured;
  const done = scans.flatMap(({ scanned }) => scanned ?? []);
  const threads = [...new Set(scans.map((scan) => scan.threads))].join(' and ');
  const dates = [...new Set(scans.map(({ date }) => date))].sort().join(', ');
  return [
    '# Detection, measured',
    '',
    '<!-- Written by `npm run bench -- detection`; not edited by hand. -->',
    '',
    'One scan with the defaults and every detector, with the trusted set and without, on every case whose truth is known. The truth is read',
    'after the scan, to judge by. TPR and FPR are shares of all poisoned and of all clean rows of the case; F1 is over all of its rows.',
    '',
    `Machine: ${machine.processor}, ${machine.cores} cores, ${machine.system}; engine ${[...new Set(done.map(({ engine }) => engine))].join(', ') || 'none'}, ${threads || 'no'} worker ${threads === '1' ? 'thread' : 'threads'}. Measured: ${dates || 'nothing yet'}.`,
    'Seconds are those of the scan on a machine that may be busy otherwise, the import apart; MB are the peak of the whole process.',
    '',
    '## What the scan puts forward',
    '',
    'The F1 asked of the measurement cases, and the one class that may be put forward, stand beside.',
    '',
    ...decisionTable(measured, 'measurement'),
    '',
    '### Attacks of our own',
    '',
    'Made by `scripts/attack-cases.py`: small networks on Fashion-MNIST, with triggers, targets, doses, widths, classes and trainings that',
    'nothing was tuned on. *Success* is the share of unseen images that the trigger takes to its target: what the network did not',
    'learn cannot be found in its activations.',
    '',
    ...table([
      ['case', 'what was done', 'rows', 'poisoned', 'network', 'epochs', 'accuracy', 'success'],
      ...cases.filter(({ kind }) => kind === 'own').map((one) => describe(one, measured)),
    ]),
    '',
    ...decisionTable(measured, 'own'),
    '',
    ...['with', 'without'].map((mode) => ownInWords(measured, mode)),
    '',
    '## False alarms',
    '',
    ...falseAlarms(measured),
    '',
    '## Every detector on every case',
    '',
    'TPR, FPR and F1 of the rows that each detector marks by its own cut: a mark is a hint, and only the decision above accuses. AUROC of',
    'its score among the rows of a label that holds poison, averaged over such labels, rows that were not judged counting as least suspicious.',
    'Rows with *(no trusted set)* stand where a detector marks or ranks otherwise without one.',
    '',
    `ART: ${ART.source}.`,
    ...cases.flatMap((one) => detectorSection(one, scans)),
    '',
    '## Not measured',
    '',
    ...notMeasured(measured),
    '',
  ].join('\n');
}

/**
 * @param {Detection} measured
 * @param {KnownCase['kind']} kind
 */
function decisionTable({ cases, scans }, kind) {
  const head = ['case', 'trusted set', 'F1', 'TPR', 'FPR', 'flagged', 'alarmed', 'structures', 's', 'MB'];
  const asks = kind === 'measurement';
  return table([
    asks ? [...head, 'asked', 'verdict'] : head,
    ...cases
      .filter((one) => one.kind === kind)
      .flatMap(({ name }) => scansOf(scans, name))
      .map((scan) => {
        const { case: name, mode, scanned } = scan;
        if (scanned === null) return [name, mode, 'failed', ...head.slice(3).map(() => '')];
        const rates = ratesOf(scanned.flagged);
        const cells = [
          name,
          mode,
          share(rates.f1),
          share(rates.tpr),
          fine(rates.fpr),
          String(scanned.flagged.flagged),
          named(scanned, 'alarm'),
          named(scanned, 'structure'),
          scanned.seconds.toFixed(1),
          (scanned.peak / 1e6).toFixed(0),
        ];
        return asks ? [...cells, ...judged(name, mode, scanned)] : cells;
      }),
  ]);
}

/**
 * The F1 of the own attacks in one mode.
 * @param {Detection} measured
 * @param {string} mode
 */
function ownInWords({ cases, scans }, mode) {
  const values = cases
    .filter((one) => one.kind === 'own' && one.about.poisoned > 0)
    .flatMap(({ name }) => scansOf(scans, name))
    .flatMap((scan) => (scan.mode === mode && scan.scanned ? [ratesOf(scan.scanned.flagged).f1 ?? 0] : []));
  const title = `${mode === 'with' ? 'With' : 'Without'} the trusted set`;
  if (values.length === 0) return `- ${title} nothing was scanned.`;
  const unseen = values.filter((f1) => f1 === 0).length;
  return `- ${title}: median F1 ${share(median(values))} over ${values.length} attacks, lowest ${share(Math.min(...values))}; ${unseen === 0 ? 'none' : unseen} of them went unseen.`;
}

/**
 * What is asked of a measurement case in this mode, and whether it holds.
 * @param {string} name
 * @param {Mode} mode
 * @param {Scanned} scanned
 */
function judged(name, mode, scanned) {
  const asked = ASKED[name];
  const least = asked?.[mode];
  const forward = scanned.classes.filter(isForward).map((one) => one.name);
  if (asked === undefined)
    return ['dark', forward.length === 0 && scanned.flagged.flagged === 0 ? 'met' : 'failed'];
  if (least === undefined) return ['', ''];
  const { f1 } = ratesOf(scanned.flagged);
  const met = (f1 ?? 0) >= least && forward.length === 1 && forward[0] === asked.class;
  return [`${least}, ${asked.class}`, met ? 'met' : 'failed'];
}

/**
 * @param {KnownCase} one
 * @param {Detection} measured
 */
function describe({ name, about }, { scans }) {
  const scanned = scansOf(scans, name).find((scan) => scan.scanned !== null)?.scanned;
  const success = about.attack_success;
  return [
    name,
    about.about ?? '',
    scanned ? String(scanned.rows) : '',
    String(about.poisoned),
    `${about.network ?? ''} ${about.width ?? ''}`.trim(),
    String(about.epochs ?? ''),
    share(about.test_accuracy ?? null),
    (Array.isArray(success) ? success : [success ?? null]).map(share).join(', '),
  ];
}

/** @param {Detection} measured */
function falseAlarms({ cases, scans, halves }) {
  /** @type {{ title: string, looks: { names: string[], alarms: number, structures: number, flagged: number }[] }[]} */
  const groups = [];
  /**
   * @param {string} title
   * @param {KnownCase[]} chosen
   */
  const whole = (title, chosen) =>
    groups.push({
      title,
      looks: chosen
        .flatMap(({ name }) => scansOf(scans, name))
        .flatMap(({ scanned }) => (scanned ? [lookAtClean(scanned)] : [])),
    });
  for (const kind of /** @type {const} */ (['measurement', 'own'])) {
    const own = kind === 'own' ? 'own ' : '';
    const clean = cases.filter((one) => one.kind === kind && one.about.poisoned === 0);
    whole(`${own}clean cases, whole`, clean);
    groups.push({
      title: `halves of ${own}clean cases`,
      looks: halves
        .filter((one) => clean.some(({ name }) => name === one.case))
        .flatMap((one) => one.halves ?? [])
        .map((half) => ({
          names: Array.from({ length: half.classes }, () => ''),
          alarms: half.alarms.length,
          structures: half.structures.length,
          flagged: half.flagged,
        })),
    });
    whole(
      `classes without poison of the ${own}poisoned cases`,
      cases.filter((one) => one.kind === kind && one.about.poisoned > 0),
    );
  }
  const all = groups.flatMap(({ looks }) => looks);
  const alarmed = all.filter(({ alarms }) => alarms > 0).length;
  const sum = (/** @type {number[]} */ values) => values.reduce((total, value) => total + value, 0);
  return [
    'Scans, with the trusted set and without, of data in which the class holds no poison. Of halves, the decision alone is made; halves of one case overlap.',
    '',
    ...table([
      ['data', 'scans', 'classes', 'scans with an alarm', 'structures', 'rows flagged'],
      ...groups.map(({ title, looks }) => [
        title,
        String(looks.length),
        String(sum(looks.map(({ names }) => names.length))),
        String(looks.filter(({ alarms }) => alarms > 0).length),
        String(sum(looks.map(({ structures }) => structures))),
        String(sum(looks.map(({ flagged }) => flagged))),
      ]),
    ]),
    '',
    `In all ${alarmed} of ${all.length} scans raise an alarm over data without poison; at most 1 in ${1 / MOST_ALARMED} is asked: ${alarmVerdict(alarmed, all.length)}.`,
    '',
    ...cases.flatMap(({ name }) => halves.filter((one) => one.case === name)).map(halvesInWords),
  ];
}

/**
 * @param {number} alarmed
 * @param {number} scans
 */
function alarmVerdict(alarmed, scans) {
  if (alarmed > MOST_ALARMED * Math.max(scans, LEAST_SCANS)) return 'failed';
  return scans < LEAST_SCANS ? `no claim from fewer than ${LEAST_SCANS} scans` : 'met';
}

/** @param {import('./detection.mjs').HalvesOfCase} one */
function halvesInWords({ case: name, asked, halves, failure }) {
  if (halves === null) return `- ${name}: the halves could not be scanned. ${failure}`;
  /** @param {boolean} withTrusted */
  const of = (withTrusted) => {
    const chosen = halves.filter((half) => half.withTrusted === withTrusted);
    const lit = chosen.filter((half) => half.alarms.length + half.structures.length > 0);
    return `${withTrusted ? 'with' : 'without'} the trusted set ${
      lit.length === 0
        ? `all ${chosen.length} dark`
        : lit
            .map(
              (half) =>
                `half ${half.seed}: ${[...half.alarms.map((c) => `alarm ${c}`), ...half.structures.map((c) => `structure ${c}`)].join(', ')} (${half.flagged} rows)`,
            )
            .join('; ')
    }`;
  };
  const modes = [true, false].filter((mode) => halves.some((half) => half.withTrusted === mode));
  return `- ${asked} random halves of ${name}: ${modes.map(of).join(', ')}.`;
}

/**
 * What a scan says of the classes that hold no poison.
 * @param {Scanned} scanned
 */
function lookAtClean({ classes }) {
  const clean = classes.filter(({ poisoned }) => poisoned === 0);
  return {
    names: clean.map(({ name }) => name),
    alarms: clean.filter(({ decision }) => decision === 'alarm').length,
    structures: clean.filter(({ decision }) => decision === 'structure').length,
    flagged: clean.reduce((sum, { flagged }) => sum + flagged, 0),
  };
}

/**
 * @param {KnownCase} one
 * @param {ScanOfCase[]} scans
 */
function detectorSection({ name, about }, scans) {
  const done = scansOf(scans, name).filter((scan) => scan.scanned !== null);
  const first = done[0]?.scanned;
  if (!first) return [];
  const other = done[1]?.scanned;
  const lines = first.detectors.flatMap((run) => {
    const also = other?.detectors.find(({ id }) => id === run.id);
    const differs =
      also !== undefined &&
      also.leftOut === null &&
      (also.auroc !== run.auroc || JSON.stringify(also.marks) !== JSON.stringify(run.marks));
    const peer = ART.detectors[run.id];
    const figures = peer?.cases[name];
    return [
      detectorLine(run.title, run),
      ...(differs ? [detectorLine(`${run.title} (no trusted set)`, also)] : []),
      ...(peer && figures ? [peerLine(peer, figures, first)] : []),
    ];
  });
  const leftOut = first.detectors.filter((run) => run.leftOut !== null);
  return [
    '',
    `### ${name}`,
    '',
    `${about.about === undefined ? '' : `${about.about}; `}${first.rows} rows x ${first.columns}, ${about.poisoned} poisoned.`,
    '',
    ...table([['detector', 'TPR', 'FPR', 'F1', 'AUROC', 'ms'], ...lines]),
    ...(leftOut.length === 0 ? [] : ['', ...leftOut.map((run) => `- ${run.title}: ${run.leftOut}`)]),
  ];
}

/**
 * @param {string} title
 * @param {import('./measure-scan.mjs').DetectorOnCase} run
 */
function detectorLine(title, { marks, auroc, milliseconds, leftOut }) {
  if (leftOut !== null) return [title, 'left out', '', '', '', ''];
  const { tpr, fpr, f1 } = ratesOf(marks);
  return [title, share(tpr), fine(fpr), share(f1), share(auroc), milliseconds.toFixed(0)];
}

/**
 * @param {Peer} peer
 * @param {Figures} figures
 * @param {Scanned} scanned
 */
function peerLine({ title, milliseconds }, { tpr, fpr, f1, auroc }, { rows, columns }) {
  const timed = rows === 60_000 && columns === 128;
  return [`_${title}_`, share(tpr), share(fpr), share(f1), share(auroc), timed ? String(milliseconds) : ''];
}

/** @param {Detection} measured */
function notMeasured({ cases, absent, scans, halves }) {
  const lines = [
    ...absent.map(({ name, reason }) => `- ${name}: ${reason}.`),
    ...cases.flatMap(({ name, hasTrusted }) => {
      const modes = /** @type {Mode[]} */ (hasTrusted ? ['with', 'without'] : ['without']);
      const missing = modes.filter((mode) => !scansOf(scans, name).some((scan) => scan.mode === mode));
      return missing.map((mode) => `- ${name}, ${mode} a trusted set: not scanned yet.`);
    }),
    ...cases
      .filter(({ name, about }) => about.poisoned === 0 && !halves.some((one) => one.case === name))
      .map(({ name }) => `- halves of ${name}: not scanned yet.`),
    ...scans.flatMap(({ case: name, mode, failure }) =>
      failure === null ? [] : [`- ${name}, ${mode} a trusted set: the scan failed. ${failure}`],
    ),
  ];
  return lines.length === 0 ? ['Nothing: every case was scanned.'] : lines;
}

/**
 * The scans of a case, with the trusted set first.
 * @param {ScanOfCase[]} scans
 * @param {string} name
 */
function scansOf(scans, name) {
  return scans
    .filter((scan) => scan.case === name)
    .sort((a, b) => (a.mode === b.mode ? 0 : a.mode === 'with' ? -1 : 1));
}

/** @param {ClassOnCase} one */
function isForward({ decision }) {
  return decision === 'alarm' || decision === 'structure';
}

/**
 * @param {Scanned} scanned
 * @param {string} decision
 */
function named({ classes }, decision) {
  const chosen = classes.filter((one) => one.decision === decision);
  if (chosen.length > MOST_NAMED) {
    const ways = new Set(chosen.flatMap((one) => one.ways));
    return `${chosen.length} classes (${[...ways].join(', ')})`;
  }
  return chosen.map(({ name, ways }) => `${name} (${ways.join(', ')})`).join('; ') || '-';
}

/** @param {number | null} value */
function share(value) {
  return value === null ? '-' : value.toFixed(3);
}

/** Rates of clean rows are small. @param {number | null} value */
function fine(value) {
  return value === null ? '-' : value.toFixed(4);
}
