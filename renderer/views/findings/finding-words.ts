import type { ClassFinding, Fact, ScanDetail } from '../../../electron/contract/scan.ts';
import {
  formatCount,
  formatExp,
  formatList,
  formatNumber,
  formatShare,
  plural,
} from '../../components/number-format.ts';

const urgency: Readonly<Record<ClassFinding['decision'], number>> = {
  alarm: 0,
  structure: 1,
  'not judged': 2,
  'not judged (ranking)': 3,
  dark: 4,
};

/** A structure that was judged natural before comes after those that were not. */
const urgencyOf = ({ decision, known }: ClassFinding): number =>
  urgency[decision] + (known === null ? 0 : 0.5);

/** Alarms on top, then structures, what could not be judged, what was tested in vain; the many suspects first. */
export function byUrgency(classes: readonly ClassFinding[]): ClassFinding[] {
  return [...classes].sort(
    (a, b) => urgencyOf(a) - urgencyOf(b) || b.flagged - a.flagged || a.classIndex - b.classIndex,
  );
}

/** How the findings are to be met: an alarm, something new to look at, or nothing new. */
export function toneOf(classes: readonly ClassFinding[]): 'alarm' | 'caution' | 'calm' {
  if (classes.some(({ decision }) => decision === 'alarm')) return 'alarm';
  return classes.some(({ decision, known }) => decision === 'structure' && known === null)
    ? 'caution'
    : 'calm';
}

/** The whole scan in one or two sentences: what was found, or what was and what was not tested. */
export function sentenceOfScan(scan: ScanDetail): string {
  const names = (wanted: (finding: ClassFinding) => boolean): string[] =>
    scan.classes.filter(wanted).map(({ classIndex }) => scan.classNames[classIndex] ?? 'unknown');
  const alarms = names(({ decision }) => decision === 'alarm');
  const structures = names(({ decision, known }) => decision === 'structure' && known === null);
  const natural = names(({ decision, known }) => decision === 'structure' && known !== null);
  const parts: string[] = [];
  if (alarms.length > 0) {
    parts.push(
      `${alarms.length === 1 ? 'One class raises' : `${formatCount(alarms.length)} classes raise`} an alarm: ${formatList(alarms)}. ${plural(scan.flagged, 'sample is', 'samples are')} put forward for review.`,
    );
  }
  if (structures.length > 0) {
    parts.push(
      `${structures.length === 1 ? 'One class holds' : `${formatCount(structures.length)} classes hold`} a tight group apart, without an error rate: ${formatList(structures)}.`,
    );
  }
  if (natural.length > 0) {
    parts.push(
      `${parts.length === 0 ? `Nothing new was found in ${plural(scan.rows, 'sample')}. ` : ''}${natural.length === 1 ? 'A tight group that was' : 'Tight groups that were'} judged natural before ${natural.length === 1 ? 'is' : 'are'} there again: ${formatList(natural)}.`,
    );
  }
  const told = alarms.length + structures.length > 0;
  return [
    ...(parts.length > 0 ? parts : [`Nothing was found in ${plural(scan.rows, 'sample')}.`]),
    told ? '' : testedSentence(scan),
    scan.builtIn === null ? '' : 'Measured on built-in features, not the model’s.',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

/** What a scan without findings tested, how finely, and what it left out. */
function testedSentence(scan: ScanDetail): string {
  const tested = scan.classes.filter(({ decision }) => decision === 'dark');
  const untested = scan.classes.filter(({ decision }) => decision.startsWith('not judged'));
  const parts: string[] = [];
  if (scan.builtIn !== null && !scan.withTrusted)
    return 'No class could be tested: on such features nothing can alarm without a trusted set.';
  if (tested.length > 0) {
    const level = `at a family-wise level of ${formatShare(scan.alpha)}`;
    parts.push(
      `${plural(tested.length, 'class was', 'classes were')} tested ${level}${scan.withTrusted ? ' against the trusted set' : ''}.`,
    );
  }
  const seen = tested.flatMap(({ epsilonMin }) => (epsilonMin === null ? [] : [epsilonMin]));
  if (seen.length > 0) {
    const least = Math.min(...seen);
    const most = Math.max(...seen);
    parts.push(
      `Poison that lies beyond every trusted sample would have been seen from ${least === most ? formatShare(least) : `${formatShare(least)} to ${formatShare(most)}`} of a class on; less, or poison that lies nearer, may be there.`,
    );
  }
  if (tested.length > 0 && seen.length === 0) {
    parts.push('How small a share would have been seen cannot be said without a trusted set.');
  }
  if (untested.length > 0) {
    const few = untested.slice(0, 8).map(({ classIndex }) => scan.classNames[classIndex] ?? 'unknown');
    const rest = untested.length - few.length;
    parts.push(
      `Not judged: ${formatList(rest > 0 ? [...few, `${formatCount(rest)} more`] : few)}${scan.withTrusted ? '' : '; a trusted set would change that'}.`,
    );
  }
  return parts.join(' ');
}

/** What a class's line says about its limits. */
export function limitSentence(finding: ClassFinding): string {
  if (finding.epsilonMin === null) {
    return 'How small a share would have been seen cannot be said without trusted samples of this class.';
  }
  const rows = Math.ceil(finding.epsilonMin * finding.n);
  return `Poison that lies beyond every trusted sample of this class would have been seen from ${formatShare(finding.epsilonMin)} on (${plural(rows, 'sample')} of ${formatCount(finding.n)}); less, or poison that lies nearer, may be here.`;
}

/** The class's tests joined as one e-value, beside what it would take to alarm by that alone. */
export function joinedSentence({ lnE, lnLevel }: NonNullable<ClassFinding['joined']>): string {
  const needed = `${formatExp(lnLevel)} would be needed to alarm by that alone`;
  return lnE <= 0
    ? `All tests of the class joined as one e-value show nothing (at most 1; ${needed}).`
    : `All tests of the class joined as one e-value: e = ${formatExp(lnE)}; ${needed}. It decides nothing.`;
}

const ways: Readonly<Record<string, string>> = {
  trusted: 'unlike the trusted samples of its class',
  flip: 'deep inside another class, as wrongly labelled samples are',
  peel: 'a tight group that comes off the class as one',
  displaced: 'a tight group about as far from its class as other classes are',
  orphans: 'a tight group that looks like many other classes',
  far: 'a large group far from the rest of its class',
};

/** The ways it was found, in words. */
export function waysInWords(finding: ClassFinding): string {
  return finding.ways.map((way) => ways[way] ?? way).join('; ');
}

/** A fact's value with its unit, where the fact's name does not say it already: 'trusted rows 150'. */
export function factText({ name, value, unit }: Fact): string {
  if (value === null) return '–';
  if (unit === 'share') return formatShare(value);
  if (unit === '' || name.includes(unit)) return formatNumber(value);
  return `${formatNumber(value)} ${unit.replace(/\brows\b/, 'samples')}`;
}
