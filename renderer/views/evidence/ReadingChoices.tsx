import type { TextReading } from '../../../electron/contract/evidence.ts';

interface Option {
  readonly name: keyof TextReading;
  readonly label: string;
  readonly values: readonly { readonly value: string; readonly label: string }[];
}

const options: readonly Option[] = [
  {
    name: 'encoding',
    label: 'Encoding',
    values: [
      { value: 'utf-8', label: 'UTF-8' },
      { value: 'utf-16le', label: 'UTF-16, little-endian' },
      { value: 'utf-16be', label: 'UTF-16, big-endian' },
      { value: 'windows-1252', label: 'Windows-1252 (Latin-1)' },
    ],
  },
  {
    name: 'delimiter',
    label: 'Cells apart by',
    values: [
      { value: ',', label: 'commas' },
      { value: ';', label: 'semicolons' },
      { value: '\t', label: 'tabs' },
      { value: '|', label: 'vertical bars' },
    ],
  },
  {
    name: 'quote',
    label: 'Wrapped in',
    values: [
      { value: '"', label: 'quotation marks' },
      { value: "'", label: 'apostrophes' },
      { value: 'none', label: 'nothing' },
    ],
  },
  {
    name: 'escape',
    label: 'A mark in a cell',
    values: [
      { value: 'doubled', label: 'stands twice' },
      { value: 'backslash', label: 'follows a backslash' },
    ],
  },
  {
    name: 'decimal',
    label: 'Decimals after',
    values: [
      { value: '.', label: 'a point' },
      { value: ',', label: 'a comma' },
    ],
  },
  {
    name: 'header',
    label: 'First line',
    values: [
      { value: 'true', label: 'column names' },
      { value: 'false', label: 'a record' },
    ],
  },
];

/** How the text of a file is written: looked into again when one of it is changed. */
export function ReadingChoices(props: {
  /** Of the file. */
  readonly name: string;
  readonly reading: TextReading | null;
  readonly onReading: (part: TextReading) => void;
}) {
  const { reading, name } = props;
  const shown = options.filter((option) => reading?.[option.name] !== undefined);
  if (reading === null || shown.length === 0) return null;
  return (
    <details className="bz-reading">
      <summary>How its text is written</summary>
      <div>
        {shown.map((option) => (
          <label key={option.name}>
            {option.label}{' '}
            <select
              aria-label={`${option.label}, of ${name}`}
              value={String(reading[option.name])}
              onChange={({ target: { value } }) => {
                props.onReading({ [option.name]: option.name === 'header' ? value === 'true' : value });
              }}
            >
              {option.values.map(({ value, label }) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </select>
          </label>
        ))}
      </div>
    </details>
  );
}
