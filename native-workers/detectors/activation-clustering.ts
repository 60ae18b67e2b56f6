import { z } from 'zod';
import type { NearestNeighbours } from '../neighbours/exact.ts';
import { columnMedians } from '../numeric/column-medians.ts';
import { gatherRows } from '../numeric/rows.ts';
import type { TaskRunner } from '../runner.ts';
import type { TaskContext } from '../task.ts';
import { analyserFacts, ART_ANALYSERS, artAnalysers, standsApart } from './art-analysers.ts';
import type { ClassSlice } from './class-slice.ts';
import { classSlices } from './class-slice.ts';
import type { ClassClusters } from './cluster-class.ts';
import {
  awayFromLargest,
  densityClusters,
  towardsSmaller,
  twoMeans,
  whyNotClustered,
} from './cluster-class.ts';
import { defineDetector, skippedFinding, whyNotScanned } from './define-detector.ts';
import type { Fact, Matrix, ScanInput } from './detector.ts';
import type { Reduced } from './reduce-class.ts';
import {
  independentPoints,
  mapOfClass,
  neighboursOfClass,
  principalPoints,
  reducedTo,
  wholePoints,
} from './reduce-class.ts';
import { silhouette } from './silhouette.ts';

/** Rows of a class that the silhouette is taken from: the first in key-hash order, a fixed sample. */
const SILHOUETTE_ROWS = 2_000;
/** Rows of a class, and of a cluster, that medians are taken from. */
const MEDIAN_ROWS = 1_000;

const settings = z.object({
  recipe: z
    .enum(['own', 'articles'])
    .default('own')
    .describe(
      'articles: DBSCAN on two or three components, or on a UMAP where that is the reduction, as most case studies do it.',
    ),
  reduction: z
    .enum(['pca', 'ica', 'umap', 'umap-reference', 'none'])
    .default('pca')
    .describe('What a class is clustered in. UMAP takes seconds a class, its reference minutes.'),
  clustering: z
    .enum(['k-means', 'dbscan', 'hdbscan'])
    .default('k-means')
    .describe('k-means cuts every class in two; the others find islands and leave noise over.'),
  dimensions: z.number().int().min(1).max(50).default(10).describe('Components of pca and ica.'),
  eps: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('Radius of DBSCAN; by itself the one within which 99 % of the samples have minPoints.'),
  minPoints: z
    .number()
    .int()
    .min(2)
    .max(200)
    .default(10)
    .describe('Samples in reach that make one the core of a cluster, itself counted.'),
  minClusterSize: z
    .number()
    .int()
    .min(2)
    .nullable()
    .default(null)
    .describe('Smallest cluster of HDBSCAN; by itself 0.5 % of the class, 16 at least.'),
  analyser: z
    .enum(['own', ...ART_ANALYSERS])
    .default('own')
    .describe(
      'Whose rule marks samples. The named ones are those of the Adversarial Robustness Toolbox: they do not bound false alarms.',
    ),
});

type Settings = z.infer<typeof settings>;

interface Survey {
  /** Column medians of each class, shape (d,); NaN for a class without rows. */
  readonly medians: readonly Float64Array[];
  /** Map of each class, shape (n_c, 2); null where none was asked for. */
  readonly maps: readonly (Float32Array | null)[];
  readonly graphs: readonly (NearestNeighbours | null)[];
}

/**
 * Activation clustering: each class's activations are clustered. 2-means cuts every class in two, poisoned or not, and density
 * methods find natural sub-populations, so a cluster is a view, never a verdict.
 */
export const activationClustering = defineDetector({
  id: 'activation-clustering',
  version: 3,
  title: 'Activation clustering',
  family: 'clustering',
  reference:
    'Chen, Carvalho, Baracaldo, Ludwig, Edwards, Lee, Molloy, Srivastava 2018, Detecting Backdoor Attacks on Deep Neural Networks by Activation Clustering',
  needs: ['activations', 'labels'],
  certificate: 'none',
  params: settings,
  async survey(input, params, runner, ctx): Promise<Survey> {
    return surveyClasses(input, chosen(params), runner, ctx);
  },
  judgeClass(input, slice, prepared, params, ctx) {
    if (prepared === null) throw new Error('Activation clustering was asked to judge before its survey.');
    const asked = chosen(params);
    const { classIndex } = slice;
    const matrix = activationsOf(input);
    const reduced = reduce(matrix, slice, prepared, asked, ctx);
    const { points, d } = reduced;
    const n = slice.rows.length;
    const clusters = cluster(reduced, n, prepared.graphs[classIndex], asked, ctx);
    if (typeof clusters === 'string') return { finding: skippedFinding(slice, clusters), score: null };
    const sampled = Math.min(n, SILHOUETTE_ROWS);
    const width = silhouette(points, clusters.cluster, clusters.sizes.length, sampled, d, ctx);
    const poison = artAnalysers({
      sizes: clusters.sizes,
      silhouette: width,
      medians: clusters.sizes.map((_, c) => {
        const rows = slice.rows.filter((_row, i) => clusters.cluster[i] === c);
        return columnMedians({ matrix, rows: rows.subarray(0, MEDIAN_ROWS) }, ctx);
      }),
      own: prepared.medians[classIndex],
      others: prepared.medians.filter((_, c) => c !== classIndex),
    });
    const inTwo = asked.clustering === 'k-means';
    const marks =
      asked.analyser === 'own'
        ? clusters.sizes.map((size, c) => c > 0 && (!inTwo || standsApart(size / n, width)))
        : poison[asked.analyser];
    return {
      finding: {
        classIndex,
        n,
        statistic: width,
        pValue: null,
        lnP: null,
        decision: 'not judged (ranking)',
        facts: [
          { name: 'silhouette', value: width, unit: '' },
          ...(inTwo ? halves(clusters) : islands(clusters)),
          { name: 'rows in the silhouette', value: sampled, unit: 'rows' },
          ...analyserFacts(clusters.sizes, poison),
        ],
        skipped: null,
      },
      score: inTwo ? towardsSmaller(points, clusters.centres, n, d) : awayFromLargest(points, clusters, d),
      marked: Uint8Array.from(clusters.cluster, (c) => (c >= 0 && marks[c] ? 1 : 0)),
      cluster: clusters.cluster,
    };
  },
  conclude(_input, judgements, { analyser }) {
    const marking =
      analyser === 'own'
        ? ''
        : ` You chose “${analyser}” to mark rows: read its marks as that tool’s opinion.`;
    return {
      judgements,
      notes: judgements.some(({ score }) => score !== null)
        ? [
            `The analysers of activation clustering (smaller, relative size, distance, silhouette) are shown for comparison. They do not bound false alarms: "smaller" calls a part of every class poison.${marking}`,
          ]
        : [],
      refused: null,
    };
  },
});

