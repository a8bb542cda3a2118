import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type CloudName, clouds } from '../core/cloud';
import { UserError } from '../core/errors';
import { days } from '../core/time';
import { problemOfUrl } from '../store';
import { wrongRanges } from './proxy';

type Environment = Readonly<Record<string, string | undefined>>;

const guid = z.guid('must be a GUID, as the Azure portal shows it');
const port = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a port number')
  .transform(Number)
  .refine((n) => n <= 65_535, 'must be a port number');
const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const level = z.enum(levels, `must be one of ${levels.join(', ')}`).default('info');
const database = z.string().regex(/^postgres(ql)?:\/\//, {
  message: 'must be a PostgreSQL URL: postgresql://user@host:5432/goldbot?sslmode=verify-full',
  abort: true,
});
const safeDatabase = database.superRefine((url, { addIssue }) => {
  const problem = problemOfUrl(url);
  if (problem) addIssue({ code: 'custom', message: problem });
});
const moment = z.iso
  .datetime({ offset: true, message: 'must be a time such as 2026-11-29T10:00:00Z' })
  .transform((text) => new Date(text));
const leastKeepDays = 90;
/** In milliseconds; undefined: for ever. */
const keeping = z
  .string()
  .regex(/^(always|\d{1,5})$/, 'must be a number of days, or always')
  .refine((text) => text === 'always' || Number(text) >= leastKeepDays, `must be at least ${leastKeepDays} days`)
  .default('400')
  .transform((text) => (text === 'always' ? undefined : days(Number(text))));
const identity = z.guid('must be the client id of a user-assigned managed identity').optional();
const insights = z
  .string()
  .regex(/^(.*;)?InstrumentationKey=[0-9a-f-]{36}(;.*)?$/i, 'must be a connection string of Application Insights')
  .optional();
const collector = z.url({ protocol: /^https?$/, error: 'must be a http or https address' }).optional();

/** The settings of `npm run serve`: each variable, its form, and whether it is optional. */
const production = z.object({
  MicrosoftAppId: guid,
  MicrosoftAppType: z
    .enum(['UserAssignedMSI', 'SingleTenant'], 'must be UserAssignedMSI or SingleTenant')
    .default('UserAssignedMSI'),
  MicrosoftAppTenantId: guid,
  MicrosoftAppPassword: z.string().min(1).optional(),
  GOLDBOT_TENANTS: z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((t) => t.trim().toLowerCase())
        .filter(Boolean),
    )
    .pipe(z.array(guid).min(1, 'must name at least one tenant id')),
  DATABASE_URL: safeDatabase,
  GOLDBOT_CATALOG: z.string().min(1),
  AZURE_CLIENT_ID: identity,
  GOLDBOT_SIGNING_KEY_FILE: z.string().min(1).optional(),
  GOLDBOT_CLOUD: z
    .enum(Object.keys(clouds) as [CloudName, ...CloudName[]], `must be one of ${Object.keys(clouds).join(', ')}`)
    .default('Public'),
  HTTPS_PROXY: z
    .string()
    .refine(
      (text) => URL.canParse(text) && /^http:\/\/[^/]+\/?$/.test(text) && isDecodable(text),
      'must be http://[user:password@]host:port',
    )
    .optional(),
  NO_PROXY: z
    .string()
    .superRefine((list, { addIssue }) => {
      for (const range of wrongRanges(list)) {
        const message = `has “${range}”, which is not a range of addresses such as 10.0.0.0/8 or fd00::/8`;
        addIssue({ code: 'custom', message });
      }
    })
    .optional(),
  NODE_EXTRA_CA_CERTS: z
    .string()
    .superRefine((file, { addIssue }) => {
      const problem = problemOfCertificates(file);
      if (problem) addIssue({ code: 'custom', message: problem });
    })
    .optional(),
  GOLDBOT_RESTORED: moment.optional(),
  GOLDBOT_KEEP_DAYS: keeping,
  PORT: port.default(3978),
  LOG_LEVEL: level,
  APPLICATIONINSIGHTS_CONNECTION_STRING: insights,
  OTEL_EXPORTER_OTLP_ENDPOINT: collector,
});

