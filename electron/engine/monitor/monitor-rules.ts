import type { Monitor } from '../../../native-workers/drift/define-monitor.ts';
import { monitors } from '../../../native-workers/drift/registry.ts';
import type { MonitorRules } from '../../contract/alerts.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { CaseFile } from '../case/case-file.ts';
import { parametersOf } from '../scan/detector-parameters.ts';

type PresetRule = MonitorRules['presets'][number];

/** Monitors outside the shared budget: they show, and alarm only when they are switched on. */
export const presets: readonly Monitor[] = monitors.filter(({ budgeted }) => !budgeted);

function usualPreset(monitor: Monitor): PresetRule {
  return {
    id: monitor.id,
    title: monitor.title,
    on: false,
    severity: 'warning',
    thresholds: parametersOf(monitor).flatMap(({ name, default: value }) =>
      typeof value === 'number' ? [{ name, value, unit: '' }] : [],
    ),
  };
}

/** The rules of a case in which nobody has changed any. */
function usualRules(): MonitorRules {
  return {
    coolDownMinutes: 60,
    severities: { attackLike: null, drift: null },
    presets: presets.map(usualPreset),
    escalation: [
      { severity: 'info', minutes: null },
      { severity: 'warning', minutes: 1440 },
      { severity: 'error', minutes: 60 },
      { severity: 'critical', minutes: 15 },
    ],
  };
}

/** The rules in force: presets that are newer than the stored rules are off. */
export function rulesInForce(caseFile: Pick<CaseFile, 'monitorRules'>): MonitorRules {
  const stored = caseFile.monitorRules.present();
  if (stored === null) return usualRules();
  return {
    ...stored,
    presets: presets.map(
      (monitor) => stored.presets.find(({ id }) => id === monitor.id) ?? usualPreset(monitor),
    ),
  };
}

/** Parameters of a preset as its rule says. */
export const presetParameters = ({ thresholds }: PresetRule): Record<string, number> =>
  Object.fromEntries(thresholds.map(({ name, value }) => [name, value]));

/** @throws BezoarError engine/bad-request for a monitor, a threshold or a value that is not there */
export function checkRules(rules: MonitorRules): void {
  for (const rule of rules.presets) {
    const monitor = presets.find(({ id }) => id === rule.id);
    if (monitor === undefined)
      throw new BezoarError(
        'engine/bad-request',
        `There is no monitor “${rule.id}” that could be switched on or off. The rules stay as they were.`,
      );
    const known = parametersOf(monitor).map(({ name }) => name);
    const unknown = rule.thresholds.find(({ name }) => !known.includes(name));
    if (unknown !== undefined)
      throw new BezoarError(
        'engine/bad-request',
        `${monitor.title} has no threshold “${unknown.name}”. The rules stay as they were.`,
      );
    const parsed = monitor.params.safeParse(presetParameters(rule));
    if (!parsed.success)
      throw new BezoarError(
        'engine/bad-request',
        `${monitor.title}: ${parsed.error.issues[0].path.join('.')} cannot be that (${parsed.error.issues[0].message}). The rules stay as they were.`,
      );
  }
}
