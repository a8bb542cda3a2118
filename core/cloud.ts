/** An Azure of its own, with the Entra, the Graph and the Teams that belong to it. GCC is part of the public one. */
export type CloudName = 'Public' | 'USGov' | 'USGovDoD' | 'China';

/** Where a cloud's services are. Scopes are without `/.default`; nothing ends in a slash. */
export interface Cloud {
  readonly name: CloudName;
  /** Azure's portal. */
  readonly portal: string;
  /** Azure Resource Manager, which is also the audience of its tokens. */
  readonly arm: string;
  readonly graph: string;
  /** Of storage accounts: `https://<account>.<blobs>`. */
  readonly blobs: string;
  /** The public price list; absent where there is none. */
  readonly prices?: string;
  /** The audience of tokens for Azure Database for PostgreSQL. */
  readonly database: string;
  readonly bot: BotCloud;
  /** What goldbot uses elsewhere and this cloud does not have, or has in a few regions alone. */
  readonly lacks: readonly string[];
}

/** Teams' side of a cloud. */
export interface BotCloud {
  /** Where the bot gets its token, without the tenant. */
  readonly login: string;
  /** The tenant that is asked where the bot's own is not. */
  readonly loginTenant: string;
  /** Audience of the bot's token, and issuer of Teams' tokens for the bot. */
  readonly issuer: string;
  /** OpenID metadata of the keys that Teams signs with. */
  readonly keys: string;
  readonly tokens: string;
  /** Where Teams' connector lives. Exact hosts: every request carries the bot's token. */
  readonly connectors: readonly string[];
  /** Teams' own pages, to which links into a chat lead; absent where Microsoft names none. */
  readonly client?: string;
}

const prices = 'prices in the list of what is left over: they are those of the public cloud';

const usGov: Cloud = {
  name: 'USGov',
  portal: 'https://portal.azure.us',
  arm: 'https://management.usgovcloudapi.net',
  graph: 'https://graph.microsoft.us',
  blobs: 'blob.core.usgovcloudapi.net',
  database: 'https://ossrdbms-aad.database.usgovcloudapi.net',
  bot: {
    login: 'https://login.microsoftonline.us',
    loginTenant: 'MicrosoftServices.onmicrosoft.us',
    issuer: 'https://api.botframework.us',
    keys: 'https://login.botframework.azure.us/v1/.well-known/openidconfiguration',
    tokens: 'https://tokengcch.botframework.azure.us',
    connectors: ['smba.infra.gov.teams.microsoft.us'],
    client: 'https://gov.teams.microsoft.us',
  },
  lacks: ['Azure Image Builder outside of usgovvirginia and usgovarizona, as far as Microsoft names regions', prices],
};

/** By Microsoft's own names for them (the Teams SDK's `CLOUD`). */
export const clouds: Readonly<Record<CloudName, Cloud>> = {
  Public: {
    name: 'Public',
    portal: 'https://portal.azure.com',
    arm: 'https://management.azure.com',
    graph: 'https://graph.microsoft.com',
    blobs: 'blob.core.windows.net',
    prices: 'https://prices.azure.com',
    database: 'https://ossrdbms-aad.database.windows.net',
    bot: {
      login: 'https://login.microsoftonline.com',
      loginTenant: 'botframework.com',
      issuer: 'https://api.botframework.com',
      keys: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
      tokens: 'https://token.botframework.com',
      connectors: ['smba.trafficmanager.net', 'smba.infra.gcc.teams.microsoft.com'],
      client: 'https://teams.microsoft.com',
    },
    lacks: [],
  },
  USGov: usGov,
  USGovDoD: {
    ...usGov,
    name: 'USGovDoD',
    graph: 'https://dod-graph.microsoft.us',
    bot: {
      ...usGov.bot,
      tokens: 'https://apiDoD.botframework.azure.us',
      connectors: ['smba.infra.dod.teams.microsoft.us'],
      client: 'https://dod.teams.microsoft.us',
    },
  },
  China: {
    name: 'China',
    portal: 'https://portal.azure.cn',
    arm: 'https://management.chinacloudapi.cn',
    graph: 'https://microsoftgraph.chinacloudapi.cn',
    blobs: 'blob.core.chinacloudapi.cn',
    database: 'https://ossrdbms-aad.database.chinacloudapi.cn',
    bot: {
      login: 'https://login.partner.microsoftonline.cn',
      loginTenant: 'microsoftservices.partner.onmschina.cn',
      issuer: 'https://api.botframework.azure.cn',
      keys: 'https://login.botframework.azure.cn/v1/.well-known/openidconfiguration',
      tokens: 'https://token.botframework.azure.cn',
      connectors: ['frontend.botapi.msg.infra.teams.microsoftonline.cn'],
    },
    lacks: [
      'Azure Image Builder outside of chinanorth3',
      'a Teams client that Microsoft’s documentation names',
      prices,
    ],
  },
};

