import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strFromU8, strToU8, unzipSync } from 'fflate';
import { commands } from '../../dialogs';
import { parse } from '../../dialogs/conversation/grammar';
import { extension } from '../../sandbox/teams/extension';
import { packageCommand } from '../../tools/package';
import { bundle, packed } from '../../tools/package/bundle';
import { draw, drawIcons } from '../../tools/package/icons';
import { type Expected, type Files, packageProblems, schemaProblems } from '../../tools/package/judge';
import { type AppFacts, manifestOf, manifestVersions } from '../../tools/package/manifest';
import { read } from '../dialogs/plain/judge';

const tenant = '0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f1';
const bot = '6a5b4c3d-2e1f-4a0b-9c8d-7e6f5a4b3c2d';
const domain = 'goldbot.contoso.com';
const expected: Expected = { tenant, bot, endpoint: `https://${domain}/api/messages` };
const links = { websiteUrl: 'https://c.example', privacyUrl: 'https://c.example', termsOfUseUrl: 'https://c.example' };
const facts: AppFacts = {
  id: bot,
  bot,
  domain,
  version: '1.2.3',
  name: 'goldbot',
  developer: { name: 'Contoso platform', ...links },
  manifest: '1.25',
};

type Manifest = ReturnType<typeof manifestOf>;
type Change = (manifest: Manifest & Record<string, unknown>, files: Record<string, Uint8Array>) => void;

let good: Files;
beforeAll(async () => {
  good = unzipSync(await bundle(facts, expected));
});

/** A good package with one thing changed. */
function changed(change: Change): Files {
  const files = { ...good };
  const manifest = JSON.parse(strFromU8(files['manifest.json'] as Uint8Array));
  change(manifest, files);
  return { ...files, 'manifest.json': strToU8(JSON.stringify(manifest)) };
}

async function run(...args: readonly string[]) {
  const said: string[] = [];
  const done = await packageCommand(args, (text) => said.push(text));
  return { done, said: said.join('\n') };
}

const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('the Teams app package', () => {
  it('has the manifest and two icons at its top', () => {
    expect(Object.keys(good).sort()).toEqual(['color.png', 'manifest.json', 'outline.png']);
    expect(packageProblems(good, expected)).toEqual([]);
  });

  it.each(['1.22', '1.25', '1.29', '1.30'])('is one by Microsoft’s schema %s too', (version) => {
    const { $schema: _, ...manifest } = manifestOf(facts);
    expect(schemaProblems({ ...manifest, manifestVersion: version }, version)).toEqual([]);
  });

  it.each(manifestVersions)('is one by the schema that it names, %s', (manifest) => {
    expect(schemaProblems(manifestOf({ ...facts, manifest }))).toEqual([]);
  });

  it('has the same bytes in every time zone', async () => {
    const { TZ } = process.env;
    try {
      process.env['TZ'] = 'Asia/Tokyo';
      const [offset, tokyo] = [new Date(0).getTimezoneOffset(), await bundle(facts, expected)];
      process.env['TZ'] = 'America/Los_Angeles';
      expect(new Date(0).getTimezoneOffset()).not.toBe(offset);
      expect(hash(await bundle(facts, expected))).toBe(hash(tokyo));
      // No time of making in it either.
      expect(hash(packed(good))).toBe(hash(tokyo));
    } finally {
      if (TZ === undefined) delete process.env['TZ'];
      else process.env['TZ'] = TZ;
    }
  });

  it('asks for no right beyond being mentioned, and promises nothing that goldbot does not do', () => {
    const manifest: Record<string, unknown> = manifestOf(facts);
    for (const right of ['authorization', 'webApplicationInfo', 'permissions', 'staticTabs']) {
      expect(manifest).not.toHaveProperty(right);
    }
    expect(manifestOf(facts).bots).toMatchObject([{ supportsFiles: false, scopes: ['team', 'groupChat', 'personal'] }]);
  });
});

