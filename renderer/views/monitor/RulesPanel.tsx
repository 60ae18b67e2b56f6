import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import type { MonitorRules, Severity } from '../../../electron/contract/alerts.ts';
import { currentHost } from '../../state/host-context.ts';
import { useCall } from '../../state/queries.ts';
import { sayFailure } from '../../state/toasts.ts';
import { severitySigns } from './alert-words.ts';

const severities: readonly Severity[] = ['info', 'warning', 'error', 'critical'];

/** 'leastDistance' is 'least distance'. */
const inWords = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

function SeveritySelect(props: {
  readonly label: string;
  /** Null: as the alarm grades it. */
  readonly value: Severity | null;
  readonly onValue: (severity: Severity | null) => void;
}) {
  return (
    <label className="bz-field bz-field-inline">
      <span>{props.label}</span>
      <select
        value={props.value ?? ''}
        onChange={(event) => {
          props.onValue(event.target.value === '' ? null : (event.target.value as Severity));
        }}
      >
        <option value="">as the alarm grades it</option>
        {severities.map((severity) => (
          <option key={severity} value={severity}>
            {severitySigns[severity].word}
          </option>
        ))}
      </select>
    </label>
  );
}

function Editor(props: { readonly rules: MonitorRules; readonly onDone: () => void }) {
  const [rules, setRules] = useState(props.rules);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        currentHost().call('rules/set', { rules }).then(props.onDone).catch(sayFailure);
      }}
    >
      <div className="bz-monitor-form">
        <div>
          <SeveritySelect
            label="What looks like an attack"
            value={rules.severities.attackLike}
            onValue={(attackLike) => {
              setRules({ ...rules, severities: { ...rules.severities, attackLike } });
            }}
          />
          <SeveritySelect
            label="Drift"
            value={rules.severities.drift}
            onValue={(drift) => {
              setRules({ ...rules, severities: { ...rules.severities, drift } });
            }}
          />
          <label className="bz-field bz-field-inline">
            <span>Raises within so many minutes belong to one alert</span>
            <input
              type="number"
              min={0}
              max={10_080}
              value={rules.coolDownMinutes}
              onChange={(event) => {
                const minutes = event.target.valueAsNumber;
                if (minutes >= 0 && minutes <= 10_080) setRules({ ...rules, coolDownMinutes: minutes });
              }}
            />
          </label>
          {rules.escalation.map(({ severity, minutes }, at) => (
            <label key={severity} className="bz-field bz-field-inline">
              <span>{severitySigns[severity].word}: tell somebody else after minutes</span>
              <input
                type="number"
                min={1}
                placeholder="never"
                value={minutes ?? ''}
                onChange={(event) => {
                  const next = event.target.value === '' ? null : Math.max(1, event.target.valueAsNumber);
                  setRules({
                    ...rules,
                    escalation: rules.escalation.map((one, k) =>
                      k === at ? { ...one, minutes: next } : one,
                    ),
                  });
                }}
              />
            </label>
          ))}
        </div>
        <fieldset>
          <legend>Customary rules</legend>
          <p className="bz-quiet">
            They stand outside the promise about false alarms. They are always drawn; ticked, they warn.
          </p>
          {rules.presets.map((preset, at) => (
            <label key={preset.id} className="bz-check">
              <input
                type="checkbox"
                checked={preset.on}
                onChange={(event) => {
                  setRules({
                    ...rules,
                    presets: rules.presets.map((one, k) =>
                      k === at ? { ...one, on: event.target.checked } : one,
                    ),
                  });
                }}
              />
              <span>
                {preset.title}{' '}
                {preset.thresholds.map((threshold, of) => (
                  <span key={threshold.name} className="bz-threshold">
                    {inWords(threshold.name)}
                    <input
                      type="number"
                      step="any"
                      aria-label={`${preset.title}: ${inWords(threshold.name)}`}
                      value={threshold.value}
                      onChange={(event) => {
                        const value = event.target.valueAsNumber;
                        if (Number.isNaN(value)) return;
                        setRules({
                          ...rules,
                          presets: rules.presets.map((one, k) =>
                            k === at
                              ? {
                                  ...one,
                                  thresholds: one.thresholds.map((limit, n) =>
                                    n === of ? { ...limit, value } : limit,
                                  ),
                                }
                              : one,
                          ),
                        });
                      }}
                    />
                    {threshold.unit}
                  </span>
                ))}
              </span>
            </label>
          ))}
        </fieldset>
      </div>
      <div className="bz-actions">
        <Button type="submit" intent="primary" text="Keep these rules" />
        <Button text="Cancel" onClick={props.onDone} />
      </div>
    </form>
  );
}

/** Severities, cool-down, escalation and customary rules; kept in the case, from the next run on. */
export function RulesPanel(props: { readonly onDone: () => void }) {
  const { data } = useCall('rules/get', {});
  return data ? <Editor rules={data} onDone={props.onDone} /> : null;
}