/** The clouds that a region may belong to: Teams of the DoD is also used with the regions of Azure Government. */
export function cloudsOfRegion(region: string): readonly [CloudName, ...CloudName[]] {
  if (/^usdod/.test(region)) return ['USGovDoD'];
  if (/^usgov/.test(region)) return ['USGov', 'USGovDoD'];
  return [/^china/.test(region) ? 'China' : 'Public'];
}

/**
 * Azure Policy's own dashboard in the portal of a region's cloud, as Azure's documentation links to it. No address is
 * documented that also chooses the scope or the tenant: whoever follows it does that there.
 */
export function policyDashboard(region: string): string {
  return `${clouds[cloudsOfRegion(region)[0]].portal}/#view/Microsoft_Azure_Policy/PolicyMenuBlade/~/Compliance`;
}

/**
 * A resource in the portal of a region's cloud: in the directory of that tenant where it is known, else in the one that
 * whoever follows it is signed in to.
 */
export function portalPage(region: string, id: string, tenant?: string): string {
  const directory = tenant === undefined ? '' : `@${tenant}/`;
  return `${clouds[cloudsOfRegion(region)[0]].portal}/#${directory}resource${encodeURI(id)}`;
}

const portals: ReadonlySet<string> = new Set(Object.values(clouds).map(({ portal }) => portal));

/**
 * The resource that a page of a portal is about, with whatever the page has behind it (`/overview`): what `portalPage`
 * writes, read back. Undefined for any other address.
 */
export function resourceOfPage(address: string): string | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !portals.has(url.origin) || url.username + url.password !== '') return undefined;
  const [, path] = /^#(?:@[^/]*\/)?resource(\/subscriptions\/[^?]*)/i.exec(url.hash) ?? [];
  try {
    return path && decodeURI(path);
  } catch {
    // Not written by a portal.
    return undefined;
  }
}

/** A message of a channel, by the ids that Teams gives. */
export interface ChannelMessage {
  readonly conversationId: string;
  readonly activityId: string;
  /** The message under which it stands; absent or the same: it begins a thread. */
  readonly threadId?: string | null;
  /** The team's group in Entra. */
  readonly groupId: string;
  readonly tenantId: string;
}

/** A link that opens a message of a channel in Teams, as Microsoft documents it; undefined where a cloud has no client. */
export function messageLink({ client }: BotCloud, message: ChannelMessage): string | undefined {
  if (client === undefined) return undefined;
  const { conversationId, activityId, threadId, groupId, tenantId } = message;
  const asked = new URLSearchParams({ tenantId, groupId, parentMessageId: threadId ?? activityId });
  return `${client}/l/message/${encodeURIComponent(conversationId)}/${encodeURIComponent(activityId)}?${asked}`;
}

/** A link that opens somebody's own chat with a bot, with words in the message box that are not sent yet. */
export function chatLink({ client }: BotCloud, appId: string, words: string): string | undefined {
  return client && `${client}/l/chat/0/0?users=28:${appId}&message=${encodeURIComponent(words)}`;
}
