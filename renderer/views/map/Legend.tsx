import type { CSSProperties, ReactNode } from 'react';
import { formatCount } from '../../components/number-format.ts';
import { toHex } from '../../scatter/palette.ts';
import { selectMode } from '../../scatter/selection.ts';
import type { SelectMode } from '../../scatter/selection.ts';
import type { Colouring } from './map-colouring.ts';

const STOPS = [1, 52, 103, 154, 205, 255];

function Ramp(props: { readonly palette: Uint32Array; readonly low: string; readonly high: string }) {
  const stops = STOPS.map((stop) => toHex(props.palette[stop])).join(', ');
  const style: CSSProperties = { backgroundImage: `linear-gradient(to right, ${stops})` };
  return (
    <div className="bz-legend-ramp">
      <div className="bz-legend-gradient" style={style} aria-hidden="true" />
      <div className="bz-legend-ends">
        <span>
          <span className="bz-number">{props.low}</span>
          <br />
          ordinary
        </span>
        <span className="bz-right">
          <span className="bz-number">{props.high}</span>
          <br />
          suspicious
        </span>
      </div>
    </div>
  );
}

/** What the colours stand for. An entry under the pointer dims the others; a click selects its samples. */
export function Legend(props: {
  readonly title: string;
  readonly colouring: Colouring;
  /** Whose scores or clusters are shown, where there is a choice. */
  readonly chooser: ReactNode;
  readonly suspects: number;
  readonly onFocusEntry: (index: number | null) => void;
  readonly onSelectEntry: (index: number, mode: SelectMode) => void;
}) {
  const { colouring, onFocusEntry, onSelectEntry } = props;
  return (
    <section className="bz-legend" aria-label="Legend">
      <h2 className="bz-legend-title">{props.title}</h2>
      {props.chooser}
      {colouring.ramp ? (
        <Ramp palette={colouring.palette} low={colouring.ramp.low} high={colouring.ramp.high} />
      ) : null}
      <ul>
        {colouring.entries.map(({ index, name, count }) => (
          <li key={index}>
            <button
              type="button"
              className="bz-legend-entry"
              disabled={count === 0}
              title={`${name}: click selects its ${formatCount(count)} samples, Shift adds, Alt takes away`}
              onPointerEnter={() => {
                onFocusEntry(index);
              }}
              onPointerLeave={() => {
                onFocusEntry(null);
              }}
              onFocus={() => {
                onFocusEntry(index);
              }}
              onBlur={() => {
                onFocusEntry(null);
              }}
              onClick={(event) => {
                const { shiftKey, altKey, ctrlKey } = event;
                onSelectEntry(index, selectMode({ shift: shiftKey, alt: altKey, ctrl: ctrlKey }, 'replace'));
              }}
            >
              <span
                className="bz-swatch"
                aria-hidden="true"
                style={{ backgroundColor: toHex(colouring.palette[index]) }}
              />
              <span className="bz-legend-name">{name}</span>
              <span className="bz-number bz-quiet">{formatCount(count)}</span>
            </button>
          </li>
        ))}
      </ul>
      <h2 className="bz-legend-title">Marks, decided dimmed</h2>
      <ul className="bz-legend-marks">
        <li>
          <span className="bz-mark bz-mark-suspect" aria-hidden="true" />
          <span className="bz-legend-name">suspect</span>
          <span className="bz-number bz-quiet">{formatCount(props.suspects)}</span>
        </li>
        <li>
          <span className="bz-mark bz-mark-selected" aria-hidden="true" />
          <span className="bz-legend-name">selected</span>
        </li>
        <li>
          <span className="bz-mark-sign" aria-hidden="true">
            ✕
          </span>
          <span className="bz-legend-name">poison</span>
        </li>
        <li>
          <span className="bz-mark bz-mark-clean" aria-hidden="true" />
          <span className="bz-legend-name">clean</span>
        </li>
        <li>
          <span className="bz-mark bz-mark-unsure" aria-hidden="true" />
          <span className="bz-legend-name">unsure</span>
        </li>
      </ul>
    </section>
  );
}
