/** What Hive writes for a missing value. */
const MISSING = '__HIVE_DEFAULT_PARTITION__';

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * What folders named NAME=VALUE say of the files in them, as Hive, Spark and DuckDB lay out tables in parts: the names
 * that all of the files have, for each file with its values. A single file is no part of such a table.
 */
export function folderColumns(paths: readonly string[]): (readonly (readonly [string, string | null])[])[] {
  if (paths.length < 2) return paths.map(() => []);
  const found = paths.map((path) => {
    const cells = new Map<string, string | null>();
    for (const folder of path.split(/[\\/]/).slice(0, -1)) {
      const at = folder.indexOf('=');
      if (at <= 0) continue;
      const value = decoded(folder.slice(at + 1));
      cells.set(decoded(folder.slice(0, at)), value === MISSING ? null : value);
    }
    return cells;
  });
  const names = [...(found[0]?.keys() ?? [])].filter((name) => found.every((cells) => cells.has(name)));
  return found.map((cells) => names.map((name) => [name, cells.get(name) ?? null] as const));
}
