import { type CommandCall, call, line, type Verb } from '../../core/command-call';
import { type Command, commands, search } from '../../dialogs';

/**
 * Versions of the manifest's schema that goldbot can be packaged for. 1.25 is what tenants surely accept; 1.30 also
 * offers the commands after a `/`, whose answers one person alone sees: a developer preview of Teams.
 */
export const manifestVersions = ['1.25', '1.30'] as const;
export type ManifestVersion = (typeof manifestVersions)[number];

/** Whose goldbot it is. Every id is a GUID in lower case. */
export interface AppFacts {
  /** Of the app in Teams: the same for ever, or else people get a second app instead of an update. */
  readonly id: string;
  /** `MicrosoftAppId`: the client id of the bot's identity. */
  readonly bot: string;
  /** Host of the endpoint, without a scheme. */
  readonly domain: string;
  /** `x.y.z`; Teams takes a package as an update when it is higher. */
  readonly version: string;
  /** What people mention, 30 letters at most. */
  readonly name: string;
  readonly developer: {
    readonly name: string;
    readonly websiteUrl: string;
    readonly privacyUrl: string;
    readonly termsOfUseUrl: string;
  };
  readonly manifest: ManifestVersion;
  /** Host of the portal whose links goldbot tells of; absent: of none. */
  readonly portal?: string;
}

type Scope = 'team' | 'groupChat' | 'personal';

interface Menu {
  readonly scopes: readonly Scope[];
  /** The same in people's own words, each with the verb that answers it: prompts, where the schema has them. */
  readonly asks: readonly (readonly [words: string, verb: Verb])[];
  /** What people use most where the menu is shown, most used first. A click puts it into the message box, unsent. */
  readonly offers: readonly CommandCall[];
}

/** Ten in each at most, so that clients of older schemas take them too. What lacks a value answers with a form. */
const menus: readonly Menu[] = [
  {
    scopes: ['team', 'groupChat'],
    asks: [
      ['What is running?', 'status'],
      ['What waits for approval?', 'approvals'],
      ['Which images are there?', 'images'],
    ],
    offers: [
      call('status'),
      call('approvals'),
      call('publish'),
      call('compliance'),
      call('versions'),
      call('who uses'),
      call('schedule'),
      call('runs'),
      call('digest'),
      call('help'),
    ],
  },
  {
    scopes: ['personal'],
    asks: [
      ['What waits for me?', 'approvals'],
      ['How do my machines stand?', 'compliance'],
      ['What is running?', 'status'],
      ['What reaches its end in the next 30 days?', 'forecast'],
    ],
    offers: [
      call('approvals', { mine: true }),
      call('compliance'),
      call('status'),
      call('images'),
      call('versions'),
      call('who uses'),
      call('who has'),
      call('forecast'),
      call('whoami'),
      call('help'),
    ],
  },
];

/** What a package says. Pure: the same facts make the same manifest. */
export function manifestOf(facts: AppFacts) {
  const { manifest } = facts;
  return {
    $schema: `https://developer.microsoft.com/json-schemas/teams/v${manifest}/MicrosoftTeams.schema.json`,
    manifestVersion: manifest,
    id: facts.id,
    version: facts.version,
    developer: facts.developer,
    name: { short: facts.name, full: `${facts.name}: golden VM images` },
    description: {
      short: 'Publishes golden VM images, and keeps every VM honest about them.',
      full: descriptionOf(facts),
    },
    icons: { color: 'color.png', outline: 'outline.png' },
    accentColor: '#5B5FC7',
    bots: [
      {
        botId: facts.bot,
        scopes: ['team', 'groupChat', 'personal'] satisfies Scope[],
        // goldbot sends no files, and asks for no right to read messages that do not mention it.
        supportsFiles: false,
        isNotificationOnly: false,
        ...(manifest === '1.30' && { supportsTargetedMessages: true }),
        commandLists: menus.flatMap((menu) => listsOf(menu, manifest)),
      },
    ],
    composeExtensions: [extensionOf(facts)],
    defaultInstallScope: 'team',
    defaultGroupCapability: { team: 'bot', groupchat: 'bot' },
    validDomains: [facts.domain],
  };
}

/** What people find without a command, beside the message box of any conversation. */
function extensionOf({ bot, portal }: AppFacts) {
  return {
    botId: bot,
    commands: [
      {
        id: search.command,
        type: 'query',
        context: ['compose'],
        title: 'Find in goldbot',
        description: 'Images, versions, runs and machines that you may view; a click puts one into your message.',
        // What there is, and what is going on, before anybody types.
        initialRun: true,
        parameters: [
          {
            name: search.parameter,
            title: 'Name',
            description: 'The beginning of a name: ubuntu, 1.6, R-7F3KQ, vm-payments',
            inputType: 'text',
          },
        ],
      },
    ],
    ...(portal !== undefined && { messageHandlers: [{ type: 'link', value: { domains: [portal] } }] }),
  };
}

function listsOf({ scopes, offers, asks }: Menu, manifest: ManifestVersion) {
  // There is no need for private answers where nobody else reads along.
  const slash = manifest === '1.30' && !scopes.includes('personal');
  const prompts = manifest === '1.30' ? asks.map(promptOf) : [];
  const entries = offers.map((offer) => ({ title: line(offer), description: summaryOf(offer.verb) }));
  const commands = [...prompts, ...entries].slice(0, mostEntries);
  return [{ ...(slash && { triggers: ['mention', 'slash'] }), scopes, commands }];
}

/** Of both kinds together, by the newer schemas. */
const mostEntries = 12;

/** What a click puts into the message box, for people who know no commands yet. */
function promptOf([words, verb]: Menu['asks'][number]) {
  return { title: words, description: summaryOf(verb), type: 'prompt', prompt: words };
}

function summaryOf(verb: Verb): string {
  const command: Command | undefined = commands.find((one) => one.verb === verb);
  if (!command) throw new Error(`${verb} is no command of this version`);
  return command.summary;
}

function descriptionOf({ portal }: AppFacts): string {
  const links = '; a link to a version or a machine in the Azure portal shows what goldbot knows of it';
  return [
    'goldbot runs the golden image process of a platform team on Azure.',
    'Ask it to publish an image: it builds with Azure Image Builder, tests a virtual machine made from the candidate, asks the approvers for a decision here in Teams, replicates, and publishes the version in the Azure Compute Gallery.',
    'Ask it who runs what: it shows every team which machines are on the newest version, which are behind, and what Azure Policy and guest configuration say about them.',
    `Beside the message box of any chat, find an image, a version, a run or a machine and put it into what you write${portal === undefined ? '' : links}.`,
    'In a channel, mention it: “@goldbot help”. It reads only messages that mention it.',
  ].join('\n\n');
}
