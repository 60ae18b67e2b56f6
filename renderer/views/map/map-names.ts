import type { MapInfo } from '../../../electron/contract/maps.ts';
import { formatCount } from '../../components/number-format.ts';

/** Kind, scope and size of a map. */
export function nameOfMap(map: MapInfo): string {
  const of =
    map.shown < map.total ? `${formatCount(map.shown)} of ${formatCount(map.total)}` : formatCount(map.shown);
  return `${map.kind === 'pca' ? 'PCA' : 'UMAP'} · ${map.scopeName} · ${of}${map.stale ? ' · stale' : ''}`;
}

/** What the foot of the view says of a map. */
export function factsOfMap(map: MapInfo): string {
  const how = `${map.engine}${map.how === '' ? '' : `, ${map.how}`}, seed ${map.seed}`;
  if (map.shown < map.total)
    return `${formatCount(map.shown)} of ${formatCount(map.total)} samples: a seeded sample with every suspect · ${how}`;
  if (map.scopeKind === 'rows') return `${map.scopeName} · ${how}`;
  const of = map.scopeKind === 'class' ? `${map.scopeName}: ` : '';
  return `${of}all ${formatCount(map.shown)} samples · ${how}`;
}

/** The chosen map, else the newest of the whole set that is not stale, else the newest. */
export function shownMap(maps: readonly MapInfo[], chosen: number | null): MapInfo | undefined {
  return (
    maps.find(({ id }) => id === chosen) ??
    maps.find(({ scopeKind, stale }) => scopeKind === 'all' && !stale) ??
    maps.at(0)
  );
}