describe('what is asked beside the message box', () => {
  const portal = 'portal.azure.com';
  const [beside] = manifestOf({ ...facts, portal }).composeExtensions;

  it('is what the sandbox’s Teams plays', () => {
    expect(beside).toMatchObject({
      botId: bot,
      commands: [{ id: extension.command, type: 'query', parameters: [{ name: extension.parameter }] }],
      messageHandlers: [{ type: 'link', value: { domains: [...extension.domains] } }],
    });
  });

  it('has links to one portal of Azure, or to none', async () => {
    const made = async (...args: readonly string[]) => {
      const folder = mkdtempSync(join(tmpdir(), 'goldbot-links-'));
      const out = join(folder, 'app.zip');
      const { said } = await run('--tenant', tenant, '--bot', bot, '--domain', domain, '--out', out, ...args);
      const zip = existsSync(out) ? unzipSync(readFileSync(out)) : undefined;
      rmSync(folder, { recursive: true });
      return zip ? strFromU8(zip['manifest.json'] as Uint8Array) : said;
    };
    expect(await made()).toContain('"portal.azure.com"');
    expect(await made('--portal', 'portal.azure.us')).toContain('"portal.azure.us"');
    const none = await made('--portal', 'none');
    expect(none).not.toContain('messageHandlers');
    expect(none).not.toContain('a link to a version');
    expect(await made('--portal', 'contoso.com')).toContain('--portal contoso.com is no portal of Azure: portal.azure');
  });
});

describe('the app of manifest 1.30', () => {
  it('suggests questions in people’s own words, which goldbot understands as it says', () => {
    const lists = manifestOf({ ...facts, manifest: '1.30' }).bots.flatMap((one) => one.commandLists);
    const prompts = lists.flatMap(({ scopes, commands: all }) =>
      all.flatMap((one) => ('prompt' in one ? { ...one, personal: scopes.includes('personal') } : [])),
    );
    expect(prompts.length).toBeGreaterThanOrEqual(6);
    for (const { title, prompt, description, personal } of prompts) {
      const heard = read(String(prompt), personal ? 'personal' : 'general');
      if (heard.kind !== 'read') throw new Error(`${prompt}: ${heard.kind}`);
      expect([title, commands.find(({ verb }) => verb === heard.call.verb)?.summary]).toEqual([prompt, description]);
    }
    for (const list of lists) expect(list.commands.length).toBeLessThanOrEqual(12);
  });

  it('takes questions after a slash where others read along, and nowhere else', async () => {
    const [{ supportsTargetedMessages, commandLists } = { commandLists: [] }] = manifestOf({
      ...facts,
      manifest: '1.30',
    }).bots;
    expect(supportsTargetedMessages).toBe(true);
    expect(commandLists.map(({ scopes, triggers }) => ({ scopes, triggers }))).toEqual([
      { scopes: ['team', 'groupChat'], triggers: ['mention', 'slash'] },
      { scopes: ['personal'], triggers: undefined },
    ]);
    const newer = unzipSync(await bundle({ ...facts, manifest: '1.30' }, expected));
    expect(packageProblems(newer, expected)).toEqual([]);
  });
});

describe('the commands that Teams offers', () => {
  const lists = manifestOf(facts).bots.flatMap((one) => one.commandLists);

  it('are sentences that goldbot takes, with the summaries that help shows', () => {
    const offered = lists.flatMap((list) => list.commands);
    expect(offered.length).toBeGreaterThan(10);
    for (const { title, description } of offered) {
      const parsed = parse(title, commands);
      if (parsed.kind !== 'command') throw new Error(`${title}: ${parsed.kind}`);
      expect(title.startsWith(parsed.command.verb)).toBe(true);
      expect(description).toBe(parsed.command.summary);
    }
  });

  it('are ten in a list at most, each once, and one list for each place', () => {
    expect(lists.flatMap(({ scopes }) => scopes)).toEqual(['team', 'groupChat', 'personal']);
    for (const list of lists) {
      expect(list.commands.length).toBeLessThanOrEqual(10);
      expect(new Set(list.commands.map(({ title }) => title)).size).toBe(list.commands.length);
    }
  });
});

