/**
 * Telemetry for operators, by OpenTelemetry: to Application Insights, to any collector that speaks OTLP, or to both.
 * The packages are loaded by `createTelemetry` alone; app/ calls it when a setting asks for it.
 */
import type { Telemetry } from '../../core/telemetry';
import type { Destinations } from './sdk';

export type { Destinations } from './sdk';

export interface RunningTelemetry extends Telemetry {
  /** Sends what is left, for at most `ms` of machine time. Never throws. */
  close(ms: number): Promise<void>;
}

/** By `require`, as Azure's clients: half a second and 25 MB that only those pay who want it. */
export function createTelemetry(to: Destinations): RunningTelemetry {
  const { startSdk } = require('./sdk') as typeof import('./sdk');
  return startSdk(to);
}
