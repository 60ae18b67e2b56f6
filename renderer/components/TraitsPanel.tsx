import { useEffect, useRef } from 'react';
import type { Group, Traits } from '../../electron/contract/traits.ts';
import { useCall } from '../state/queries.ts';
import { formatCount, formatNumber, formatP, formatShare } from './number-format.ts';
import { Problem } from './Problem.tsx';
import './traits-panel.css';

type Image = NonNullable<Traits['image']>;

/** Grey levels as they are; a difference from blue (less inside) over grey to red (more inside). */
function pixelOf(value: number, signed: boolean): readonly [number, number, number] {
  if (!signed) return [value, value, value];
  const share = Math.min(1, Math.abs(value) / 128);
  const [r, g, b] = value < 0 ? [59, 130, 246] : [229, 72, 77];
  const mix = (to: number) => Math.round(128 + (to - 128) * share);
  return [mix(r), mix(g), mix(b)];
}

function Picture(props: {
  readonly image: Image;
  readonly levels: readonly number[];
  readonly name: string;
  readonly signed?: boolean;
}) {
  const { image, levels, name, signed = false } = props;
  const { width, height, patches } = image;
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const pixels = context.createImageData(width, height);
    levels.forEach((level, at) => {
      const [r, g, b] = pixelOf(level, signed);
      pixels.data.set([r, g, b, 255], 4 * at);
    });
    context.putImageData(pixels, 0, 0);
  }, [levels, signed, width, height]);
  return (
    <figure className="bz-traits-picture">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={name}>
        <foreignObject x={0} y={0} width={width} height={height}>
          <canvas ref={canvas} width={width} height={height} />
        </foreignObject>
        {patches.map((patch) => (
          <rect
            key={`${patch.top} ${patch.left}`}
            x={patch.left}
            y={patch.top}
            width={patch.width}
            height={patch.height}
          />
        ))}
      </svg>
      <figcaption className="bz-quiet">{name}</figcaption>
    </figure>
  );
}

function Pictures({ image }: { readonly image: Image }) {
  const { read, patches } = image;
  return (
    <section>
      <h4>Images</h4>
      <div className="bz-traits-pictures">
        <Picture
          image={image}
          levels={image.inside}
          name={`mean of ${formatCount(read.inside)} of the group`}
        />
        <Picture image={image} levels={image.outside} name={`mean of ${formatCount(read.outside)} others`} />
        <Picture image={image} levels={image.difference} name="difference: red is brighter here" signed />
      </div>
      {patches.length > 0 ? (
        <ul className="bz-traits-list">
          {patches.map((patch) => (
            <li key={`${patch.top} ${patch.left}`}>
              the same in {patch.width} x {patch.height} pixels at column {patch.left + 1}, row{' '}
              {patch.top + 1}: level <span className="bz-number">{Math.round(patch.insideLevel)}</span>, in
              the others <span className="bz-number">{Math.round(patch.outsideLevel)}</span>
            </li>
          ))}
        </ul>
      ) : (
        <p className="bz-quiet">
          No part of the images is the same all over the group and different outside.
        </p>
      )}
    </section>
  );
}

/** Corrected for the values that were tested (Bonferroni). */
const correctedLnP = (lnP: number, tested: number) => Math.min(0, lnP + Math.log(tested));

interface ExcessLine {
  readonly value: string;
  readonly inside: number;
  readonly outside: number;
  readonly lnP: number;
}

