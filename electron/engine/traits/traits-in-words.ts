import type { Traits } from '../../contract/traits.ts';
import { percent } from '../scan/findings-in-words.ts';

const MOST_WORDS = 3;

function wordsInWords({ words, inside, outside }: Omit<Traits, 'sentence'>): string | null {
  const best = words?.found.slice(0, MOST_WORDS) ?? [];
  if (best.length === 0) return null;
  const named = best.map(
    (one) =>
      `“${one.value}” (${percent(one.inside / inside)} of them, ${percent(one.outside / Math.max(1, outside))} of the others)`,
  );
  return `They share the words ${named.join(', ')}.`;
}

/** Where a patch lies: 'in the lower right corner', 'at the left edge', 'in the middle'. */
function placeOf(
  { height, width }: { height: number; width: number },
  patch: { top: number; left: number; height: number; width: number },
): string {
  const third = (start: number, length: number, whole: number, names: readonly [string, string]) => {
    const middle = (start + length / 2) / whole;
    return middle < 1 / 3 ? names[0] : middle > 2 / 3 ? names[1] : '';
  };
  const vertical = third(patch.top, patch.height, height, ['upper', 'lower']);
  const horizontal = third(patch.left, patch.width, width, ['left', 'right']);
  if (vertical !== '' && horizontal !== '') return `in the ${vertical} ${horizontal} corner`;
  if (vertical !== '') return `in the ${vertical} third`;
  return horizontal === '' ? 'in the middle' : `at the ${horizontal}`;
}

function patchInWords({ image }: Omit<Traits, 'sentence'>): string | null {
  const patch = image?.patches.at(0);
  if (!image || patch === undefined) return null;
  return `Their images are the same in a patch of ${patch.width} x ${patch.height} pixels ${placeOf(image, patch)}: level ${Math.round(patch.insideLevel)} of 255, ${Math.round(patch.outsideLevel)} in the others.`;
}

function valueInWords({ values, labels, inside, outside }: Omit<Traits, 'sentence'>): string | null {
  // That samples are predicted as they are labelled sets nobody apart.
  const best = values.find(({ column, value }) => column !== 'predicted' || !labels.includes(value));
  if (best === undefined) return null;
  return `${percent(best.inside / inside)} of them have “${best.value}” in ${best.column}, ${percent(best.outside / Math.max(1, outside))} of the others.`;
}

function unitInWords({ units }: Omit<Traits, 'sentence'>): string | null {
  const best = units.find(({ beyond }) => beyond >= 0.1);
  if (best === undefined) return null;
  return `Unit ${best.unit} fires beyond every other sample in ${percent(best.beyond)} of them.`;
}

/** The clearest traits of a group in one or two sentences. */
export function traitsInWords(traits: Omit<Traits, 'sentence'>): string {
  const said = [wordsInWords, patchInWords, valueInWords, unitInWords]
    .map((inWords) => inWords(traits))
    .filter((sentence) => sentence !== null)
    .slice(0, 2);
  return said.length > 0
    ? said.join(' ')
    : 'No word, patch, value or unit sets them clearly apart from the others of their label.';
}
