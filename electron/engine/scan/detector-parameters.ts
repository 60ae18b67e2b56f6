import { z } from 'zod';
import type { Detector } from '../../../native-workers/detectors/define-detector.ts';
import { detectorById, detectors } from '../../../native-workers/detectors/registry.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { DetectorParameter, DetectorParameters } from '../../contract/scan.ts';

/** The error rate belongs to the scan, not to one of its detectors. */
const OF_THE_SCAN = 'alpha';

interface Property {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
  readonly default?: number | string | null;
  readonly description?: string;
  readonly anyOf?: readonly Property[];
}

/** The parameters of a detector, read from its schema. */
export function parametersOf(detector: Pick<Detector, 'params'>): DetectorParameter[] {
  const schema = z.toJSONSchema(detector.params, { io: 'input' }) as {
    properties?: Record<string, Property>;
  };
  return Object.entries(schema.properties ?? {})
    .filter(([name]) => name !== OF_THE_SCAN)
    .map(([name, property]) => {
      const value = property.anyOf?.find(({ type }) => type !== 'null') ?? property;
      return {
        name,
        kind: value.enum ? 'choice' : value.type === 'integer' ? 'whole' : 'number',
        default: property.default ?? null,
        least: value.minimum ?? value.exclusiveMinimum ?? null,
        most: value.maximum ?? value.exclusiveMaximum ?? null,
        choices: [...(value.enum ?? [])],
        meaning: property.description ?? '',
      };
    });
}

/** @throws BezoarError engine/bad-request for a detector, a parameter or a value that is not there */
export function checkParameters(given: DetectorParameters): void {
  for (const [id, values] of Object.entries(given)) {
    if (!detectors.some((detector) => detector.id === id))
      throw new BezoarError(
        'engine/bad-request',
        `There is no detector called “${id}”. Nothing was started.`,
      );
    const detector = detectorById(id);
    const names = parametersOf(detector).map(({ name }) => name);
    const unknown = Object.keys(values).find((name) => !names.includes(name));
    if (unknown !== undefined)
      throw new BezoarError(
        'engine/bad-request',
        `${detector.title} has no parameter “${unknown}”${names.length > 0 ? `; it has ${names.join(', ')}` : ''}. Nothing was started.`,
      );
    const parsed = detector.params.safeParse(values);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new BezoarError(
        'engine/bad-request',
        `${detector.title}: ${issue.path.join('.')} cannot be that (${issue.message}). Nothing was started.`,
      );
    }
  }
}
