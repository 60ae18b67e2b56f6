import type { Alert, AlertKind, AlertState, Severity } from '../../../electron/contract/alerts.ts';
import type { MonitorRun, Sensitivity } from '../../../electron/contract/monitor.ts';
import {
  formatDuration,
  formatList,
  formatNumber,
  formatShare,
  plural,
} from '../../components/number-format.ts';

interface Sign {
  readonly shape: string;
  readonly word: string;
  readonly tone: 'alarm' | 'caution' | 'plain' | 'quiet';
}

export const severitySigns: Readonly<Record<Severity, Sign>> = {
  critical: { shape: '▲', word: 'Critical', tone: 'alarm' },
  error: { shape: '▲', word: 'Error', tone: 'alarm' },
  warning: { shape: '◆', word: 'Warning', tone: 'caution' },
  info: { shape: '●', word: 'Info', tone: 'plain' },
};

export const kindWords: Readonly<Record<AlertKind, string>> = {
  'attack-like': 'looks like an attack',
  drift: 'drift',
  performance: 'performance',
  quality: 'quality of the log',
};

export const stateWords: Readonly<Record<AlertState, string>> = {
  open: 'open',
  acknowledged: 'acknowledged',
  closed: 'closed',
};

const isGrave = ({ severity }: { readonly severity: Severity }): boolean =>
  severity === 'error' || severity === 'critical';

/** Alarms first, then by time, newest first. */
export function byUrgency(alerts: readonly Alert[]): Alert[] {
  const weight = (alert: Alert): number => (alert.state === 'closed' ? 2 : isGrave(alert) ? 0 : 1);
  return [...alerts].sort((a, b) => weight(a) - weight(b) || b.timeMs - a.timeMs || a.id - b.id);
}

/** '7 days', '2.5 days', '3 h 0 min'. */
export function lengthWords(ms: number): string {
  const days = ms / 86_400_000;
  return days < 2 ? formatDuration(ms) : `${formatNumber(Math.round(days * 10) / 10)} days`;
}

/** What a run found, in one sentence; a quiet one says what it was and what it promises. */
export function sentenceOfRun(run: MonitorRun, alerts: readonly Alert[]): string {
  const grave = alerts.filter(isGrave);
  const attacks = grave.filter(({ kind }) => kind === 'attack-like');
  const days = `${plural(run.rows, 'request')} over ${lengthWords(run.toMs - run.fromMs)}`;
  if (attacks.length > 0) {
    const subjects = [...new Set(attacks.map(({ subject }) => subject))];
    return `${formatList(subjects)}: the model's behaviour changed in a way that looks like an attack (${plural(attacks.length, 'alert')} in ${days}).`;
  }
  if (grave.length > 0)
    return `${plural(grave.length, 'alert')} in ${days}; none of them looks like an attack.`;
  const others = alerts.length > 0 ? ` ${plural(alerts.length, 'warning')} to read.` : '';
  return `No alert in ${days} against ${run.baselineName}.${others}`;
}

/** The knob in words. */
export function sensitivityWords(sensitivity: Sensitivity): string {
  return sensitivity.kind === 'family-wise'
    ? `any false alarm with a chance of at most ${formatShare(sensitivity.level)}`
    : `one false alarm in ${plural(sensitivity.days, 'day')}`;
}

const day = new Intl.DateTimeFormat('en-GB', { day: '2-digit', month: 'short' });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const offset = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'shortOffset' });

/** '18 Mar 14:00'. */
export function shortTime(ms: number): string {
  return `${day.format(ms)} ${clock.format(ms)}`;
}

/** The analyst's zone at that time: 'UTC+1'. */
export function zoneAt(ms: number): string {
  const name = offset.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? 'UTC';
  return name.replace('GMT', 'UTC');
}

/** '18 Mar 14:00 to 16:00'; both days where they differ. */
export function timeSpan(fromMs: number, toMs: number): string {
  const to = day.format(fromMs) === day.format(toMs) ? clock.format(toMs) : shortTime(toMs);
  return `${shortTime(fromMs)} to ${to}`;
}

/** The evidence of an alert: 'e = 3.2e7', 'p = 0.004', or that it has none. */
export function evidenceOf(alert: Pick<Alert, 'eValue' | 'pValue'>): string {
  if (alert.eValue !== null) return `e = ${formatNumber(alert.eValue)}`;
  return alert.pValue === null ? 'no certificate' : `p = ${formatNumber(alert.pValue)}`;
}

/** 'rise of python-requests/2.31 +896 % (+824 % to +940 %)': relative effects as shares. */
export function effectWords({ name, value, low, high }: Alert['effect']): string {
  const signed = (x: number): string => `${x > 0 ? '+' : ''}${formatShare(x)}`;
  const interval = low === null || high === null ? '' : ` (${signed(low)} to ${signed(high)})`;
  return `${name} ${signed(value)}${interval}`;
}
