/** What the writer of a data set says of a column beyond its type. */
export type Feature =
  | { readonly kind: 'image' | 'audio' }
  /** Whole numbers that stand for these classes. */
  | { readonly kind: 'classes'; readonly names: readonly string[] };

/** The key of the file's metadata under which Hugging Face `datasets` puts its features. */
export const FEATURES_KEY = 'huggingface';
const MOST_DEPTH = 16;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Names of classes, each other than the rest; null where they are none. */
function namesOf(value: unknown): readonly string[] | null {
  if (!Array.isArray(value)) return null;
  const names = value.filter((name): name is string => typeof name === 'string' && name !== '');
  return names.length === value.length && new Set(names).size === names.length ? names : null;
}

/**
 * The features of a data set by the names of their columns, those in structs with dots: images, sounds and classes; also of
 * the elements of lists. What is told in another way is passed over, as the columns stand for themselves.
 *
 * @param note JSON: `{"info": {"features": {NAME: {"_type": "ClassLabel", "names": [...]}}}}`
 */
export function featuresOf(note: string | undefined): ReadonlyMap<string, Feature> {
  const found = new Map<string, Feature>();
  let told: unknown;
  try {
    told = JSON.parse(note ?? 'null');
  } catch {
    return found;
  }
  const walk = (feature: unknown, name: string, depth: number): void => {
    if (Array.isArray(feature)) {
      // A list in its older form: one feature in brackets.
      walk(feature[0], name, depth + 1);
      return;
    }
    if (!isObject(feature) || depth > MOST_DEPTH) return;
    const type = feature._type;
    if (typeof type !== 'string') {
      for (const [key, inner] of Object.entries(feature))
        walk(inner, name === '' ? key : `${name}.${key}`, depth + 1);
      return;
    }
    const names = type === 'ClassLabel' ? namesOf(feature.names) : null;
    if (names !== null) found.set(name, { kind: 'classes', names });
    else if (type === 'Image') found.set(name, { kind: 'image' });
    else if (type === 'Audio') found.set(name, { kind: 'audio' });
    else walk(feature.feature, name, depth + 1);
  };
  const info = isObject(told) ? told.info : null;
  if (isObject(info)) walk(info.features, '', 0);
  return found;
}
