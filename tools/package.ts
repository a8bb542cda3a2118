import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { clouds } from '../core/cloud';
import { BadPackage, bundle, judgeBundle } from './package/bundle';
import type { Expected } from './package/judge';
import { type AppFacts, type ManifestVersion, manifestVersions } from './package/manifest';

/**
 * `npm run package -- --tenant … --bot … --domain …`: goldbot's Teams app as a zip to upload; with `--check <zip>` one
 * that is there already is judged. Nothing is written when anything is wrong, and all of it is said.
 */
const options = {
  tenant: { type: 'string' },
  bot: { type: 'string' },
  domain: { type: 'string' },
  endpoint: { type: 'string' },
  id: { type: 'string' },
  name: { type: 'string', default: 'goldbot' },
  developer: { type: 'string', default: 'Platform team' },
  website: { type: 'string' },
  privacy: { type: 'string' },
  terms: { type: 'string' },
  version: { type: 'string' },
  manifest: { type: 'string', default: '1.25' },
  portal: { type: 'string', default: 'portal.azure.com' },
  out: { type: 'string', default: 'goldbot-teams-app.zip' },
  check: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

const usage =
  'npm run package -- --tenant <tenant id> --bot <client id of the bot’s identity> --domain goldbot.contoso.com --website https://wiki.contoso.com/goldbot';

const about: Readonly<Record<Exclude<keyof typeof options, 'help'>, string>> = {
  tenant: 'id of the tenant',
  bot: 'client id of the bot’s identity (MicrosoftAppId, GOLDBOT_APP_ID of `azd env get-values`)',
  domain: 'host of the endpoint, without a scheme (GOLDBOT_HOST_NAME)',
  endpoint: 'messaging endpoint of the Azure Bot, to be compared; https://<domain>/api/messages',
  id: 'id of the app in Teams, the same for ever; that of the bot',
  name: 'what people mention, 30 letters at most; goldbot',
  developer: 'who runs it; Platform team',
  website: 'where people read about it',
  privacy: 'the page on privacy; the website',
  terms: 'the terms of use; the website',
  version: 'x.y.z, higher than the last one; that of goldbot',
  manifest: `version of Microsoft’s schema: ${manifestVersions.join(' or ')}; 1.25`,
  portal: 'host of the Azure portal whose links show what they lead to, or none; portal.azure.com',
  out: 'where to write; goldbot-teams-app.zip',
  check: 'judges this package instead of making one',
};

function help(): string {
  const lines = Object.entries(about).map(([name, what]) => `  --${name.padEnd(10)} ${what}`);
  return [`Usage: ${usage}`, '', ...lines, '', 'More: docs/teams-app.md'].join('\n');
}

type Given = ReturnType<typeof given>;
type Say = (text: string) => void;

function given(args: readonly string[]) {
  const { values } = parseArgs({ options, args: [...args] });
  const missing = (['tenant', 'bot', 'domain'] as const).filter((name) => !values[name]);
  if (missing.length > 0) throw new BadPackage(missing.map((name) => `--${name} is missing.`));
  const { tenant = '', bot = '', domain = '' } = values;
  return { ...values, tenant: tenant.toLowerCase(), bot: bot.toLowerCase(), domain: domain.toLowerCase() };
}

function expectedOf({ tenant, bot, domain, endpoint }: Given): Expected {
  return { tenant, bot, endpoint: endpoint ?? `https://${domain}/api/messages` };
}

function factsOf(values: Given): AppFacts {
  const { bot, domain, name, developer, manifest, id } = values;
  if (!isKnown(manifest)) {
    throw new BadPackage([`--manifest ${manifest} cannot be made: ${manifestVersions.join(' or ')}.`]);
  }
  const { version } = JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  const website = values.website ?? `https://${domain}`;
  const links = { websiteUrl: website, privacyUrl: values.privacy ?? website, termsOfUseUrl: values.terms ?? website };
  return {
    id: (id ?? bot).toLowerCase(),
    bot,
    domain,
    version: values.version ?? version,
    name,
    developer: { name: developer, ...links },
    manifest,
    ...(values.portal !== 'none' && { portal: portalOf(values.portal) }),
  };
}

/** Of a cloud of Azure: goldbot knows nothing of what others link to. */
function portalOf(host: string): string {
  const hosts = [...new Set(Object.values(clouds).map(({ portal }) => new URL(portal).hostname))];
  if (hosts.includes(host)) return host;
  throw new BadPackage([`--portal ${host} is no portal of Azure: ${hosts.join(', ')}, or none.`]);
}

function isKnown(version: string): version is ManifestVersion {
  return (manifestVersions as readonly string[]).includes(version);
}

async function make(values: Given, say: Say): Promise<void> {
  const zip = await bundle(factsOf(values), expectedOf(values));
  mkdirSync(dirname(values.out), { recursive: true });
  writeFileSync(values.out, zip);
  const hash = createHash('sha256').update(zip).digest('hex');
  say(`${values.out}: ${zip.length} bytes, SHA-256 ${hash}`);
  if (!values.website) {
    say(
      `The links in the app’s “About” lead to https://${values.domain}, where goldbot shows no page: give --website.`,
    );
  }
  say('Upload it in the Teams admin center (Teams apps, Manage apps, Upload new app), as docs/teams-app.md shows.');
}

function check(file: string, values: Given, say: Say): void {
  if (!existsSync(file)) throw new BadPackage([`${file} is not there.`]);
  judgeBundle(readFileSync(file), values.domain, expectedOf(values));
  say(`${file} can be uploaded.`);
}

/**
 * Says what it did, or everything that is wrong, through `say`; true when all went well.
 */
export async function packageCommand(args: readonly string[], say: Say): Promise<boolean> {
  try {
    if (args.includes('--help')) {
      say(help());
      return true;
    }
    const values = given(args);
    if (values.check === undefined) await make(values, say);
    else check(values.check, values, say);
    return true;
  } catch (error) {
    const unreadable = String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');
    if (!unreadable && !(error instanceof BadPackage)) throw error;
    const problems = error instanceof BadPackage ? error.problems : [(error as Error).message];
    say(['No package was made:', ...problems.map((problem) => `  ${problem}`), `Usage: ${usage}`].join('\n'));
    return false;
  }
}

if (require.main === module) {
  void packageCommand(process.argv.slice(2), console.log).then((done) => {
    if (!done) process.exitCode = 1;
  });
}
