/** What a customization log says about why a build failed. */
export interface LogFailure {
  /** Name of the failing customizer, as in the recipe. */
  readonly step?: string;
  readonly error: string;
  readonly tail: readonly string[];
  readonly remedy?: string;
}

export function failureOfLog(log: string): LogFailure {
  const lines = log.split('\n').filter((l) => l.trim() !== '');
  const error = lines.find((l) => /error/i.test(l)) ?? lines.at(-1) ?? 'the log is empty';
  return { error, tail: lines.slice(-12) };
}
