import { Button, ButtonGroup } from '@blueprintjs/core';
import type { JSX } from 'react';

interface Option<T extends string> {
  readonly value: T;
  readonly text: string;
  readonly icon?: JSX.Element;
  /** With the key, when there is one. */
  readonly title?: string;
  readonly disabled?: boolean;
}

/** One of a few, side by side. An option with an icon says its text to screen readers and in the tooltip alone. */
export function Choice<T extends string>(props: {
  readonly name: string;
  readonly options: readonly Option<T>[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}) {
  return (
    <ButtonGroup role="group" aria-label={props.name}>
      {props.options.map(({ value, text, icon, title, disabled }) => (
        <Button
          key={value}
          size="small"
          active={value === props.value}
          aria-pressed={value === props.value}
          disabled={disabled}
          icon={icon}
          text={icon ? undefined : text}
          aria-label={icon ? text : undefined}
          title={title ?? (icon ? text : undefined)}
          onClick={() => {
            props.onChange(value);
          }}
        />
      ))}
    </ButtonGroup>
  );
}
