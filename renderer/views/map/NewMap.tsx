import { Button, Classes, PopoverNext } from '@blueprintjs/core';
import { useState } from 'react';
import type { MapInfo } from '../../../electron/contract/maps.ts';
import { Choice } from '../../components/Choice.tsx';
import { currentHost } from '../../state/host-context.ts';
import { useActiveScanId, useInvestigated } from '../../state/queries.ts';
import { useScanOrder } from '../../state/scan-order.ts';
import type { StartedJob } from '../../state/started-job.ts';
import { ScopeField, scopeOf } from './ScopeField.tsx';
import { choiceOf, isRight, usualForm } from './umap-form.ts';
import { UmapFields } from './UmapFields.tsx';

type Kind = MapInfo['kind'] | 'reference';

const explanation: Readonly<Record<Kind, string>> = {
  pca: 'The two directions in which the activations vary most. Every sample is shown; distances are true.',
  umap: 'Neighbours stay together; distances between groups mean little. Every sample is shown, and the map can be watched while it is drawn.',
  losses:
    'Where each sample stands in its class by its first and by its last loss. The corners: fast and confident, slow or never, slow then confident, fast then lost.',
  reference:
    'UMAP by an independent implementation (umap-js), to check ours against. Above 8,000 samples a seeded sample is drawn that holds every suspect. Takes up to a minute or two.',
};

/** Starts a map, or shows the one that is there already. */
export function NewMap(props: {
  readonly maps: readonly MapInfo[];
  readonly drawing: StartedJob;
  readonly onShow: (map: number) => void;
}) {
  const { maps, drawing, onShow } = props;
  const [kind, setKind] = useState<Kind>('pca');
  const [choice, setChoice] = useState('all');
  const [form, setForm] = useState(usualForm);
  const scan = useActiveScanId();
  const hasLosses = useInvestigated()?.columns.some(({ role }) => role === 'loss') ?? false;
  const seed = useScanOrder((s) => s.seed);

  const draw = (): void => {
    const scope = scopeOf(choice);
    const present =
      (kind !== 'pca' && kind !== 'losses') || scope.kind === 'rows'
        ? undefined
        : maps.find(
            (map) =>
              map.kind === kind &&
              !map.stale &&
              map.scopeKind === scope.kind &&
              (scope.kind !== 'class' || map.classIndex === scope.classIndex),
          );
    if (present) {
      onShow(present.id);
      return;
    }
    const order =
      kind === 'pca' || kind === 'losses'
        ? { kind }
        : { kind: 'umap' as const, umap: { ...choiceOf(form), reference: kind === 'reference' } };
    drawing.start(currentHost().call('map/start', { ...order, scope, seed, scan }));
  };

  return (
    <PopoverNext
      placement="bottom-start"
      content={
        <div className="bz-map-popover" role="dialog" aria-label="New map">
          <Choice
            name="Kind of map"
            value={kind}
            onChange={setKind}
            options={[
              { value: 'pca', text: 'PCA' },
              { value: 'umap', text: 'UMAP' },
              ...(hasLosses ? [{ value: 'losses' as const, text: 'Losses' }] : []),
              { value: 'reference', text: 'umap-js' },
            ]}
          />
          <p className="bz-quiet">{explanation[kind]}</p>
          <ScopeField value={choice} onChange={setChoice} />
          {kind === 'umap' ? <UmapFields form={form} onChange={setForm} /> : null}
          <Button
            className={Classes.POPOVER_DISMISS}
            intent="primary"
            text="Draw"
            disabled={drawing.job !== null || (kind === 'umap' && !isRight(form))}
            onClick={draw}
          />
        </div>
      }
    >
      <Button size="small" text="New map…" />
    </PopoverNext>
  );
}
