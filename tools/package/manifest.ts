import { type CommandCall, call, line } from '../../core/command-call';
import { type Command, commands } from '../../dialogs';

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
}

type Scope = 'team' | 'groupChat' | 'personal';

interface Menu {
  readonly scopes: readonly Scope[];
  /** What people use most where the menu is shown, most used first. A click puts it into the message box, unsent. */
  readonly offers: readonly CommandCall[];
}

/** Ten in each at most, so that clients of older schemas take them too. What lacks a value answers with a form. */
const menus: readonly Menu[] = [
  {
    scopes: ['team', 'groupChat'],
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
    description: { short: 'Publishes golden VM images, and keeps every VM honest about them.', full: description },
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
    defaultInstallScope: 'team',
    defaultGroupCapability: { team: 'bot', groupchat: 'bot' },
    validDomains: [facts.domain],
  };
}

function listsOf({ scopes, offers }: Menu, manifest: ManifestVersion) {
  // There is no need for private answers where nobody else reads along.
  const slash = manifest === '1.30' && !scopes.includes('personal');
  const entries = offers.map((offer) => ({ title: line(offer), description: summaryOf(offer) }));
  return [{ ...(slash && { triggers: ['mention', 'slash'] }), scopes, commands: entries }];
}

function summaryOf({ verb }: CommandCall): string {
  const command: Command | undefined = commands.find((one) => one.verb === verb);
  if (!command) throw new Error(`${verb} is no command of this version`);
  return command.summary;
}

const description = [
  'goldbot runs the golden image process of a platform team on Azure.',
  'Ask it to publish an image: it builds with Azure Image Builder, tests a virtual machine made from the candidate, asks the approvers for a decision here in Teams, replicates, and publishes the version in the Azure Compute Gallery.',
  'Ask it who runs what: it shows every team which machines are on the newest version, which are behind, and what Azure Policy and guest configuration say about them.',
  'In a channel, mention it: “@goldbot help”. It reads no message that does not mention it.',
].join('\n\n');
