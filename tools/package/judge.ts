import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Ajv, { type ErrorObject } from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import { commands } from '../../dialogs';
import { type IconName, iconSizes, sizeOfPng } from './icons';

/** What is in a package, by name. */
export type Files = Readonly<Record<string, Uint8Array>>;

/** What the package is held against. */
export interface Expected {
  readonly tenant: string;
  readonly bot: string;
  /** Where Azure Bot sends what people say: `https://goldbot.contoso.com/api/messages`. */
  readonly endpoint: string;
}

const guid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const empty = '00000000-0000-0000-0000-000000000000';

/** The facts that no schema can compare, each problem as a sentence that names the option. */
export function factProblems({ tenant, bot, endpoint }: Expected, domain: string): readonly string[] {
  const wrongDomain = domainProblems(domain);
  return [
    ...idProblems('--tenant', tenant, 'the tenant, as the Azure portal shows it'),
    ...idProblems('--bot', bot, 'the client id of the bot’s identity (MicrosoftAppId)'),
    ...(bot.toLowerCase() === tenant.toLowerCase() && guid.test(bot)
      ? [`--bot ${bot} is the tenant’s id; it must be the client id of the bot’s identity (MicrosoftAppId).`]
      : []),
    ...(wrongDomain.length > 0 ? wrongDomain : endpointProblems(endpoint, domain)),
  ];
}

/** Every problem of a package, as Teams would find it or worse, would not. None: it can be uploaded. */
export function packageProblems(files: Files, expected: Expected): readonly string[] {
  const manifest = read(files);
  if (typeof manifest === 'string') return [manifest];
  const schema = schemaProblems(manifest);
  // What the schema refuses cannot be looked at further.
  if (schema.length > 0) return [...schema, ...iconProblems(files)];
  return [...iconProblems(files), ...strangers(files, manifest), ...contentProblems(manifest, expected)];
}

interface Manifest {
  readonly manifestVersion: string;
  readonly version: string;
  readonly developer: Readonly<Record<string, string>>;
  readonly icons: Readonly<Record<string, string>>;
  readonly validDomains?: readonly string[];
  readonly bots?: readonly {
    readonly botId: string;
    readonly scopes: readonly string[];
    readonly commandLists?: readonly {
      readonly scopes: readonly string[];
      readonly commands: readonly { readonly title: string; readonly type?: string }[];
    }[];
  }[];
}

function read(files: Files): Manifest | string {
  const text = files['manifest.json'];
  if (!text) return 'manifest.json is not in the package; it must stand at its top, in no folder.';
  try {
    return JSON.parse(Buffer.from(text).toString('utf8')) as Manifest;
  } catch (error) {
    return `manifest.json is not JSON: ${(error as Error).message}`;
  }
}

const schemas = join(dirname(require.resolve('@microsoft/app-manifest')), 'json-schemas', 'teams');
/** Compiling one takes a moment. */
const compiled = new Map<string, ReturnType<Ajv['compile']>>();

/** By Microsoft's schema of that version, by default the one that the manifest names. */
export function schemaProblems(manifest: object, version?: string): readonly string[] {
  const named = version ?? (manifest as Partial<Manifest>).manifestVersion ?? '';
  if (!/^1\.\d{1,2}$/.test(named))
    return [`manifestVersion “${named}” is no version of Teams’ manifest, such as 1.25.`];
  const validate = compiled.get(named) ?? compile(named);
  if (!validate) return [`manifestVersion “${named}” is not known to @microsoft/app-manifest.`];
  validate(manifest);
  return [...new Set((validate.errors ?? []).map((error) => `${inWords(error)} (manifest ${named}).`))];
}

function compile(version: string) {
  const file = join(schemas, `v${version}`, 'MicrosoftTeams.schema.json');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const ajv = new Ajv({ allErrors: true, strict: false });
  addFormats(ajv as never);
  const validate = ajv.compile(JSON.parse(text) as object);
  compiled.set(version, validate);
  return validate;
}

interface Params {
  readonly limit?: number;
  readonly allowedValues?: readonly unknown[];
  readonly additionalProperty?: string;
  readonly missingProperty?: string;
}

function inWords({ instancePath, keyword, params, data, message }: ErrorObject & { data?: unknown }): string {
  const where = instancePath.slice(1) || 'the manifest';
  const { limit, allowedValues = [], additionalProperty, missingProperty } = params as Params;
  switch (keyword) {
    case 'maxItems':
      return `${where} has more than ${limit} ${limit === 1 ? 'entry' : 'entries'}`;
    case 'maxLength':
      return `${where} is longer than ${limit} characters`;
    case 'enum':
      return `${where} is none of ${allowedValues.join(', ')}`;
    case 'additionalProperties':
      return `${where} has the property “${additionalProperty}”, which the schema does not know`;
    case 'required':
      return `${where} lacks “${missingProperty}”`;
    default:
      return `${where} ${message}${typeof data === 'string' ? `: “${data}”` : ''}`;
  }
}

