import { rmSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { FileToken } from '../contract/case.ts';
import { BezoarError } from '../contract/errors.ts';
import { LINK_OVER, TextReading, type FileProposal } from '../contract/evidence.ts';
import type { Certificate, DetectorParameters, ScanDetail } from '../contract/scan.ts';
import type { EngineInstance } from '../engine/create-engine.ts';
import { createEngine } from '../engine/create-engine.ts';
import { invoke } from '../engine/dispatch.ts';
import { writeWhole } from '../engine/export/atomic-file.ts';
import { grantFile } from '../engine/grant-file.ts';
import { engineNamed } from '../engine/kernel-engines.ts';
import { planImport } from '../engine/import-plan.ts';
import { checkParameters } from '../engine/scan/detector-parameters.ts';
import { namedMethods } from '../engine/scan/named-methods.ts';
import { ALPHA } from '../engine/scan/scan-plan.ts';
import { finished } from './finished-job.ts';
import { checkOutFolder, makeOutFolder } from './out-folder.ts';
import { asNamed, useOf, type NamedFile } from './named-files.ts';
import { openProgressLine } from './progress-line.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { wholeNumber } from './whole-number.ts';

export const SCAN_USAGE = `scan --activations A.npy --records R.csv [--trusted-activations T.npy --trusted-records TR.csv]
     [--logits L.npy] [--trusted-logits TL.npy] [--images I.npy] [--labels Y.npy] [--trusted-labels TY.npy]
     [--losses S.npy] [--gradient-norms G.npy] [--case C.bezoar] [--key COL] [--label COL]
     [--image-column COL] [--read NAME=VALUE]... [--accept-bad-rows] [--link-over BYTES]
     [--threads N] [--engine NAME] [--seed N] [--alpha RATE]
     [--methods usual|all|DETECTOR,...] [--set DETECTOR.NAME=VALUE]...
     [--fail-on-alarm] --out DIR
     An array of a file that holds several is named after it: --activations F.npz:penultimate
     --records, --losses and their like can be given several times: parts of one table follow each other, other tables are
     joined by their keys. --read says how text is written: encoding, delimiter, quote, escape, decimal, header.
     A matrix over 2 GiB (--link-over) stays in its file where it can be read there, and the case holds its path and hash.
     Without activations: scan --built-in-features with --images FOLDER (one folder a class) or --records R.csv
     --images and --trusted-images take a folder of image files too`;

interface ScanArguments {
  readonly files: readonly NamedFile[];
  readonly casePath: string | null;
  readonly key: string | null;
  readonly label: string | null;
  /** The column of the records that names the images of a folder; null: told by its cells. */
  readonly imageColumn: string | null;
  readonly acceptBadRows: boolean;
  /** Bytes beyond which a matrix stays in its file. */
  readonly linkOver: number;
  readonly builtInFeatures: boolean;
  readonly threads: number;
  readonly kernels: string | null;
  readonly seed: number;
  readonly alpha: number;
  /** Detector ids; null for the usual ones. */
  readonly methods: readonly string[] | null;
  readonly params: DetectorParameters;
  /** How the text of the records is written, in place of what is told from it. */
  readonly reading: TextReading;
  readonly failOnAlarm: boolean;
  readonly out: string;
}

const fileOptions = {
  activations: { dataset: 'investigated', role: 'activations' },
  records: { dataset: 'investigated', role: 'records' },
  images: { dataset: 'investigated', role: 'images' },
  'trusted-images': { dataset: 'trusted', role: 'images' },
  logits: { dataset: 'investigated', role: 'logits' },
  'trusted-activations': { dataset: 'trusted', role: 'activations' },
  'trusted-records': { dataset: 'trusted', role: 'records' },
  'trusted-logits': { dataset: 'trusted', role: 'logits' },
  labels: { dataset: 'investigated', role: 'labels' },
  'trusted-labels': { dataset: 'trusted', role: 'labels' },
  losses: { dataset: 'investigated', role: 'losses' },
  'gradient-norms': { dataset: 'investigated', role: 'gradient-norms' },
} as const satisfies Record<string, Omit<NamedFile, 'option' | 'path' | 'entry' | 'isFolder'>>;

/** @throws BezoarError usage */
export function parseScanArguments(argv: readonly string[]): ScanArguments {
  const values = readArguments(argv);
  const files: NamedFile[] = [];
  for (const [option, meaning] of Object.entries(fileOptions)) {
    for (const given of [values[option as keyof typeof fileOptions] ?? []].flat())
      files.push({ option, ...fileAndArray(option, given, meaning.role === 'images'), ...meaning });
  }
  const has = (option: string): boolean => files.some((file) => file.option === option);
  const builtInFeatures = values['built-in-features'] ?? false;
  if (builtInFeatures && (has('activations') || has('trusted-activations')))
    throw new BezoarError(
      'usage',
      '--built-in-features stand in for activations: leave them out, or leave out --activations and --trusted-activations.',
    );
  if (!has('activations') && !builtInFeatures)
    throw new BezoarError(
      'usage',
      'scan needs --activations: a .npy file of shape [N, d]. Without a model it can read --built-in-features of images, texts or records.',
    );
  const folder = files.some(({ option, isFolder }) => option === 'images' && isFolder);
  if (!has('records') && !has('labels') && !folder)
    throw new BezoarError(
      'usage',
      'scan needs --records: a .csv file with a header and N lines; or --labels: an array of N labels.',
    );
  const trusted = has('trusted-records') || has('trusted-labels');
  if (has('trusted-activations') !== trusted && !builtInFeatures)
    throw new BezoarError(
      'usage',
      '--trusted-activations and --trusted-records (or --trusted-labels) belong together: name both or none.',
    );
  if (has('trusted-logits') && !trusted)
    throw new BezoarError('usage', '--trusted-logits needs --trusted-activations and --trusted-records.');
  if (values.out === undefined)
    throw new BezoarError('usage', 'scan needs --out: the folder for suspects.csv.');
  const methods = values.methods === undefined ? null : namedMethods(values.methods);
  const params = detectorParameters(values.set ?? []);
  const idle = Object.keys(params).find((id) => !(methods ?? namedMethods('usual')).includes(id));
  if (idle !== undefined)
    throw new BezoarError(
      'usage',
      `--set ${idle} is for a method that this scan does not run. Name it as well: --methods usual,${idle}.`,
    );
  return {
    files,
    casePath: values.case === undefined ? null : resolve(values.case),
    key: values.key ?? null,
    label: values.label ?? null,
    imageColumn: values['image-column'] ?? null,
    acceptBadRows: values['accept-bad-rows'] ?? false,
    linkOver: wholeNumber('--link-over', values['link-over'], 0, Number.MAX_SAFE_INTEGER) ?? LINK_OVER,
    builtInFeatures,
    threads: wholeNumber('--threads', values.threads, 1, 1024) ?? availableParallelism(),
    kernels: values.engine === undefined ? null : engineNamed(values.engine),
    seed: wholeNumber('--seed', values.seed, 0, 4_294_967_295) ?? 0,
    alpha: errorRate(values.alpha),
    methods,
    params,
    reading: textReading(values.read ?? []),
    failOnAlarm: values['fail-on-alarm'] ?? false,
    out: resolve(values.out),
  };
}

/** `FILE` or `FILE:ARRAY`; a file whose name holds a colon is that file. */
function fileAndArray(
  option: string,
  given: string,
  mayBeFolder: boolean,
): Pick<NamedFile, 'path' | 'entry' | 'isFolder'> {
  if (mayBeFolder && (statSync(given, { throwIfNoEntry: false })?.isDirectory() ?? false))
    return { path: resolve(given), entry: null, isFolder: true };
  const isFolder = false;
  const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  if (isFile(given)) return { path: resolve(given), entry: null, isFolder };
  for (let at = given.lastIndexOf(':'); at > 0; at = given.lastIndexOf(':', at - 1))
    if (isFile(given.slice(0, at)))
      return { path: resolve(given.slice(0, at)), entry: given.slice(at + 1), isFolder };
  throw new BezoarError('usage', `There is no file ${given} (--${option}). Check its name.`);
}

function readArguments(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      strict: true,
      options: {
        activations: { type: 'string' },
        records: { type: 'string', multiple: true },
        images: { type: 'string' },
        'trusted-images': { type: 'string' },
        'image-column': { type: 'string' },
        'accept-bad-rows': { type: 'boolean' },
        'link-over': { type: 'string' },
        'built-in-features': { type: 'boolean' },
        logits: { type: 'string' },
        'trusted-activations': { type: 'string' },
        'trusted-records': { type: 'string', multiple: true },
        'trusted-logits': { type: 'string' },
        labels: { type: 'string', multiple: true },
        'trusted-labels': { type: 'string', multiple: true },
        losses: { type: 'string', multiple: true },
        'gradient-norms': { type: 'string', multiple: true },
        case: { type: 'string' },
        key: { type: 'string' },
        label: { type: 'string' },
        threads: { type: 'string' },
        engine: { type: 'string' },
        seed: { type: 'string' },
        alpha: { type: 'string' },
        methods: { type: 'string' },
        set: { type: 'string', multiple: true },
        read: { type: 'string', multiple: true },
        'fail-on-alarm': { type: 'boolean' },
        out: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new BezoarError('usage', `${(error as Error).message}\nUsage: ${SCAN_USAGE}`);
  }
}

/** `--set lof.k=30`: numbers where they are some. Names and values are checked before anything is imported. */
function detectorParameters(settings: readonly string[]): DetectorParameters {
  const found: Record<string, Record<string, number | string>> = {};
  for (const setting of settings) {
    const [, detector, name, value] = /^([^.=]+)\.([^.=]+)=(.+)$/.exec(setting) ?? [];
    if (value === undefined)
      throw new BezoarError('usage', `--set takes DETECTOR.NAME=VALUE, such as lof.k=30, not “${setting}”.`);
    found[detector] = { ...found[detector], [name]: Number.isNaN(Number(value)) ? value : Number(value) };
  }
  checkParameters(found);
  return found;
}

/** `--read delimiter=;`: how the text of the records is written. */
function textReading(settings: readonly string[]): TextReading {
  const given = settings.map((setting) => {
    const [, name = '', value = ''] = /^([^=]+)=(.+)$/s.exec(setting) ?? [];
    if (value === '')
      throw new BezoarError('usage', `--read takes NAME=VALUE, such as delimiter=tab, not “${setting}”.`);
    if (name === 'header') return [name, value === 'yes' ? true : value === 'no' ? false : value];
    return [name, value === 'tab' ? '\t' : value];
  });
  const read = TextReading.strict().safeParse(Object.fromEntries(given));
  if (read.success) return read.data;
  throw new BezoarError(
    'usage',
    '--read takes encoding=utf-8|utf-16le|utf-16be|windows-1252, delimiter=,|;|tab||, quote="|\'|none, escape=doubled|backslash, ' +
      `decimal=.|, and header=yes|no, not “${settings.join(' ')}”.`,
  );
}

/** The family-wise error rate asked for, 1 % unless said. */
function errorRate(text: string | undefined): number {
  const rate = text === undefined ? ALPHA : Number(text);
  if (!(rate >= 0.000_001 && rate <= 0.2))
    throw new BezoarError('usage', `--alpha is an error rate from 0.000001 to 0.2, not “${text ?? ''}”.`);
  return rate;
}

/**
 * Imports, scans and writes `suspects.csv` and `summary.json`.
 * @returns the exit code: 0 done, 3 done with alarms under `--fail-on-alarm`
 * @throws BezoarError usage or bad input; nothing is written then
 */
export async function scanCommand(argv: readonly string[]): Promise<number> {
  const args = parseScanArguments(argv);
  checkOutFolder(args.out);
  const temporary = temporaryFolder();
  const line = openProgressLine(process.stderr);
  const engine = createEngine({
    userData: temporary,
    threads: args.threads,
    kernels: args.kernels,
    publish: (topic, payload) => {
      if (topic === 'jobs') line.show(payload as Parameters<typeof line.show>[0]);
    },
    onCase: () => undefined,
    log: (text) => process.stderr.write(`${text}\n`),
  });
  let imported = false;
  let created: string | null = null;
  // Also when the command is interrupted: the case is left whole, or not at all.
  const leave = (): void => {
    engine.caseOrNull()?.close();
    // A case that was made for files that could not be taken holds nothing.
    if (created !== null && !imported) rmSync(created, { force: true });
  };
  process.once('exit', leave);
  try {
    const target = args.casePath ?? join(temporary, 'scan.bezoar');
    await invoke(engine, 'case/create', { target: grantFile(engine.grants, target, 'write') });
    created = target;
    await importFiles(engine, args);
    imported = true;
    const { job } = await invoke(engine, 'scan/start', {
      detectors: args.methods === null ? null : [...args.methods],
      seed: args.seed,
      useTrusted: true,
      alpha: args.alpha,
      params: args.params,
    });
    const scan = await finished(engine, job);
    if (scan === null) throw new Error('the scan made no run');
    const detail = await invoke(engine, 'scan/get', { scan });
    makeOutFolder(args.out);
    const suspects = grantFile(engine.grants, join(args.out, 'suspects.csv'), 'write');
    await invoke(engine, 'export/write', { kind: 'suspects-csv', scan, target: suspects });
    const summary = summarise(detail, engine.version, engine.pool.engine());
    await writeWhole(join(args.out, 'summary.json'), [`${JSON.stringify(summary, null, 2)}\n`]);
    return args.failOnAlarm && detail.alarms.length > 0 ? 3 : 0;
  } finally {
    line.clear();
    await engine.close();
    process.off('exit', leave);
    leave();
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function importFiles(engine: EngineInstance, args: ScanArguments): Promise<void> {
  const groups = new Map<string, NamedFile[]>();
  for (const file of args.files) {
    const group = `${file.dataset} ${file.path}`;
    groups.set(group, [...(groups.get(group) ?? []), file]);
  }
  const named = new Map<FileToken, NamedFile[]>();
  for (const files of groups.values())
    named.set(grantFile(engine.grants, files[0]?.path ?? '', 'read'), files);
  const given = [...named].map(([token, files]) => ({
    token,
    dataset: files[0]?.dataset,
    use: useOf(files),
    reading: args.reading,
  }));
  const proposed = await invoke(engine, 'evidence/propose', { files: [...named.keys()], given });
  const proposals = proposed.files.map((proposal) => {
    const files = named.get(proposal.token) ?? [];
    const folder = files.find(({ isFolder }) => isFolder);
    return folder === undefined
      ? asNamed(proposal, files, args)
      : asImages(proposal, folder, args.imageColumn);
  });
  for (const { name, role, columns } of proposals)
    if (role === 'records' && columns !== null && !columns.some(({ role }) => role === 'key'))
      process.stderr.write(
        `bezoar: ${name} has no column of keys, each there once; the row numbers stand for them. --key names one.\n`,
      );
  const { datasets, models } = planImport(proposals);
  const { job } = await invoke(engine, 'evidence/import', {
    datasets: datasets.map((set) => ({ ...set, acceptBadRows: args.acceptBadRows, linkOver: args.linkOver })),
    models,
    builtInFeatures: args.builtInFeatures,
  });
  await finished(engine, job);
}

/** A folder of images: records of its own, or images that a column of the records names. */
function asImages(proposal: FileProposal, file: NamedFile, column: string | null): FileProposal {
  const { dataset } = file;
  if (column === null || proposal.imageColumn !== null) return { ...proposal, dataset };
  if (proposal.role !== 'records')
    throw new BezoarError('evidence/unknown-format', proposal.problem ?? `${file.path} holds no images.`);
  const entries = proposal.entries.map((entry) => ({ ...entry, name: null }));
  return { ...proposal, dataset, role: 'arrays', columns: null, imageColumn: column, entries };
}

/** exp(ln), null where it is none or does not fit a number. */
function exponential(ln: number | null): number | null {
  const value = ln === null ? NaN : Math.exp(ln);
  return Number.isFinite(value) ? value : null;
}

/** A certificate as `summary.json` holds it: p, or e where it is an e-value, beside the level that it is held against. */
function certificateEntry({ kind, strength, statistic, lnP, lnE, lnLevel, n, m, k }: Certificate) {
  const measured = { kind, strength, statistic: statistic.name, value: statistic.value };
  const level = { level: exponential(lnLevel), n, m, k };
  if (lnE !== null) return { ...measured, e: exponential(lnE), ln_e: lnE, ...level };
  return { ...measured, p: exponential(lnP), ln_p: lnP, ...level };
}

function summarise(detail: ScanDetail, version: string, kernels: string): Record<string, unknown> {
  const findings = (decision: string) =>
    detail.classes
      .filter((finding) => finding.decision === decision)
      .map((finding) => ({
        class: detail.classNames[finding.classIndex] ?? '',
        ways: finding.ways,
        statistic: finding.statistic,
        p_value: finding.pValue,
        ln_p: finding.lnP,
        count: finding.flagged,
        of: finding.n,
        sentence: finding.sentence,
        certificates: finding.certificates.map(certificateEntry),
        joined_ln_e: finding.joined?.lnE ?? null,
        joined_ln_e_level: finding.joined?.lnLevel ?? null,
        clean_share_bound:
          finding.facts.find(({ name }) => name.startsWith('bound of the clean share'))?.value ?? null,
        shares: finding.shares,
      }));
  return {
    rows: detail.rows,
    built_in_features: detail.builtIn,
    classes: detail.classNames,
    alarms: findings('alarm'),
    structures: findings('structure'),
    not_judged: detail.classes
      .filter(({ decision }) => decision === 'not judged')
      .map(({ classIndex, sentence }) => ({ class: detail.classNames[classIndex] ?? '', reason: sentence })),
    detectors: detail.detectorRuns.map(({ id, milliseconds, skipped }) => ({
      id,
      milliseconds,
      left_out: skipped.find(({ classIndex }) => classIndex === null)?.reason ?? null,
    })),
    notes: detail.notes,
    peak_rss_bytes: process.resourceUsage().maxRSS * 1024,
    seed: detail.seed,
    alpha: detail.alpha,
    engine: kernels,
    versions: {
      bezoar: version,
      node: process.versions.node,
      detectors: Object.fromEntries(detail.detectorRuns.map((run) => [run.id, run.version])),
    },
  };
}