describe('the icons', () => {
  it('are a picture without transparent parts, and a white outline on nothing', async () => {
    await drawIcons();
    const color = draw('color.png');
    expect([color.width, color.height]).toEqual([192, 192]);
    expect(alphas(color.pixels).every((alpha) => alpha === 255)).toBe(true);
    const outline = draw('outline.png');
    expect([outline.width, outline.height]).toEqual([32, 32]);
    const drawn = alphas(outline.pixels).filter((alpha) => alpha > 0).length;
    expect(drawn).toBeGreaterThan(60);
    expect(drawn).toBeLessThan(700);
    expect(isWhite(outline.pixels)).toBe(true);
  });
});

const alphas = (rgba: Uint8Array) => Array.from({ length: rgba.length / 4 }, (_, i) => rgba[i * 4 + 3] ?? 0);

/** Colours are multiplied by their alpha. */
function isWhite(rgba: Uint8Array): boolean {
  return alphas(rgba).every((alpha, i) =>
    [0, 1, 2].every((channel) => Math.abs((rgba[i * 4 + channel] ?? 0) - alpha) <= 1),
  );
}

describe('a bad package is refused by name', () => {
  it.each<[string, Change, string]>([
    [
      '13 commands',
      (m) => {
        const list = m.bots[0]?.commandLists[0];
        const [first] = list?.commands ?? [];
        if (list && first) list.commands = Array.from({ length: 13 }, () => first);
      },
      'bots/0/commandLists/0/commands has more than 12 entries (manifest 1.25).',
    ],
    [
      'a scope that Teams does not have',
      (m) => Object.assign(m.bots[0] ?? {}, { scopes: ['team', 'groupchat'] }),
      'bots/0/scopes/1 is none of team, personal, groupChat, copilot (manifest 1.25).',
    ],
    [
      'a name of 31 letters',
      (m) => Object.assign(m.name, { short: 'x'.repeat(31) }),
      'name/short is longer than 30 characters (manifest 1.25).',
    ],
    [
      'a property too many',
      (m) => Object.assign(m, { colour: 'gold' }),
      'the manifest has the property “colour”, which the schema does not know (manifest 1.25).',
    ],
    [
      'a property of a later manifest',
      (m) => Object.assign(m.bots[0] ?? {}, { supportsTargetedMessages: true }),
      'bots/0 has the property “supportsTargetedMessages”, which the schema does not know (manifest 1.25).',
    ],
    [
      'no developer',
      (m) => Object.assign(m, { developer: undefined }),
      'the manifest lacks “developer” (manifest 1.25).',
    ],
    [
      'a privacy page without https',
      (m) => Object.assign(m.developer, { privacyUrl: 'http://c.example' }),
      'developer/privacyUrl “http://c.example” is not https.',
    ],
    [
      'a manifest of the future',
      (m) => Object.assign(m, { manifestVersion: '1.99' }),
      'manifestVersion “1.99” is not known to @microsoft/app-manifest.',
    ],
    [
      'a manifest of no version',
      (m) => Object.assign(m, { manifestVersion: '../v1.25' }),
      'manifestVersion “../v1.25” is no version of Teams’ manifest, such as 1.25.',
    ],
    [
      'a bot of somebody else',
      (m) => Object.assign(m.bots[0] ?? {}, { botId: tenant }),
      `botId is ${tenant}, and goldbot’s is ${bot}: nobody would answer.`,
    ],
    ['no bot', (m) => Object.assign(m, { bots: [] }), 'The package has no bot.'],
    ['two bots', (m) => m.bots.push(...m.bots), 'bots has more than 1 entry (manifest 1.25).'],
    [
      'a domain with a scheme',
      (m) => Object.assign(m, { validDomains: [domain, `https://${domain}`] }),
      `The domain “https://${domain}” has a scheme or a port; give the host alone.`,
    ],
    [
      'a domain of everybody',
      (m) => Object.assign(m, { validDomains: [domain, '*.azurecontainerapps.io'] }),
      'The domain “*.azurecontainerapps.io” has a wildcard; name the one host that answers.',
    ],
    [
      'another host than the endpoint’s',
      (m) => Object.assign(m, { validDomains: ['other.contoso.com'] }),
      `validDomains does not name ${domain}, the host of the endpoint https://${domain}/api/messages.`,
    ],
    [
      'a version that Teams cannot compare',
      (m) => Object.assign(m, { version: '1.2' }),
      'version “1.2” is not of the form 1.2.3; Teams updates an app by it.',
    ],
    [
      'a command that goldbot does not know',
      (m) => Object.assign(m.bots[0]?.commandLists[0]?.commands[0] ?? {}, { title: 'publsh' }),
      '“publsh” is no command of this version.',
    ],
    [
      'commands for a place where the bot is not',
      (m) => Object.assign(m.bots[0] ?? {}, { scopes: ['team', 'personal'] }),
      'There are commands for “groupChat”, which is no scope of the bot.',
    ],
    [
      'two lists for one place',
      (m) => Object.assign(m.bots[0]?.commandLists[1] ?? {}, { scopes: ['team'] }),
      'There are two lists of commands for “team”; Teams shows one.',
    ],
    [
      'an icon of 128 pixels',
      (_, files) => Object.assign(files, { 'color.png': resized(files['color.png'], 128) }),
      'color.png has 128 × 128 pixels; Teams wants 192 × 192.',
    ],
    [
      'an icon that is none',
      (_, files) => Object.assign(files, { 'outline.png': strToU8('<svg/>') }),
      'outline.png is no PNG.',
    ],
    ['an icon that is missing', (_, files) => delete files['outline.png'], 'outline.png is not in the package.'],
    [
      'a file that nobody asked for',
      (_, files) => Object.assign(files, { 'notes.txt': strToU8('x') }),
      'notes.txt is nothing that the manifest names.',
    ],
  ])('%s', (_, change, problem) => {
    expect(packageProblems(changed(change), expected)).toContainEqual(expect.stringContaining(problem));
  });

  it('no manifest, and one that is no JSON', () => {
    expect(packageProblems({ 'app/manifest.json': strToU8('{}') }, expected)).toEqual([
      'manifest.json is not in the package; it must stand at its top, in no folder.',
    ]);
    expect(packageProblems({ 'manifest.json': strToU8('{') }, expected)[0]).toMatch(/^manifest\.json is not JSON: /);
  });
});