function Excesses(props: {
  readonly traits: Traits;
  readonly title: string;
  readonly head: string;
  readonly tested: number;
  readonly lines: readonly ExcessLine[];
}) {
  const { traits, title, head, tested, lines } = props;
  return (
    <section>
      <h4>{title}</h4>
      {lines.length === 0 ? (
        <p className="bz-quiet">None is clearly more common here, of {formatCount(tested)} tested.</p>
      ) : (
        <table className="bz-table">
          <thead>
            <tr>
              <th>{head}</th>
              <th className="bz-right">In the group</th>
              <th className="bz-right">In the others</th>
              <th className="bz-right" title={`Fisher's exact test, for ${formatCount(tested)} tested`}>
                p
              </th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <tr key={line.value}>
                <td>{line.value}</td>
                <td className="bz-number bz-right">
                  {formatCount(line.inside)} ({formatShare(line.inside / traits.inside)})
                </td>
                <td className="bz-number bz-right">
                  {formatCount(line.outside)} ({formatShare(line.outside / Math.max(1, traits.outside))})
                </td>
                <td className="bz-number bz-right bz-nowrap">
                  {formatP(Math.exp(correctedLnP(line.lnP, tested)), correctedLnP(line.lnP, tested))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Numbers({ numbers }: Pick<Traits, 'numbers'>) {
  if (numbers.length === 0) return null;
  return (
    <section>
      <h4>Columns of numbers</h4>
      <table className="bz-table">
        <thead>
          <tr>
            <th>Column</th>
            <th className="bz-right">Median here</th>
            <th className="bz-right">Median of the others</th>
            <th className="bz-right" title="Chance that a number of the group is above one of the others">
              Above
            </th>
          </tr>
        </thead>
        <tbody>
          {numbers.map((one) => (
            <tr key={one.column}>
              <td>{one.column}</td>
              <td className="bz-number bz-right">{formatNumber(one.insideMedian)}</td>
              <td className="bz-number bz-right">{formatNumber(one.outsideMedian)}</td>
              <td className="bz-number bz-right">{formatShare(one.area)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Units({ units }: Pick<Traits, 'units'>) {
  if (units.length === 0) return null;
  return (
    <section>
      <h4>Units of the activations</h4>
      <table className="bz-table">
        <thead>
          <tr>
            <th>Unit</th>
            <th className="bz-right">Mean here</th>
            <th className="bz-right">Mean of the others</th>
            <th className="bz-right" title="In standard deviations of the others">
              Apart
            </th>
            <th className="bz-right" title="Share of the group above every other sample">
              Beyond all others
            </th>
          </tr>
        </thead>
        <tbody>
          {units.slice(0, 6).map((one) => (
            <tr key={one.unit}>
              <td className="bz-number">{one.unit}</td>
              <td className="bz-number bz-right">{formatNumber(one.insideMean)}</td>
              <td className="bz-number bz-right">{formatNumber(one.outsideMean)}</td>
              <td className="bz-number bz-right">
                {one.effect === null ? 'silent there' : formatNumber(one.effect)}
              </td>
              <td className="bz-number bz-right">{formatShare(one.beyond)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** What a group of samples shares that the others of its labels do not. */
export function TraitsPanel(props: { readonly group: Group; readonly withoutSentence?: boolean }) {
  const { data: traits, error } = useCall('traits/of', { group: props.group });
  if (error) return <Problem error={error} />;
  if (!traits) return <p className="bz-quiet">Comparing the group with the others of its labels…</p>;
  const { words, image, values } = traits;
  return (
    <div className="bz-traits">
      {props.withoutSentence ? null : <p>{traits.sentence}</p>}
      <p className="bz-quiet">
        {formatCount(traits.inside)} samples of {traits.labels.join(', ')}, held against the{' '}
        {formatCount(traits.outside)} others with the same {traits.labels.length === 1 ? 'label' : 'labels'}.
      </p>
      {words ? (
        <Excesses
          traits={traits}
          title={`Words of ${words.column}`}
          head="Word"
          tested={words.tested}
          lines={words.found}
        />
      ) : null}
      {image ? <Pictures image={image} /> : null}
      {values.length > 0 ? (
        <Excesses
          traits={traits}
          title="Values of the records"
          head="Value"
          tested={values[0].tested}
          lines={values.map((one) => ({ ...one, value: `${one.column}: ${one.value}` }))}
        />
      ) : null}
      <Units units={traits.units} />
      <Numbers numbers={traits.numbers} />
    </div>
  );
}
