import type { ModelFile } from '../../../electron/contract/models.ts';
import { Hash } from '../../components/Hash.tsx';
import { formatBytes, formatCount, formatTime, plural } from '../../components/number-format.ts';
import { Problem } from '../../components/Problem.tsx';
import { useCall } from '../../state/queries.ts';

/** Weights and operators that are listed; the rest is counted. */
const MOST_LISTED = 200;

const shapeOf = (shape: readonly (number | string)[] | null): string =>
  shape === null ? 'shape not said' : shape.length === 0 ? 'one value' : shape.join(' × ');

function Model(props: { readonly file: ModelFile }) {
  const { name, size, sha256, format, model, importedAtMs, importedBy } = props.file;
  const values = [
    ...model.inputs.map((value) => ({ ...value, kind: 'input' })),
    ...model.outputs.map((value) => ({ ...value, kind: 'output' })),
  ];
  return (
    <li>
      <div>
        {name}{' '}
        <span className="bz-quiet bz-number">
          {format}, {formatBytes(size)}, {model.producer} {model.producerVersion}, imported by {importedBy},{' '}
          {formatTime(importedAtMs)}
        </span>{' '}
        <Hash value={sha256} what="SHA-256" />
      </div>
      {model.remarks.map((remark) => (
        <Problem key={remark}>{remark}</Problem>
      ))}
      <table className="bz-table bz-table-narrow">
        <tbody>
          {values.map((value) => (
            <tr key={`${value.kind} ${value.name}`}>
              <td className="bz-quiet">{value.kind}</td>
              <td className="bz-mono">{value.name}</td>
              <td className="bz-number">
                {value.dtype}, {shapeOf(value.shape)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <details>
        <summary>
          {plural(model.nodes, 'node')}, {plural(model.weightCount, 'weight')} of{' '}
          {formatCount(model.parameters)} numbers
        </summary>
        <p className="bz-mono">
          {model.operators
            .slice(0, MOST_LISTED)
            .map((operator) => `${operator.name} ${formatCount(operator.count)}`)
            .join('  ·  ')}
        </p>
        <p className="bz-quiet">
          IR version {model.irVersion ?? 'not said'};{' '}
          {model.opsets.map(({ domain, version }) => `${domain} ${version}`).join(', ')}
        </p>
        <table className="bz-table bz-table-narrow">
          <tbody>
            {model.weights.slice(0, MOST_LISTED).map((weight) => (
              <tr key={weight.name}>
                <td className="bz-mono">{weight.name}</td>
                <td className="bz-number">
                  {weight.dtype}, {shapeOf(weight.shape)}
                </td>
                <td>{weight.external === null ? '' : `in ${weight.external}, not opened`}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {model.weightCount > MOST_LISTED ? (
          <p className="bz-quiet">{formatCount(model.weightCount - MOST_LISTED)} more are not listed.</p>
        ) : null}
      </details>
    </li>
  );
}

/** The models of the case: what each says of itself. */
export function Models() {
  const { data } = useCall('model/list', {});
  if (data === undefined || data.length === 0) return null;
  return (
    <section className="bz-section" aria-label="Models">
      <h2>Models</h2>
      <ul className="bz-models">
        {data.map((file) => (
          <Model key={file.id} file={file} />
        ))}
      </ul>
    </section>
  );
}
