import { areNeighboursRight, isDistanceRight } from './umap-form.ts';
import type { UmapForm } from './umap-form.ts';

/** How a UMAP is drawn: neighbours, distance, with or without the labels. */
export function UmapFields(props: { readonly form: UmapForm; readonly onChange: (form: UmapForm) => void }) {
  const { form, onChange } = props;
  return (
    <>
      <div className="bz-map-fields">
        <label className="bz-field">
          <span>Neighbours (2 to 200)</span>
          <input
            type="number"
            min={2}
            max={200}
            value={form.neighbours}
            aria-invalid={!areNeighboursRight(form)}
            title="Few show small groups, many the large shape"
            onChange={(event) => {
              onChange({ ...form, neighbours: event.target.value });
            }}
          />
        </label>
        <label className="bz-field">
          <span>Distance (0 to 0.99)</span>
          <input
            type="number"
            min={0}
            max={0.99}
            step={0.05}
            value={form.minDist}
            aria-invalid={!isDistanceRight(form)}
            title="How close near samples lie on the map"
            onChange={(event) => {
              onChange({ ...form, minDist: event.target.value });
            }}
          />
        </label>
      </div>
      <label className="bz-map-check">
        <input
          type="checkbox"
          checked={form.byLabel}
          onChange={(event) => {
            onChange({ ...form, byLabel: event.target.checked });
          }}
        />
        <span>
          Draw samples of one label together
          <br />
          <span className="bz-quiet">
            What still lies apart from its label is told apart by the activations.
          </span>
        </span>
      </label>
    </>
  );
}
