import { Button, ButtonGroup } from '@blueprintjs/core';
import { Minus, Plus, ZoomToFit } from '@blueprintjs/icons';
import { useMemo, useRef, useState } from 'react';
import { Choice } from '../../components/Choice.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { formatCount, formatNumber, formatTime, plural } from '../../components/number-format.ts';
import { Problem } from '../../components/Problem.tsx';
import { SelectionBar } from '../../components/SelectionBar.tsx';
import type { Tool } from '../../scatter/gestures.ts';
import type { RendererNotice } from '../../scatter/point-layer.ts';
import type { Scatter } from '../../scatter/scatter.ts';
import { currentHost } from '../../state/host-context.ts';
import { useActiveScan, useBulk, useCall, useFloat64, useInvestigated } from '../../state/queries.ts';
import { useScanOrder } from '../../state/scan-order.ts';
import { useSelection } from '../../state/selection.ts';
import { useStartedJob } from '../../state/started-job.ts';
import type { StartedJob } from '../../state/started-job.ts';
import { sayFailure } from '../../state/toasts.ts';
import { useViewState } from '../../state/view-state.ts';
import { forgetCamera, keepCamera } from './cameras.ts';
import { ColourChooser, SourceChooser } from './ColourChooser.tsx';
import { HoverCard } from './HoverCard.tsx';
import { Islands } from './Islands.tsx';
import { JobLine } from './JobLine.tsx';
import { Legend } from './Legend.tsx';
import { dimOthers } from './map-colouring.ts';
import { factsOfMap, nameOfMap, shownMap } from './map-names.ts';
import { tools, useMapKeys, ZOOM_STEP } from './map-tools.ts';
import { LossCorners } from './LossCorners.tsx';
import { MapCanvas } from './MapCanvas.tsx';
import { NewMap } from './NewMap.tsx';
import { useMapTheme } from './scatter-theme.ts';
import { SecondOpinion } from './SecondOpinion.tsx';
import { CLUSTER_DETECTOR, useColouring } from './use-colouring.ts';
import type { ColourBy } from './use-colouring.ts';
import { useEmphasis } from './use-emphasis.ts';
import { useMapPoints } from './use-map-points.ts';
import { useMovingMap } from './use-moving-map.ts';
import './map.css';

const rendererWords: Readonly<Record<RendererNotice['reason'], string>> = {
  'graphics-card': 'drawn by WebGL2',
  forced: 'drawn as asked',
  'no-webgl2': 'drawn in software: this window has no WebGL2',
  'software-webgl': 'drawn in software: WebGL2 has no graphics card here',
  'webgl2-failed': 'drawn in software: WebGL2 did not start',
  'context-lost': 'drawn in software: the graphics card went away',
};

/** What stands for the map that is being drawn in the list of maps. */
const MOVING = 'moving';

const titles: Readonly<Record<ColourBy, string>> = {
  label: 'Label',
  predicted: 'Predicted class',
  cluster: 'Cluster',
  score: 'Score',
  verdict: 'Verdict',
};