/** The same picture with another size in its header. */
function resized(png: Uint8Array | undefined, pixels: number): Uint8Array {
  const copy = Buffer.from(png ?? []);
  copy.writeUInt32BE(pixels, 16);
  copy.writeUInt32BE(pixels, 20);
  return copy;
}

describe('npm run package', () => {
  let folder: string;
  const mine = ['--tenant', tenant, '--bot', bot, '--domain', domain] as const;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'goldbot-package-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('writes a package that it takes itself, and says its hash', async () => {
    const out = join(folder, 'new', 'app.zip');
    const made = await run(...mine, '--out', out);
    expect(made.said).toContain(`SHA-256 ${hash(readFileSync(out))}`);
    expect(made.said).toContain('where goldbot shows no page: give --website.');
    expect(await run(...mine, '--check', out)).toEqual({ done: true, said: `${out} can be uploaded.` });
    // In its first version it is the version of package.json, and the bot is the app.
    const { version } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8'));
    const manifest = JSON.parse(strFromU8(unzipSync(readFileSync(out))['manifest.json'] as Uint8Array));
    expect(manifest).toMatchObject({ id: bot, version, bots: [{ botId: bot }], validDomains: [domain] });
  });

  it('explains its options, and so does the page', async () => {
    const { done, said } = await run('--help');
    expect(done).toBe(true);
    const explained = [...said.matchAll(/^ {2}--(\w+) +\S/gm)].map(([, option]) => String(option));
    expect(explained).toEqual(expect.arrayContaining(['tenant', 'bot', 'domain', 'website', 'manifest', 'check']));
    const page = readFileSync(join(__dirname, '../../docs/teams-app.md'), 'utf8');
    const told = [...page.matchAll(/`--(\w+)(?: <zip>)?`/g)].map(([, option]) => String(option));
    expect(explained.filter((option) => !told.includes(option))).toEqual([]);
  });

  it('names everything that is missing', async () => {
    const { done, said } = await run('--domain', domain);
    expect(done).toBe(false);
    expect(said).toMatch(
      /^No package was made:\n {2}--tenant is missing\.\n {2}--bot is missing\.\nUsage: npm run package/,
    );
  });

  it.each<[string, readonly string[], string]>([
    ['a bot that is no GUID', ['--bot', 'goldbot'], '--bot “goldbot” is no GUID'],
    ['the tenant as the bot', ['--bot', tenant.toUpperCase()], `--bot ${tenant} is the tenant’s id`],
    ['a bot that was never filled in', ['--bot', '00000000-0000-0000-0000-000000000000'], 'is the empty GUID'],
    ['a tenant by its name', ['--tenant', 'contoso.onmicrosoft.com'], '--tenant “contoso.onmicrosoft.com” is no GUID'],
    ['a scheme', ['--domain', `https://${domain}`], `“https://${domain}” has a scheme or a port`],
    ['a port', ['--domain', `${domain}:443`], `“${domain}:443” has a scheme or a port`],
    ['a path', ['--domain', `${domain}/api`], `“${domain}/api” has a path`],
    ['a machine’s own name', ['--domain', 'localhost'], '“localhost” is no host name that Teams can reach'],
    ['an address', ['--domain', '10.0.0.4'], '“10.0.0.4” is no host name that Teams can reach'],
    [
      'another endpoint',
      ['--endpoint', 'https://other.contoso.com/api/messages'],
      `“${domain}” is not that of the endpoint https://other.contoso.com/api/messages.`,
    ],
    ['http', ['--endpoint', `http://${domain}/api/messages`], 'is not https; Azure Bot takes no other.'],
    ['another path', ['--endpoint', `https://${domain}/messages`], 'does not end with /api/messages'],
    ['no address', ['--endpoint', domain], 'is no address; it looks like https://<domain>/api/messages.'],
    ['a manifest that it does not make', ['--manifest', '1.31'], '--manifest 1.31 cannot be made: 1.25 or 1.30.'],
    ['a long name', ['--name', 'x'.repeat(31)], 'name/short is longer than 30 characters'],
    [
      'a website without https',
      ['--website', 'http://c.example'],
      'developer/websiteUrl “http://c.example” is not https.',
    ],
    ['an app id that is none', ['--id', 'goldbot'], 'id must match pattern'],
    ['an option that there is not', ['--tennant', tenant], 'Unknown option ‘--tennant’'.replace(/[‘’]/g, "'")],
    ['a package that is not there', ['--check', '/nowhere/app.zip'], '/nowhere/app.zip is not there.'],
  ])('refuses %s, and writes nothing', async (_, args, problem) => {
    const out = join(folder, 'never.zip');
    const { done, said } = await run(...mine, '--out', out, ...args);
    expect(done).toBe(false);
    expect(said).toContain(problem);
    expect(() => readFileSync(out)).toThrow('ENOENT');
  });

  it('refuses to call something a package that is no zip', async () => {
    const file = join(folder, 'broken.zip');
    writeFileSync(file, 'PK');
    expect((await run(...mine, '--check', file)).said).toContain('It is no zip: ');
  });
});
