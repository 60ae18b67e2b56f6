import type { ClusteringKernels } from '../clustering-kernels.ts';
import { joinCells } from '../typescript/cells.ts';
import { addPlaces, countDigits, scatterRows, splitCells } from '../typescript/grid.ts';
import type { WasmCall } from './call.ts';

/** The lines of cells that the cells `from` to `to - 1` reach, counted from the first of them. */
function reachedPart(
  starts: Int32Array,
  first: Int32Array,
  lineStarts: Int32Array,
  around: Int32Array,
  reach: number,
  from: number,
  to: number,
) {
  let lowLine = 0;
  let highLine = lineStarts.length - 1;
  while (lineStarts[lowLine + 1] <= from) lowLine++;
  while (lineStarts[highLine - 1] >= to) highLine--;
  for (const other of around.subarray(lowLine * reach, highLine * reach)) {
    if (other < 0) continue;
    lowLine = Math.min(lowLine, other);
    highLine = Math.max(highLine, other + 1);
  }
  const lowCell = lineStarts[lowLine];
  const highCell = lineStarts[highLine];
  const lowPoint = starts[lowCell];
  const highPoint = starts[highCell];
  return {
    points: <A extends Float64Array | Int32Array | Uint8Array>(values: A) =>
      values.subarray(lowPoint, highPoint) as A,
    grid: [
      starts.subarray(lowCell, highCell + 1).map((start) => start - lowPoint),
      first.subarray(lowCell, highCell),
      lineStarts.subarray(lowLine, highLine + 1).map((start) => start - lowCell),
      // Lines outside are around none of the asked cells.
      around
        .subarray(lowLine * reach, highLine * reach)
        .map((other) => (other < lowLine || other >= highLine ? -1 : other - lowLine)),
      reach,
      from - lowCell,
      to - lowCell,
    ],
  };
}

/** Core and border points in WebAssembly: only the lines that the asked cells reach are copied in. */
export function cellKernels(
  call: WasmCall,
): Pick<
  ClusteringKernels,
  'addPlaces' | 'countDigits' | 'scatterRows' | 'splitCells' | 'markCores' | 'joinCells' | 'joinBorders'
> {
  return {
    // A few operations a point: copying in and out would cost more than it saves.
    addPlaces,
    countDigits,
    scatterRows,
    splitCells,
    markCores: (xs, ys, zs, limit, wanted, starts, first, lineStarts, around, reach, from, to, core) => {
      if (from >= to) return;
      const { points, grid } = reachedPart(starts, first, lineStarts, around, reach, from, to);
      call('markCores', [points(xs), points(ys), points(zs), limit, wanted, ...grid, points(core)]);
    },
    // Few distances over all cells' sets: copying those would cost more than it saves.
    joinCells,
    joinBorders: (xs, ys, zs, limit, starts, first, lineStarts, around, reach, from, to, held, joined) => {
      if (from >= to) return;
      const { points, grid } = reachedPart(starts, first, lineStarts, around, reach, from, to);
      call('joinBorders', [points(xs), points(ys), points(zs), limit, ...grid, points(held), points(joined)]);
    },
  };
}