function isDecodable(text: string): boolean {
  try {
    return decodeURIComponent(text) !== '';
  } catch {
    return false;
  }
}

/** Node itself ignores a file that it cannot read, and every connection fails later. */
function problemOfCertificates(file: string): string | undefined {
  try {
    const found = readFileSync(file, 'utf8').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    for (const pem of found) new X509Certificate(pem);
    return found.length === 0 ? `holds no certificate in PEM: ${file}` : undefined;
  } catch (error) {
    return `cannot be used: ${(error as Error).message}`;
  }
}

/** The settings of the local world; all have defaults. */
const local = z.object({
  PORT: port.optional(),
  DATABASE_URL: database.optional(),
  GOLDBOT_DATA: z.string().min(1).default('.goldbot'),
  GOLDBOT_CATALOG: z.string().min(1).default('catalog'),
  GOLDBOT_RESTORED: moment.optional(),
  GOLDBOT_KEEP_DAYS: keeping,
  SANDBOX_AZURE_URL: z.url().optional(),
  SANDBOX_TEAMS_URL: z.url().optional(),
  LOG_LEVEL: level,
  APPLICATIONINSIGHTS_CONNECTION_STRING: insights,
  OTEL_EXPORTER_OTLP_ENDPOINT: collector,
});

export type ProductionSettings = z.output<typeof production>;
export type LocalSettings = z.output<typeof local>;

/** What each variable is for, for `.env.sample` and for the message about missing ones. */
export const settingsHelp: Readonly<Record<keyof ProductionSettings, string>> = {
  MicrosoftAppId: 'app id of the bot: the client id of its managed identity or app registration',
  MicrosoftAppType: 'UserAssignedMSI (no secret) or SingleTenant (with MicrosoftAppPassword)',
  MicrosoftAppTenantId: 'tenant in which the bot is registered',
  MicrosoftAppPassword: 'client secret, for SingleTenant only',
  GOLDBOT_TENANTS: 'ids of the tenants that goldbot serves, separated by commas; anybody else gets a 403',
  DATABASE_URL:
    'PostgreSQL database, which all replicas share; with sslmode=verify-full (sslrootcert=<file> for an authority of your own), and without a password: goldbot then signs in with a token of its identity, whose name is the user',
  GOLDBOT_CATALOG: 'folder of the catalogue: azure.yaml, roles.yaml, teams.yaml, images/*.yaml',
  AZURE_CLIENT_ID: 'managed identity for Azure and Microsoft Graph, if there is more than one',
  GOLDBOT_SIGNING_KEY_FILE:
    'file with a private key of P-256 in PEM that signs certificates, where azure.yaml names no key vault; the same for all replicas',
  GOLDBOT_CLOUD: 'the cloud of Azure, Entra and Teams: Public (GCC too), USGov (GCC High), USGovDoD or China',
  HTTPS_PROXY: 'proxy for everything that goldbot sends to Azure, Entra, Microsoft Graph, Key Vault and Teams',
  NO_PROXY:
    'hosts that are reached without the proxy, separated by commas: db.contoso.com, .contoso.com; hosts that are addresses also by their range, 10.0.0.0/8',
  NODE_EXTRA_CA_CERTS:
    'file with certificates in PEM of the authority that the proxy, or whatever opens TLS, signs with',
  GOLDBOT_RESTORED:
    'after restoring the database from a copy: when that copy was made (2026-11-29T10:00:00Z); acted upon once, docs/runbook.md says how',
  GOLDBOT_KEEP_DAYS:
    'days for which messages, requests and decisions of a run are kept once it is over: 90 at least, or always; the audit, runs and who approved a version are never deleted',
  PORT: 'port of /api/messages, /livez and /readyz',
  LOG_LEVEL: 'trace, debug, info, warn, error, fatal or silent',
  APPLICATIONINSIGHTS_CONNECTION_STRING:
    'connection string of Application Insights, to which traces and metrics go; its identity (AZURE_CLIENT_ID) needs the role Monitoring Metrics Publisher there; nothing is measured when neither this nor the next is set',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'address of an OpenTelemetry collector (OTLP over HTTP), to which traces and metrics go',
};

