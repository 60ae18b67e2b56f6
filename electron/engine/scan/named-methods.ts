import { detectors, usualDetectors } from '../../../native-workers/detectors/registry.ts';
import { BezoarError } from '../../contract/errors.ts';

/**
 * The detectors that a line such as `usual,beatrix` names: ids, `usual` for those of every scan, `all`.
 *
 * @throws BezoarError usage for a name that is none
 */
export function namedMethods(text: string): string[] {
  const known = detectors.map(({ id }) => id);
  const sets = new Map<string, readonly string[]>([
    ['all', known],
    ['usual', usualDetectors.map(({ id }) => id)],
  ]);
  const wanted = text.split(',').flatMap((name) => {
    const meant = sets.get(name) ?? known.filter((id) => id === name);
    if (meant.length === 0)
      throw new BezoarError(
        'usage',
        `There is no method “${name}”. Nothing was started. Name usual, all, or some of ${known.join(', ')}, joined by commas.`,
      );
    return meant;
  });
  return known.filter((id) => wanted.includes(id));
}
