import type { ImageFile } from './image-files.ts';

/** Names of the parts that training scripts split a set into. */
const SPLIT = /^(train|training|test|testing|val|valid|validation|dev|holdout|hold-out|trusted)$/i;

const firstPart = ({ name }: ImageFile): string | null => {
  const cut = name.indexOf('/');
  return cut < 0 ? null : name.slice(0, cut);
};

/**
 * The folders that are sets of their own, as paths inside the folder: its parts `train`, `test` and the like where it is
 * made of them; the one folder that holds everything in place of the folder itself; else '' for the folder itself.
 */
export function setsOfFolder(images: readonly ImageFile[]): string[] {
  const tops = new Set(images.map(firstPart));
  if (tops.size === 0 || tops.has(null)) return [''];
  const names = [...tops].filter((top) => top !== null).sort();
  const deep = (top: string): boolean =>
    images.every(({ name }) => !name.startsWith(`${top}/`) || name.indexOf('/', top.length + 1) > 0);
  if (names.every((top) => SPLIT.test(top) && deep(top))) return names;
  const [only] = names;
  if (names.length > 1 || only === undefined || !deep(only)) return [''];
  const inner = images.map(({ name, path }) => ({ name: name.slice(only.length + 1), path }));
  return setsOfFolder(inner).map((set) => (set === '' ? only : `${only}/${set}`));
}

/** The class of an image: the folder of the set that it lies in; null for one that lies in none. */
export const labelOf = (image: ImageFile): string | null => firstPart(image);