/** The map of the set or of a part of it: looked at, coloured, selected on. */
export function MapView() {
  const dataset = useInvestigated();
  const list = useCall('map/list', dataset ? {} : null);
  const maps = useMemo(() => [...(list.data ?? [])].sort((a, b) => b.id - a.id), [list.data]);
  const set = useViewState((s) => s.set);
  const map = shownMap(
    maps,
    useViewState((s) => s.map),
  );
  const mapId = map?.id ?? null;
  const stored = useMapPoints(mapId);
  const [watching, setWatching] = useState(true);
  const drawn = useMovingMap();
  const live = watching ? drawn : null;
  const points = live?.points ?? stored;
  const broken = useBulk(mapId === null ? null : { array: 'map-coordinates', map: mapId }).error;
  const clusterings = useCall('cluster/list', map ? { map: map.id } : null).data;
  const chosenClustering = useViewState((s) => s.clustering);
  const scan = useActiveScan();
  const hasHalves = scan?.detectors.includes(CLUSTER_DETECTOR) ?? false;
  const newestFirst = useMemo(() => [...(clusterings ?? [])].sort((a, b) => b.id - a.id), [clusterings]);
  const clustering =
    newestFirst.find(({ id }) => id === chosenClustering)?.id ??
    (hasHalves ? null : (newestFirst.at(0)?.id ?? null));

  const theme = useMapTheme();
  const colouring = useColouring(map, points?.rows, live ? null : clustering, theme);
  const emphasis = useEmphasis(points?.rows);
  const [focused, setFocused] = useState<number | null>(null);
  const palette = useMemo(
    () =>
      colouring && focused !== null && colouring.entries.some(({ index }) => index === focused)
        ? dimOthers(colouring.palette, focused, theme.scatter.background)
        : colouring?.palette,
    [colouring, focused, theme],
  );
  const suspects = useMemo(
    () => (emphasis.flagged ? emphasis.flagged.reduce((n, one) => n + one, 0) : 0),
    [emphasis],
  );

  const cursor = useSelection((s) => s.cursor);
  const { select, setCursor } = useSelection.getState();
  const tool = useViewState((s) => s.mapTool);
  const scatter = useRef<Scatter | null>(null);
  const moved = useRef(false);
  const ground = useRef<HTMLDivElement>(null);
  const [hovered, setHovered] = useState<{ row: number; xCss: number; yCss: number } | null>(null);
  const [notice, setNotice] = useState<RendererNotice | null>(null);

  const show = (id: number): void => {
    set({ map: id });
  };
  const started = useStartedJob(show);
  const drawing: StartedJob = {
    ...started,
    start: (starting) => {
      setWatching(true);
      started.start(starting);
    },
  };
  const showIslands = (id: number): void => {
    set({ clustering: id, colourBy: 'cluster' });
  };
  const clusteringJob = useStartedJob(showIslands);
  const seed = useScanOrder((s) => s.seed);

  const zoom = (factor: number | null): void => {
    const view = scatter.current?.getView();
    if (!scatter.current || !view) return;
    moved.current = factor !== null;
    if (factor !== null) scatter.current.setView({ ...view, scale: view.scale * factor });
    else {
      scatter.current.fit();
      if (map) forgetCamera(map.id);
    }
  };
  const takeTool = (next: Tool): void => {
    set({ mapTool: next });
  };
  useMapKeys(takeTool, zoom);

  const by = useViewState((s) => s.colourBy);
  const scoreOf = useViewState((s) => s.scoreOf);
  const scores = useFloat64(
    by === 'score' && scan
      ? scoreOf !== null && scan.detectors.includes(scoreOf)
        ? { array: 'detector-score', scan: scan.id, detector: scoreOf }
        : { array: 'score', scan: scan.id }
      : null,
  );

  if (!dataset) return <EmptyState title="Nothing to map yet">Drop activations and records here.</EmptyState>;
  if (list.isError) return <Problem error={list.error} />;
  if (!map) {
    if (list.isPending) return null;
    const drawable = dataset.matrices.some(({ role }) => role === 'activations');
    return (
      <EmptyState
        title={drawable ? 'No map yet' : 'No activations yet'}
        actions={
          drawing.job ? (
            <JobLine started={drawing} />
          ) : drawable ? (
            <Button
              intent="primary"
              text={`Draw the PCA map of all ${formatCount(dataset.rows)} samples`}
              onClick={() => {
                drawing.start(
                  currentHost().call('map/start', {
                    kind: 'pca',
                    scope: { kind: 'all' },
                    seed,
                    scan: scan?.id ?? null,
                  }),
                );
              }}
            />
          ) : null
        }
      >
        {drawable
          ? 'A scan (S) draws the map of the whole set and of every class that it puts forward. The map can also be drawn now.'
          : 'A map needs the activations of these samples: drop a .npy file with one row a sample on the window.'}
      </EmptyState>
    );
  }

  const choices = newestFirst.map((one): [number, string] => [
    one.id,
    `${one.method === 'hdbscan' ? 'HDBSCAN' : 'DBSCAN'}: ${plural(one.clusters, 'island')} (${one.eps === null ? '' : `eps ${formatNumber(one.eps)}, `}${one.minPoints} points)`,
  ]);
  const score = hovered && scores ? scores[hovered.row] : null;
  const [horizontal, vertical] = live ? ['UMAP 1', 'UMAP 2'] : map.axes;
  return (
    <section className="bz-map" aria-label="Map">
      <header className="bz-map-head">
        <select
          className="bz-map-choice"
          aria-label="Map"
          value={live ? MOVING : map.id}
          onChange={(event) => {
            setWatching(event.target.value === MOVING);
            if (event.target.value !== MOVING) show(Number(event.target.value));
          }}
        >
          {drawn ? <option value={MOVING}>UMAP · being drawn</option> : null}
          {maps.map((one) => (
            <option key={one.id} value={one.id} title={formatTime(one.createdAtMs)}>
              {nameOfMap(one)}
            </option>
          ))}
        </select>
        <NewMap maps={maps} drawing={drawing} onShow={show} />
        <Islands
          key={map.id}
          map={map}
          clusterings={newestFirst}
          shown={clustering}
          started={clusteringJob}
          onShow={showIslands}
        />
        <SecondOpinion map={map} />
        <JobLine started={drawing} />
        {map.stale && !live ? (
          <span className="bz-tag bz-tone-caution" title="The evidence has changed since this map was drawn">
            <span aria-hidden="true" className="bz-tag-shape">
              ◆
            </span>
            stale: the evidence has changed
          </span>
        ) : null}
      </header>
      <div className="bz-map-head">
        <span className="bz-quiet">Colour by</span>
        <ColourChooser hasClusters={hasHalves || newestFirst.length > 0} />
        <span className="bz-spring" />
        <Choice<Tool>
          name="Tool"
          value={tool}
          onChange={takeTool}
          options={tools.map(({ tool: value, text, key, Icon }) => ({
            value,
            text,
            icon: <Icon size={14} />,
            title: `${text} (${key})`,
          }))}
        />
        <ButtonGroup role="group" aria-label="Zoom">
          <Button
            size="small"
            icon={<Minus size={14} />}
            aria-label="Zoom out"
            title="Zoom out (−)"
            onClick={() => {
              zoom(1 / ZOOM_STEP);
            }}
          />
          <Button
            size="small"
            icon={<Plus size={14} />}
            aria-label="Zoom in"
            title="Zoom in (+)"
            onClick={() => {
              zoom(ZOOM_STEP);
            }}
          />
          <Button
            size="small"
            icon={<ZoomToFit size={14} />}
            aria-label="Fit"
            title="Fit (0)"
            onClick={() => {
              zoom(null);
            }}
          />
        </ButtonGroup>
        <Button
          size="small"
          text="PNG"
          title="Save the map as it is shown as PNG"
          onClick={() => {
            if (scatter.current)
              savePng(scatter.current, live ? `UMAP epoch ${live.epoch}` : nameOfMap(map)).catch(sayFailure);
          }}
        />
      </div>
      {map.kind === 'losses' && points && !live ? <LossCorners points={points} /> : null}
      <div className="bz-map-middle">
        <div ref={ground} className="bz-map-ground">
          {points ? (
            <MapCanvas
              label={`Map: ${live ? 'UMAP · being drawn' : nameOfMap(map)}`}
              points={points}
              camera={live ? undefined : useViewState.getState().cameras[String(map.id)]}
              moving={live !== null}
              index={colouring?.index}
              palette={palette}
              emphasis={emphasis}
              current={cursor === null ? -1 : points.pointOf(cursor)}
              tool={tool}
              theme={theme.scatter}
              scatter={scatter}
              moved={moved}
              onHover={(index, xCss, yCss) => {
                setHovered(index < 0 ? null : { row: points.rows[index], xCss, yCss });
              }}
              onClick={(index, { shift, alt, ctrl }) => {
                if (index < 0) {
                  if (shift || alt || ctrl) return;
                  select([], 'replace');
                  setCursor(null);
                  return;
                }
                const row = points.rows[index];
                if (shift || ctrl) select([row], 'add');
                else if (alt) select([row], 'subtract');
                setCursor(row);
              }}
              onSelect={(indices, mode) => {
                select(
                  Array.from(indices, (index) => points.rows[index]),
                  mode,
                );
                setCursor(null);
              }}
              onCamera={(view) => {
                if (!live) keepCamera(map.id, view);
              }}
              onFit={() => {
                moved.current = false;
                forgetCamera(map.id);
              }}
              onRenderer={setNotice}
            />
          ) : null}
          {broken ? <Problem error={broken} /> : null}
          <span className="bz-map-axis bz-map-axis-x">{horizontal}</span>
          <span className="bz-map-axis bz-map-axis-y">{vertical}</span>
          {hovered ? (
            <HoverCard
              row={hovered.row}
              xCss={hovered.xCss}
              yCss={hovered.yCss}
              width={ground.current?.clientWidth ?? 0}
              height={ground.current?.clientHeight ?? 0}
              score={
                score === null ? null : Number.isNaN(score) ? 'not judged' : `score ${formatNumber(score)}`
              }
            />
          ) : null}
        </div>
        {colouring ? (
          <Legend
            title={by === 'cluster' && clustering === null ? 'Cluster inside its class' : titles[by]}
            colouring={colouring}
            chooser={<SourceChooser clustering={clustering} clusterings={choices} />}
            suspects={suspects}
            onFocusEntry={setFocused}
            onSelectEntry={(index, mode) => {
              const rows: number[] = [];
              points?.rows.forEach((row, i) => {
                if (colouring.index[i] === index) rows.push(row);
              });
              select(rows, mode);
              setCursor(null);
            }}
          />
        ) : null}
      </div>
      <SelectionBar hint="Drag to select; Shift adds, Alt takes away, both keep what is in both." />
      <footer className="bz-map-foot">
        <span className="bz-number">
          {live
            ? `${formatCount(live.points.rows.length)} samples, epoch ${live.epoch} of ${live.epochs}`
            : factsOfMap(map)}
        </span>
        <span className="bz-spring" />
        {notice ? <span>{rendererWords[notice.reason]}</span> : null}
      </footer>
    </section>
  );
}

async function savePng(scatter: Scatter, name: string): Promise<void> {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await scatter.toImage());
  link.download = `${name.replace(/[^\p{L}\p{N}]+/gu, '-')}.png`;
  link.click();
  URL.revokeObjectURL(link.href);
}
