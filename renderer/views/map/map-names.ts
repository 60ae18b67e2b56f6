import type { MapInfo } from '../../../electron/contract/maps.ts';
import { formatCount } from '../../components/number-format.ts';

const kinds: Readonly<Record<MapInfo['kind'], string>> = { pca: 'PCA', umap: 'UMAP', losses: 'Losses' };

/** Kind, scope and size of a map. */
export function nameOfMap(map: MapInfo): string {
  const of =
    map.shown < map.total ? `${formatCount(map.shown)} of ${formatCount(map.total)}` : formatCount(map.shown);
  return `${kinds[map.kind]} · ${map.scopeName} · ${of}${map.stale ? ' · stale' : ''}`;
}

/** What the foot of the view says of a map. */
export function factsOfMap(map: MapInfo): string {
  const how = `${map.engine}${map.how === '' ? '' : `, ${map.how}`}, seed ${map.seed}`;
  if (map.kind === 'losses' && map.shown < map.total)
    return `${formatCount(map.shown)} of ${formatCount(map.total)} samples: those with both losses`;
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
    maps.find(({ kind, scopeKind, stale }) => kind !== 'losses' && scopeKind === 'all' && !stale) ??
    maps.at(0)
  );
}