/** @throws UserError `SETTINGS_INVALID`, naming every problem at once. */
export function productionSettings(environment: Environment): ProductionSettings {
  const settings = parse(production, withProxy(environment), 'npm run serve');
  const wrong = withoutSecret(settings);
  if (wrong.length > 0) throw invalid(wrong, 'npm run serve');
  return settings;
}

function withoutSecret({ MicrosoftAppType, MicrosoftAppPassword }: Partial<ProductionSettings>): readonly string[] {
  const isMissing = MicrosoftAppType === 'SingleTenant' && !MicrosoftAppPassword;
  return isMissing ? ['MicrosoftAppPassword is missing: SingleTenant needs the client secret'] : [];
}

/** The settings of `npm run serve` as far as they are right, and what is wrong with the others, a sentence each. */
export interface SettingsSoFar {
  readonly settings: Partial<ProductionSettings>;
  /** Of those that are given. */
  readonly malformed: readonly string[];
  /** Of those that goldbot needs and that are not given, by their names. */
  readonly missing: ReadonlyMap<string, string>;
}

export function productionSoFar(environment: Environment): SettingsSoFar {
  const given = givenIn(withProxy(environment));
  const read = Object.entries(production.shape).map(([name, field]) => [name, field.safeParse(given[name])] as const);
  const settings = Object.fromEntries(read.flatMap(([name, { data }]) => (data === undefined ? [] : [[name, data]])));
  const wrong = read.flatMap(([name, { error }]) =>
    (error?.issues ?? []).map((issue) => [name, sentence({ ...issue, path: [name] }, given)] as const),
  );
  const secret = withoutSecret(settings).map((why) => ['MicrosoftAppPassword', why] as const);
  return {
    settings,
    malformed: wrong.filter(([name]) => given[name] !== undefined).map(([, why]) => why),
    missing: new Map([...wrong.filter(([name]) => given[name] === undefined), ...secret]),
  };
}

/** Other programs read other spellings of the same. */
function withProxy(environment: Environment): Environment {
  const { HTTPS_PROXY, https_proxy, ALL_PROXY, all_proxy, NO_PROXY, no_proxy } = environment;
  const proxy = HTTPS_PROXY || https_proxy || ALL_PROXY || all_proxy;
  return { ...environment, HTTPS_PROXY: proxy, NO_PROXY: NO_PROXY || no_proxy };
}

/** @throws UserError `SETTINGS_INVALID` */
export function localSettings(environment: Environment): LocalSettings {
  return parse(local, environment, 'npm start');
}

function parse<S extends z.ZodType>(schema: S, environment: Environment, command: string): z.output<S> {
  const given = givenIn(environment);
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw invalid(
    parsed.error.issues.map((issue) => sentence(issue, given)),
    command,
  );
}

function givenIn(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
}

function sentence(issue: z.core.$ZodIssue, given: Environment): string {
  const name = String(issue.path[0]);
  const help = settingsHelp[name as keyof ProductionSettings] ?? '';
  return given[name] === undefined ? `${name} is missing: ${help}` : `${name} ${issue.message} (${help})`;
}

function invalid(problems: readonly string[], command: string): UserError {
  const message = `goldbot does not start:\n${problems.map((p) => `  ${p}`).join('\n')}`;
  return new UserError('SETTINGS_INVALID', message, {
    hint: `Set them as .env.sample shows, then run \`${command}\` again.`,
  });
}