function chosen(params: Settings): Settings {
  if (params.recipe === 'own') return params;
  const { reduction, dimensions } = params;
  return {
    ...params,
    reduction: reduction === 'umap' || reduction === 'umap-reference' ? reduction : 'pca',
    dimensions: dimensions === 3 ? 3 : 2,
    clustering: 'dbscan',
  };
}

function activationsOf({ investigated }: ScanInput): Matrix {
  if (investigated.activations === null)
    throw new Error('Activation clustering was asked to judge a set without activations.');
  return investigated.activations;
}

async function surveyClasses(
  input: ScanInput,
  { reduction, clustering, minPoints }: Settings,
  runner: TaskRunner,
  ctx: TaskContext,
): Promise<Survey> {
  const matrix = activationsOf(input);
  const slices = classSlices(input);
  const medians = await Promise.all(
    slices.map(({ rows }) => runner.run('columnMedians', { matrix, rows: rows.subarray(0, MEDIAN_ROWS) })),
  );
  const maps: (Float32Array | null)[] = [];
  const graphs: (NearestNeighbours | null)[] = [];
  for (const slice of slices) {
    const scanned = whyNotScanned(input, slice) === null;
    const draws = scanned && (reduction === 'umap' || reduction === 'umap-reference');
    maps.push(draws ? await mapOfClass(matrix, slice, reduction, runner, ctx) : null);
    const searches = scanned && reduction === 'none' && clustering === 'hdbscan';
    graphs.push(searches ? await neighboursOfClass(matrix, slice, minPoints, runner, ctx) : null);
    ctx.progress(maps.length / slices.length);
  }
  return { medians, maps, graphs };
}

function reduce(
  matrix: Matrix,
  slice: ClassSlice,
  { maps }: Survey,
  { reduction, dimensions }: Settings,
  ctx: TaskContext,
): Reduced {
  const check = (): void => {
    ctx.check();
  };
  const map = maps[slice.classIndex];
  if (map !== null) return reducedTo(Float64Array.from(map), 2);
  const own = gatherRows([{ matrix, rows: slice.rows }]);
  if (reduction === 'none') return wholePoints(own, check);
  return reduction === 'ica'
    ? independentPoints(own, dimensions, check)
    : principalPoints(own, dimensions, check);
}

/** The clusters, or why the method cannot be used. */
function cluster(
  reduced: Reduced,
  n: number,
  graph: NearestNeighbours | null,
  asked: Settings,
  ctx: TaskContext,
): ClassClusters | string {
  const { clustering } = asked;
  if (clustering === 'k-means')
    return twoMeans(reduced, n, ctx) ?? 'The rows of this class cannot be split in two.';
  const density = { ...asked, clustering };
  const { points, d } = reduced;
  return whyNotClustered(density, d, graph !== null) ?? densityClusters(points, n, d, graph, density, ctx);
}

function halves({ sizes: [larger, smaller] }: ClassClusters): Fact[] {
  return [
    { name: 'share of the smaller cluster', value: smaller / (larger + smaller), unit: 'share' },
    { name: 'rows in the smaller cluster', value: smaller, unit: 'rows' },
  ];
}

function islands({ sizes, cluster: clusters, eps }: ClassClusters): Fact[] {
  const main = sizes.at(0) ?? 0;
  const rest = sizes.slice(1);
  const inIslands = rest.reduce((sum, size) => sum + size, 0);
  return [
    { name: 'islands beside the largest cluster', value: rest.length, unit: 'clusters' },
    { name: 'rows in islands', value: inIslands, unit: 'rows' },
    { name: 'rows of noise', value: clusters.length - main - inIslands, unit: 'rows' },
    ...(eps === null ? [] : [{ name: 'radius', value: eps, unit: 'units of the reduced space' }]),
  ];
}
