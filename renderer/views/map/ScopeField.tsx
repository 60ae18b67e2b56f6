import type { Scope } from '../../../electron/contract/maps.ts';
import { formatCount } from '../../components/number-format.ts';
import { useInvestigated } from '../../state/queries.ts';
import { useSelection } from '../../state/selection.ts';

/** What a map or a second opinion is of: 'all', 'rows', or a class index as text. */
type ScopeChoice = string;

/** The scope of a choice; the selection is read when the work starts. */
export function scopeOf(choice: ScopeChoice): Scope {
  if (choice === 'all') return { kind: 'all' };
  if (choice === 'rows') return { kind: 'rows', rows: Array.from(useSelection.getState().rows) };
  return { kind: 'class', classIndex: Number(choice) };
}

/** Chooses among all samples, the selection, and every class. */
export function ScopeField(props: {
  readonly value: ScopeChoice;
  readonly onChange: (choice: ScopeChoice) => void;
}) {
  const dataset = useInvestigated();
  const selected = useSelection((s) => s.rows.length);
  return (
    <label className="bz-field">
      <span>Of</span>
      <select
        value={props.value}
        onChange={(event) => {
          props.onChange(event.target.value);
        }}
      >
        <option value="all">All samples ({formatCount(dataset?.rows ?? 0)})</option>
        <option value="rows" disabled={selected === 0}>
          The selection ({formatCount(selected)})
        </option>
        <optgroup label="One class">
          {dataset?.classes.map((name, k) => (
            <option key={name} value={k} disabled={dataset.classCounts[k] === 0}>
              {name} ({formatCount(dataset.classCounts[k])})
            </option>
          ))}
        </optgroup>
      </select>
    </label>
  );
}
