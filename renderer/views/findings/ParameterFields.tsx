import type { DetectorParameter } from '../../../electron/contract/scan.ts';
import { useScanOrder } from '../../state/scan-order.ts';

function range({ least, most, kind }: DetectorParameter): string {
  const whole = kind === 'whole' ? 'whole, ' : '';
  if (least !== null && most !== null && most < 1e9) return `${whole}${least} to ${most}`;
  return least === null ? whole : `${whole}from ${least}`;
}

/** The parameters of one detector; an empty field is its default. */
export function ParameterFields(props: {
  readonly detector: string;
  readonly parameters: readonly DetectorParameter[];
}) {
  const { detector, parameters } = props;
  const given = useScanOrder((s) => s.params[detector]) ?? {};
  const change = (name: string, value: number | string | null): void => {
    const { params } = useScanOrder.getState();
    const own = Object.entries(params[detector] ?? {}).filter(([other]) => other !== name);
    if (value !== null) own.push([name, value]);
    useScanOrder.setState({ params: { ...params, [detector]: Object.fromEntries(own) } });
  };
  const changed = Object.keys(given).length;
  return (
    <details className="bz-parameters">
      <summary>
        Parameters{changed > 0 ? <span className="bz-tone-caution"> · {changed} changed</span> : null}
      </summary>
      {parameters.map((parameter) => {
        const { name, kind, choices } = parameter;
        const value = given[name] ?? '';
        return (
          <div key={name} className="bz-parameter">
            <label className="bz-field bz-field-inline">
              <span>{name}</span>
              {kind === 'choice' ? (
                <select
                  aria-describedby={`${detector}-${name}`}
                  value={value === '' ? (parameter.default ?? '') : value}
                  onChange={(event) => {
                    change(name, event.target.value === parameter.default ? null : event.target.value);
                  }}
                >
                  {choices.map((choice) => (
                    <option key={choice}>{choice}</option>
                  ))}
                </select>
              ) : (
                <input
                  aria-describedby={`${detector}-${name}`}
                  type="number"
                  min={parameter.least ?? undefined}
                  max={parameter.most ?? undefined}
                  step={kind === 'whole' ? 1 : 'any'}
                  value={value}
                  placeholder={parameter.default === null ? 'by itself' : String(parameter.default)}
                  title={range(parameter)}
                  onChange={(event) => {
                    const next = event.target.valueAsNumber;
                    change(name, Number.isNaN(next) ? null : next);
                  }}
                />
              )}
            </label>
            <p id={`${detector}-${name}`} className="bz-quiet">
              {parameter.meaning}
            </p>
          </div>
        );
      })}
    </details>
  );
}
