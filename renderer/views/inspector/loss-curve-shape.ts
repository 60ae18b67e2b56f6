import type { LossCurve } from '../../../electron/contract/samples.ts';

/** A place in the drawing. */
type Place = readonly [x: number, y: number];

/** A curve of losses as lines in a box, the lowest loss at the bottom. */
export interface LossCurveShape {
  /** Whether the losses are drawn by their logarithm. */
  readonly logarithmic: boolean;
  readonly least: number;
  readonly most: number;
  /** The sample's own losses; where one is not known the line is broken. */
  readonly own: readonly (readonly Place[])[];
  readonly middle: readonly Place[];
  /** Outline of the band that four fifths of the class lie in. */
  readonly band: readonly Place[];
}

function known(values: readonly (number | null)[]): number[] {
  return values.filter((value) => value !== null);
}

/** Runs of neighbouring places, split where one is null. */
function runs(places: readonly (Place | null)[]): Place[][] {
  const found: Place[][] = [];
  let open = false;
  for (const place of places) {
    if (place === null) open = false;
    else if (open) found.at(-1)?.push(place);
    else {
      found.push([place]);
      open = true;
    }
  }
  return found;
}

/** Null where nothing is known. */
export function lossCurveShape(curve: LossCurve, width: number, height: number): LossCurveShape | null {
  const { losses, low, middle, high } = curve;
  const all = known([...losses, ...low, ...high]);
  if (all.length === 0) return null;
  const logarithmic = all.every((loss) => loss > 0);
  const least = Math.min(...all);
  const most = Math.max(...all);
  const scale = (loss: number): number => (logarithmic ? Math.log(loss) : loss);
  const span = scale(most) - scale(least);
  const step = losses.length > 1 ? width / (losses.length - 1) : 0;
  const place = (loss: number | null, time: number): Place | null =>
    loss === null
      ? null
      : [
          losses.length > 1 ? time * step : width / 2,
          span > 0 ? height * (1 - (scale(loss) - scale(least)) / span) : height / 2,
        ];
  const line = (values: readonly (number | null)[]): Place[] =>
    values.map(place).filter((one) => one !== null);
  return {
    logarithmic,
    least,
    most,
    own: runs(losses.map(place)),
    middle: line(middle),
    band: [...line(high), ...line(low).reverse()],
  };
}
