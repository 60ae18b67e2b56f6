import { PANEL_POINTS, panelsLength, type NeighboursKernels } from '../neighbours-kernels.ts';
import { packPoints } from '../typescript/neighbours.ts';
import type { WasmCall } from './call.ts';
import { rowBlock } from './row-block.ts';

type Floats = Float32Array | Float64Array;

/** 0, 1, 2, ... */
function upTo(n: number): Int32Array {
  const places = new Int32Array(n);
  for (let i = 0; i < n; i++) places[i] = i;
  return places;
}

/** The named lists one below the other. @throws RangeError when a list is not among those held */
function takeLists<A extends Floats | Int32Array>(all: A, lists: Int32Array, keep: number): A {
  const held = Math.floor(all.length / keep);
  const taken = new (all.constructor as new (length: number) => A)(lists.length * keep);
  lists.forEach((list, i) => {
    if (list < 0 || list >= held) throw new RangeError(`List ${list} is not among ${held}.`);
    taken.set(all.subarray(list * keep, (list + 1) * keep), i * keep);
  });
  return taken;
}

function giveLists(
  all: Floats | Int32Array,
  lists: Int32Array,
  keep: number,
  taken: Floats | Int32Array,
): void {
  lists.forEach((list, i) => {
    all.set(taken.subarray(i * keep, (i + 1) * keep), list * keep);
  });
}

/** Nearest neighbours in WebAssembly: the queries, points and lists of a block are copied in, never the matrix. */
export function neighboursKernels(call: WasmCall): NeighboursKernels {
  return {
    // Moving the points in and out would cost more than moving them about here.
    packPoints,
    knnTile: (queries, cols, rows, lists, own, panels, norms, points, keep, scores, ids) => {
      const block = rowBlock(queries, rows, 0, rows.length, cols);
      const places = upTo(rows.length);
      const [someScores, someIds] = [takeLists(scores, lists, keep), takeLists(ids, lists, keep)];
      const packed = panels.subarray(0, panelsLength(points.length, cols));
      const at = lists.length === rows.length ? places : lists;
      call('knnTile', [block, cols, places, at, own, packed, norms, points, keep, someScores, someIds]);
      giveLists(scores, lists, keep, someScores);
      giveLists(ids, lists, keep, someIds);
    },
    knnTileBoth: (
      x,
      cols,
      queryRow,
      queryList,
      queryId,
      queries,
      panels,
      norms,
      pointList,
      pointId,
      points,
      keep,
      scores,
      ids,
      worst,
    ) => {
      const filled = Math.ceil(points / PANEL_POINTS) * PANEL_POINTS;
      const block = rowBlock(x, null, queryRow, queryRow + queries, cols);
      const packed = panels.subarray(0, panelsLength(filled, cols));
      // Two ranges of lists, or one where they meet: a list must not be copied twice.
      const meet = queryList < pointList + filled && pointList < queryList + queries;
      const from = Math.min(queryList, pointList);
      const to = Math.max(queryList + queries, pointList + filled);
      const ranges: [number, number][] = meet
        ? [[from, to]]
        : [
            [queryList, queryList + queries],
            [pointList, pointList + filled],
          ];
      const gather = <A extends Float32Array | Int32Array>(all: A, each: number): A => {
        const length = ranges.reduce((sum, [start, end]) => sum + (end - start) * each, 0);
        const part = new (all.constructor as new (length: number) => A)(length);
        let at = 0;
        for (const [start, end] of ranges) {
          part.set(all.subarray(start * each, end * each), at);
          at += (end - start) * each;
        }
        return part;
      };
      const scatter = (all: Float32Array | Int32Array, each: number, part: Float32Array | Int32Array) => {
        let at = 0;
        for (const [start, end] of ranges) {
          const length = Math.min(end * each, all.length) - start * each;
          all.set(part.subarray(at, at + length), start * each);
          at += (end - start) * each;
        }
      };
      const lastList = Math.max(queryList + queries, pointList + points);
      if (lastList * keep > Math.min(scores.length, ids.length))
        throw new RangeError('A list is not among the lists.');
      if (to > Math.min(norms.length, worst.length))
        throw new RangeError('The norms or limits are shorter than the lists.');
      const [someScores, someIds, someWorst] = [gather(scores, keep), gather(ids, keep), gather(worst, 1)];
      call('knnTileBoth', [
        block,
        cols,
        0,
        meet ? queryList - from : 0,
        queryId,
        queries,
        packed,
        gather(norms, 1),
        meet ? pointList - from : queries,
        pointId,
        points,
        keep,
        someScores,
        someIds,
        someWorst,
      ]);
      scatter(scores, keep, someScores);
      scatter(ids, keep, someIds);
      scatter(worst, 1, someWorst);
    },
    knnTileExact: (queries, cols, rows, lists, own, panels, scales, points, keep, scores, ids) => {
      const block = rowBlock(queries, rows, 0, rows.length, cols);
      const places = upTo(rows.length);
      const [someScores, someIds] = [takeLists(scores, lists, keep), takeLists(ids, lists, keep)];
      const packed = panels.subarray(0, panelsLength(points.length, cols));
      const at = lists.length === rows.length ? places : lists;
      call('knnTileExact', [block, cols, places, at, own, packed, scales, points, keep, someScores, someIds]);
      giveLists(scores, lists, keep, someScores);
      giveLists(ids, lists, keep, someIds);
    },
    candidateValues: (x, cols, rows, candidates, products, values) => {
      // The candidates of a block, each named by its place below the rows.
      const named = candidates.filter((candidate) => candidate >= 0);
      const block = new Float32Array((rows.length + named.length) * cols);
      block.set(rowBlock(x, rows, 0, rows.length, cols));
      block.set(rowBlock(x, named, 0, named.length, cols), rows.length * cols);
      let next = rows.length;
      const places = candidates.map((candidate) => (candidate >= 0 ? next++ : candidate));
      call('candidateValues', [block, cols, upTo(rows.length), places, products, values]);
    },
  };
}
