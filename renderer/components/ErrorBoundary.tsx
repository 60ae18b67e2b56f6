import { Button } from '@blueprintjs/core';
import { Component } from 'react';
import type { ReactNode } from 'react';
import { EmptyState } from './EmptyState.tsx';

interface State {
  readonly failed: boolean;
  readonly message: string;
}

/** Keeps a fault of one panel inside that panel. */
export class ErrorBoundary extends Component<{ readonly what: string; readonly children: ReactNode }, State> {
  override state: State = { failed: false, message: '' };

  static getDerivedStateFromError(error: unknown): State {
    return { failed: true, message: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <EmptyState
        title={`${this.props.what} stopped because of a mistake in Bezoar`}
        actions={
          <Button
            text="Show it again"
            onClick={() => {
              this.setState({ failed: false, message: '' });
            }}
          />
        }
      >
        <p>The case is not affected. What the program says: {this.state.message}</p>
      </EmptyState>
    );
  }
}
