import { type Reading, readTraceparent, silentTelemetry, type Telemetry } from '../core/telemetry';
import { type Clock, seconds } from '../core/time';
import { type createCredential, createTelemetry, type Destinations } from '../services';
import { alterationFound, type Queryable, queueLengths } from '../store';
import type { Log } from './run';
import type { ProductionSettings } from './settings';

type Settings = Pick<ProductionSettings, 'APPLICATIONINSIGHTS_CONNECTION_STRING' | 'OTEL_EXPORTER_OTLP_ENDPOINT'>;

interface TelemetryParts {
  readonly log: Log;
  /** Names this replica. */
  readonly owner: string;
  /** Signs in to Application Insights, where nobody else may send. */
  readonly credential?: ReturnType<typeof createCredential>;
}

export interface AppTelemetry {
  readonly telemetry: Telemetry;
  /** The log of what is seen by it. */
  readonly log: Log;
  /** Sends what is left, for a few seconds at most. */
  close(): Promise<void>;
}

const closeMs = seconds(3);

/** As the settings ask for; without one of them nothing is loaded, kept or sent. */
export function telemetryOf(settings: Settings, { log, owner, credential }: TelemetryParts): AppTelemetry {
  const { APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString, OTEL_EXPORTER_OTLP_ENDPOINT: otlp } = settings;
  if (!connectionString && !otlp) return { telemetry: silentTelemetry, log, close: async () => {} };
  keepToOurselves(process.env);
  const destinations: Destinations = {
    instance: owner,
    ...(connectionString && { applicationInsights: { connectionString, ...(credential && { credential }) } }),
    ...(otlp && { otlp }),
    onTrouble: (trouble) => {
      if (trouble === 'over') log.info({}, 'telemetry gets through again');
      else log.warn(trouble, 'telemetry does not get through; goldbot works without it');
    },
  };
  const telemetry = createTelemetry(destinations);
  return { telemetry, log: tracedLog(log, telemetry), close: () => telemetry.close(closeMs) };
}

/** The same log; a line that is written within a span says in which trace, so that either leads to the other. */
export function tracedLog(log: Log, telemetry: Pick<Telemetry, 'here'>): Log {
  const traced =
    (level: keyof Log): Log[keyof Log] =>
    (fields, text) => {
      const trace = readTraceparent(telemetry.here())?.traceId;
      log[level](trace === undefined ? fields : { ...fields, trace }, text);
    };
  return {
    debug: traced('debug'),
    info: traced('info'),
    warn: traced('warn'),
    error: traced('error'),
    fatal: traced('fatal'),
  };
}

/** The exporter would report about itself to Microsoft, and does not when these are set. */
function keepToOurselves(environment: NodeJS.ProcessEnv): void {
  environment['APPLICATION_INSIGHTS_NO_STATSBEAT'] = 'true';
  environment['APPLICATIONINSIGHTS_SDKSTATS_DISABLED'] = 'true';
}

/** What waits in the database, as gauges. */
export async function readQueues(database: Queryable, clock: Clock): Promise<readonly Reading[]> {
  const [{ queues, troubledRuns }, audit] = await Promise.all([
    queueLengths(database, clock.now()),
    alterationFound(database),
  ]);
  return [
    ...queues.flatMap(({ queue, due, ageMs }): Reading[] => [
      { name: 'goldbot.queue.length', value: due, by: { 'goldbot.queue': queue } },
      { name: 'goldbot.queue.age', value: ageMs / 1_000, by: { 'goldbot.queue': queue } },
    ]),
    { name: 'goldbot.runs.troubled', value: troubledRuns, by: {} },
    { name: 'goldbot.audit.altered', value: audit ? 1 : 0, by: {} },
  ];
}
