import { useEffect, useState } from 'react';

const REST_MS = 150;

/** The value once it has stood still; null until then. What costs a search is not started for every value that passes by. */
export function useRested<T>(value: T): T | null {
  const [rested, setRested] = useState<{ readonly value: T } | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => {
      setRested({ value });
    }, REST_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [value]);
  return rested !== null && rested.value === value ? value : null;
}
