import { z } from 'zod';

/** Which rows a map or clustering is of. Above the reference engines' limit a seeded sample with every suspect is taken. */
export const Scope = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('all') }),
  z.object({ kind: z.literal('class'), classIndex: z.number().int() }),
  z.object({ kind: z.literal('rows'), rows: z.array(z.number().int().min(0)).min(1).max(2_000_000) }),
]);
export type Scope = z.infer<typeof Scope>;

/** How a UMAP is drawn. */
export const UmapChoice = z.object({
  /** Neighbours of a sample that are looked at, the sample itself counted. */
  neighbours: z.number().int().min(2).max(200),
  /** Distance that near samples keep on the map. */
  minDist: z.number().min(0).max(0.99),
  /** Whether samples of one label are drawn together. */
  byLabel: z.boolean(),
  /** By the independent implementation, on a sample of the rows; it has its own neighbours and distance. */
  reference: z.boolean(),
});
export type UmapChoice = z.infer<typeof UmapChoice>;

/** 'losses': where each sample stands in its class by its first and by its last loss, 0 to 1 each. */
const MapKind = z.enum(['pca', 'umap', 'losses']);

export const MapInfo = z.object({
  id: z.number().int(),
  kind: MapKind,
  scopeName: z.string(),
  scopeKind: z.enum(['all', 'class', 'rows']),
  classIndex: z.number().int().nullable(),
  /** Rows on the map, of how many in the scope. */
  shown: z.number().int(),
  total: z.number().int(),
  engine: z.string(),
  seed: z.number().int(),
  axes: z.tuple([z.string(), z.string()]),
  /** How it was drawn, in words; empty where there is no choice. */
  how: z.string(),
  createdAtMs: z.number(),
  milliseconds: z.number(),
  stale: z.boolean(),
});
export type MapInfo = z.infer<typeof MapInfo>;

/** DBSCAN or HDBSCAN of every point, or DBSCAN by the independent implementation on at most 8,000 of them. */
const ClusteringMethod = z.enum(['dbscan', 'hdbscan', 'reference']);

export const ClusteringInfo = z.object({
  id: z.number().int(),
  /** The map whose coordinates were clustered. */
  map: z.number().int(),
  engine: z.string(),
  method: ClusteringMethod,
  /** Null where the method has none. */
  eps: z.number().nullable(),
  minPoints: z.number().int(),
  clusters: z.number().int(),
  noise: z.number().int(),
  shown: z.number().int(),
  createdAtMs: z.number(),
});
export type ClusteringInfo = z.infer<typeof ClusteringInfo>;

/** A second, independent opinion on a subset: both results and how far they agree. */
export const Corroboration = z.object({
  id: z.number().int(),
  scopeName: z.string(),
  shown: z.number().int(),
  total: z.number().int(),
  createdAtMs: z.number(),
  milliseconds: z.number(),
  /** ml-pca against our PCA: cosines of the principal angles between the leading subspaces, largest first. */
  pcaCosines: z.array(z.number()),
  pcaVarianceOurs: z.array(z.number()),
  pcaVarianceReference: z.array(z.number()),
  /** DBSCAN of density-clustering on ml-pca coordinates: the island that overlaps the suspects most. */
  islands: z.number().int(),
  noise: z.number().int(),
  suspectsShown: z.number().int(),
  bestIsland: z
    .object({ size: z.number().int(), suspects: z.number().int(), jaccard: z.number() })
    .nullable(),
  sentence: z.string(),
});
export type Corroboration = z.infer<typeof Corroboration>;

const started = z.object({ job: z.string() });
const seed = z.number().int().min(0).max(4_294_967_295);

export const mapCalls = {
  'map/start': {
    params: z.object({
      kind: MapKind,
      scope: Scope,
      seed,
      scan: z.number().int().nullable(),
      /** Left out: the usual UMAP. */
      umap: UmapChoice.optional(),
    }),
    result: started,
  },
  'map/list': { params: z.object({}), result: z.array(MapInfo) },
  'cluster/start': {
    params: z.object({
      map: z.number().int(),
      method: ClusteringMethod,
      eps: z.number().positive().nullable(),
      minPoints: z.number().int().min(2).max(500),
    }),
    result: started,
  },
  'cluster/list': { params: z.object({ map: z.number().int() }), result: z.array(ClusteringInfo) },
  'corroborate/start': { params: z.object({ scope: Scope, scan: z.number().int(), seed }), result: started },
  'corroborate/list': { params: z.object({}), result: z.array(Corroboration) },
} as const;
