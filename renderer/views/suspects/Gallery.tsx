import { EyeOpen } from '@blueprintjs/icons';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { RefObject } from 'react';
import type { Dataset } from '../../../electron/contract/evidence.ts';
import type { Sample } from '../../../electron/contract/samples.ts';
import { ClassName } from '../../components/ClassName.tsx';
import { formatNumber } from '../../components/number-format.ts';
import { Thumbnail } from '../../components/Thumbnail.tsx';
import { VerdictTag, verdictOfByte } from '../../components/VerdictTag.tsx';
import { hasPictures, usePictures } from '../../state/pictures.ts';
import { useSampleWindow } from '../../state/queries.ts';
import { hasRow } from '../../state/row-set.ts';
import { useSeenMark } from '../../state/seen-at-cursor.ts';
import { useSelection } from '../../state/selection.ts';
import { useViewState } from '../../state/view-state.ts';
import { ReferenceStrip } from './ReferenceStrip.tsx';
import { useRowPicking } from './use-row-picking.ts';
import type { RowArrays } from './use-suspects.ts';

/** The least width of a tile; what a line has left over goes to its tiles. */
const TILE_WIDTH = 112;
const TEXT_TILE_WIDTH = 216;
const TEXT_HEIGHT = 72;
/** Of a tile: what stands left and right of its image, and the two lines under it. */
const TILE_MARGIN = 20;
const TILE_WORDS = 54;
const PADDING = 8;
const OVERSCAN = 2;
const PAGE_LINES = 3;

function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observed = element.current;
    if (!observed) return undefined;
    const observer = new ResizeObserver(() => {
      setWidth(observed.clientWidth);
    });
    observer.observe(observed);
    return () => {
      observer.disconnect();
    };
  }, [element]);
  return width;
}

/** What stands for a sample without an image: its text, else the first facts of its record. */
function recordWords(dataset: Dataset, sample: Sample | undefined): string {
  if (!sample) return '';
  const text = dataset.columns.find(({ role }) => role === 'text');
  if (text) return String(sample.columns[text.name] ?? '');
  return dataset.columns
    .filter(({ role }) => role !== 'ignored')
    .slice(0, 4)
    .map(({ name }) => {
      const value = sample.columns[name];
      return `${name} ${typeof value === 'number' ? formatNumber(value) : (value ?? '–')}`;
    })
    .join('\n');
}

/** The rows as pictures in their order, beside ordinary samples of the classes in question. */
export function Gallery(props: {
  readonly dataset: Dataset;
  readonly order: Int32Array;
  readonly arrays: RowArrays;
}) {
  const { dataset, order, arrays } = props;
  const scroll = useRef<HTMLDivElement>(null);
  const width = useWidth(scroll);
  const pictures = hasPictures(dataset);
  const least = pictures ? TILE_WIDTH : TEXT_TILE_WIDTH;
  const perLine = Math.max(1, Math.floor((width - 2 * PADDING) / least));
  const tileWidth = Math.max(least, Math.floor((width - 2 * PADDING) / perLine));
  const imageSize = tileWidth - TILE_MARGIN;
  const tileHeight = (pictures ? imageSize : TEXT_HEIGHT) + TILE_WORDS;
  const cursor = useSelection((s) => s.cursor);
  const selection = useSelection((s) => s.rows);
  const inspectorOpen = useViewState((s) => s.open.inspector);
  const picking = useRowPicking(order, perLine, perLine * PAGE_LINES);

  const virtualizer = useVirtualizer({
    count: Math.ceil(order.length / perLine),
    getScrollElement: () => scroll.current,
    estimateSize: () => tileHeight,
    overscan: OVERSCAN,
    paddingStart: PADDING,
    paddingEnd: PADDING,
  });
  useEffect(() => {
    virtualizer.measure();
  }, [virtualizer, tileHeight]);
  const lines = virtualizer.getVirtualItems();
  const first = (lines.at(0)?.index ?? 0) * perLine;
  const end = Math.min(order.length, ((lines.at(-1)?.index ?? -1) + 1) * perLine);
  const sampleAt = useSampleWindow(dataset.id, order, first, Math.max(first, end - 1));
  const pictureOf = usePictures(dataset, Array.from(order.subarray(first, end)));

  const position = useMemo(() => (cursor === null ? -1 : order.indexOf(cursor)), [cursor, order]);
  useEffect(() => {
    if (position >= 0) virtualizer.scrollToIndex(Math.floor(position / perLine), { align: 'auto' });
  }, [position, perLine, virtualizer]);
  const cursorPicture = cursor === null ? undefined : pictureOf(cursor);
  const cursorShown = position >= first && position < end && (!pictures || cursorPicture !== undefined);
  useSeenMark(cursorShown && !inspectorOpen ? cursor : null);

  const reference = cursor ?? order.at(0) ?? null;
  return (
    <div className="bz-gallery">
      <div
        ref={scroll}
        className="bz-gallery-grid"
        role="grid"
        tabIndex={0}
        aria-label="Gallery"
        aria-rowcount={Math.ceil(order.length / perLine)}
        aria-colcount={perLine}
        aria-multiselectable="true"
        aria-activedescendant={position >= 0 ? `bz-tile-${order[position]}` : undefined}
        onKeyDown={picking.onKeyDown}
      >
        <div className="bz-gallery-inside" style={{ height: virtualizer.getTotalSize() }}>
          {lines.map((line) => (
            <div
              key={line.key}
              role="row"
              aria-rowindex={line.index + 1}
              className="bz-gallery-line"
              style={{ transform: `translateY(${line.start}px)`, height: tileHeight }}
            >
              {Array.from(order.subarray(line.index * perLine, (line.index + 1) * perLine), (row, i) => {
                const at = line.index * perLine + i;
                const sample = sampleAt(at);
                const verdict = arrays.verdicts?.[row] ?? 0;
                return (
                  <div
                    key={row}
                    id={`bz-tile-${row}`}
                    role="gridcell"
                    aria-selected={hasRow(selection, row)}
                    aria-current={row === cursor ? 'true' : undefined}
                    aria-label={sample?.key}
                    className={verdict === 0 ? 'bz-tile' : 'bz-tile bz-tile-decided'}
                    style={{ width: tileWidth }}
                    title={sample?.key}
                    onClick={(event) => {
                      picking.onRowClick(event, at);
                    }}
                  >
                    {pictures ? (
                      <Thumbnail picture={pictureOf(row)} size={imageSize} name="" />
                    ) : (
                      <span className="bz-tile-text">{recordWords(dataset, sample)}</span>
                    )}
                    <span className="bz-tile-line">
                      <ClassName classIndex={arrays.labels?.[row] ?? -1} />
                      <span className="bz-spring" />
                      {verdict === 0 ? null : <VerdictTag short verdict={verdictOfByte(verdict)} />}
                    </span>
                    <span className="bz-tile-line bz-quiet">
                      <span className="bz-mono bz-tile-key">{sample?.key ?? ''}</span>
                      <span className="bz-spring" />
                      {arrays.seen?.[row] ? <EyeOpen size={12} title="seen" /> : null}
                    </span>
                  </div>
                );
              })}
            </div>
          ))}
        </div>
      </div>
      {reference === null ? null : <ReferenceStrip dataset={dataset} row={reference} arrays={arrays} />}
    </div>
  );
}