function iconProblems(files: Files): readonly string[] {
  return (Object.keys(iconSizes) as IconName[]).flatMap((name) => {
    const bytes = files[name];
    const wanted = iconSizes[name];
    if (!bytes) return [`${name} is not in the package.`];
    const size = sizeOfPng(bytes);
    if (!size) return [`${name} is no PNG.`];
    const { width, height } = size;
    if (width === wanted && height === wanted) return [];
    return [`${name} has ${width} × ${height} pixels; Teams wants ${wanted} × ${wanted}.`];
  });
}

function strangers(files: Files, { icons }: Manifest): readonly string[] {
  const known = new Set(['manifest.json', ...Object.values(icons)]);
  return [
    ...Object.keys(files).flatMap((name) => (known.has(name) ? [] : [`${name} is nothing that the manifest names.`])),
    ...[...known].flatMap((name) => (files[name] ? [] : [`${name} is named by the manifest and not in the package.`])),
  ];
}

function contentProblems(manifest: Manifest, expected: Expected): readonly string[] {
  const { version, developer, bots = [], validDomains = [] } = manifest;
  const problems = validDomains.flatMap(domainProblems);
  // The schema lets http pass; Teams refuses it at the upload.
  for (const [name, link] of Object.entries(developer)) {
    if (name.endsWith('Url') && !/^https:\/\/[^/]/i.test(link))
      problems.push(`developer/${name} “${link}” is not https.`);
  }
  const host = hostOf(expected.endpoint);
  if (host !== undefined && !validDomains.includes(host)) {
    problems.push(`validDomains does not name ${host}, the host of the endpoint ${expected.endpoint}.`);
  }
  if (!/^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}$/.test(version)) {
    problems.push(`version “${version}” is not of the form 1.2.3; Teams updates an app by it.`);
  }
  if (bots.length === 0) problems.push('The package has no bot.');
  return [...problems, ...bots.flatMap((bot) => botProblems(bot, expected))];
}

function botProblems(bot: NonNullable<Manifest['bots']>[number], { bot: id }: Expected): readonly string[] {
  const lists = bot.commandLists ?? [];
  const listed = lists.flatMap(({ scopes }) => scopes);
  // Prompts are in people's own words.
  const titles = lists.flatMap(({ commands: all }) =>
    all.flatMap(({ title, type }) => (type === 'prompt' ? [] : title)),
  );
  return [
    ...(bot.botId.toLowerCase() === id.toLowerCase()
      ? []
      : [`botId is ${bot.botId}, and goldbot’s is ${id}: nobody would answer.`]),
    ...listed.flatMap((scope, i) => [
      ...(bot.scopes.includes(scope) ? [] : [`There are commands for “${scope}”, which is no scope of the bot.`]),
      ...(listed.indexOf(scope) === i ? [] : [`There are two lists of commands for “${scope}”; Teams shows one.`]),
    ]),
    ...titles.flatMap((title) =>
      commands.some(({ verb }) => title === verb || title.startsWith(`${verb} `))
        ? []
        : [`“${title}” is no command of this version.`],
    ),
  ];
}

function idProblems(option: string, id: string, what: string): readonly string[] {
  if (!guid.test(id)) return [`${option} “${id}” is no GUID; it must be the id of ${what}.`];
  return id === empty ? [`${option} ${id} is the empty GUID; it must be the id of ${what}.`] : [];
}

function domainProblems(domain: string): string[] {
  if (/^[a-z][a-z0-9+.-]*:/i.test(domain))
    return [`The domain “${domain}” has a scheme or a port; give the host alone.`];
  if (/[/?#]/.test(domain)) return [`The domain “${domain}” has a path; give the host alone.`];
  if (domain.includes('*')) return [`The domain “${domain}” has a wildcard; name the one host that answers.`];
  if (domain.length > 253 || !/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/i.test(domain)) {
    return [`The domain “${domain}” is no host name that Teams can reach, such as goldbot.contoso.com.`];
  }
  return [];
}

function endpointProblems(endpoint: string, domain: string): readonly string[] {
  const host = hostOf(endpoint);
  if (host === undefined)
    return [`The endpoint “${endpoint}” is no address; it looks like https://<domain>/api/messages.`];
  const { protocol, pathname } = new URL(endpoint);
  return [
    ...(protocol === 'https:' ? [] : [`The endpoint ${endpoint} is not https; Azure Bot takes no other.`]),
    ...(pathname === '/api/messages'
      ? []
      : [`The endpoint ${endpoint} does not end with /api/messages, where goldbot listens.`]),
    ...(host === domain.toLowerCase() ? [] : [`The domain “${domain}” is not that of the endpoint ${endpoint}.`]),
  ];
}

function hostOf(endpoint: string): string | undefined {
  try {
    return new URL(endpoint).hostname;
  } catch {
    return undefined;
  }
}
