import { useMemo } from 'react';
import type { MapInfo } from '../../../electron/contract/maps.ts';
import { formatNumber } from '../../components/number-format.ts';
import { useClassColours } from '../../state/class-colours.ts';
import { useActiveScan, useFloat64, useInt32, useInvestigated } from '../../state/queries.ts';
import { useVerdicts } from '../../state/review.ts';
import { useScheme } from '../../state/theme.ts';
import type { SavedView } from '../../state/view-state.ts';
import { useViewState } from '../../state/view-state.ts';
import {
  colourByClass,
  colourByDetectorCluster,
  colourByIsland,
  colourByScore,
  colourByVerdict,
  gather,
} from './map-colouring.ts';
import type { Colouring } from './map-colouring.ts';
import type { MapTheme } from './scatter-theme.ts';

export type ColourBy = SavedView['colourBy'];

/** The detector whose clusters inside each class can colour the map. */
export const CLUSTER_DETECTOR = 'activation-clustering';

/** The ranking's scores are above 2 for suspects, above 1 beside them, 0 to 1 for the rest. */
const RANKING_RANGE = { low: 0, high: 3 };

/** The colours of a map's points by what the analyst chose; undefined while the arrays load. */
export function useColouring(
  map: MapInfo | undefined,
  rows: Int32Array | undefined,
  clustering: number | null,
  theme: MapTheme,
): Colouring | undefined {
  const by = useViewState((s) => s.colourBy);
  const scoreOf = useViewState((s) => s.scoreOf);
  const dataset = useInvestigated();
  const scan = useActiveScan();
  const scheme = useScheme();
  const { names, paletteIndex } = useClassColours();
  const verdicts = useVerdicts();
  const labels = useInt32(by === 'label' && dataset ? { array: 'label', dataset: dataset.id } : null);
  const predicted = useInt32(
    by === 'predicted' && dataset ? { array: 'predicted', dataset: dataset.id } : null,
  );
  const halves = useInt32(
    by === 'cluster' && clustering === null && scan?.detectors.includes(CLUSTER_DETECTOR)
      ? { array: 'detector-cluster', scan: scan.id, detector: CLUSTER_DETECTOR }
      : null,
  );
  const islands = useInt32(
    by === 'cluster' && clustering !== null ? { array: 'clusters', clustering } : null,
  );
  const byDetector = scoreOf !== null && scan?.detectors.includes(scoreOf) ? scoreOf : null;
  const scores = useFloat64(
    by !== 'score' || !scan
      ? null
      : byDetector === null
        ? { array: 'score', scan: scan.id }
        : { array: 'detector-score', scan: scan.id, detector: byDetector },
  );
  const ground = theme.scatter.background;
  const verdictColours = theme.verdicts;
  return useMemo(() => {
    if (!map || !rows) return undefined;
    switch (by) {
      case 'label':
        return labels && colourByClass(gather(labels, rows), names, paletteIndex, scheme);
      case 'predicted':
        return predicted && colourByClass(gather(predicted, rows), names, paletteIndex, scheme);
      case 'cluster':
        if (islands?.length === rows.length) return colourByIsland(islands, scheme, ground);
        return halves && colourByDetectorCluster(gather(halves, rows), scheme);
      case 'score':
        return (
          scores &&
          colourByScore(
            gather(scores, rows),
            byDetector === null ? RANKING_RANGE : null,
            formatNumber,
            scheme,
          )
        );
      case 'verdict':
        return verdicts && colourByVerdict(gather(verdicts, rows), verdictColours);
    }
  }, [
    map,
    rows,
    by,
    labels,
    predicted,
    islands,
    halves,
    scores,
    byDetector,
    verdicts,
    names,
    paletteIndex,
    scheme,
    ground,
    verdictColours,
  ]);
}
