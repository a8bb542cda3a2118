import type { BotCredentials } from '../bot';
import { type BotCloud, clouds } from '../core/cloud';
import type { HouseRead } from '../core/doctor';
import { type AzureOptions, signIn } from '../services';
import type { Log } from './run';
import type { ProductionSettings } from './settings';

type Own = Pick<ProductionSettings, 'MicrosoftAppTenantId' | 'MicrosoftAppType' | 'MicrosoftAppPassword'>;

/** What the bot signs in with. */
export function credentialsOf(settings: Own): BotCredentials {
  const { MicrosoftAppTenantId: tenantId, MicrosoftAppPassword: secret, MicrosoftAppType: type } = settings;
  return type === 'SingleTenant' && secret
    ? { kind: 'secret', secret, tenantId }
    : { kind: 'managed-identity', tenantId };
}

/** Who signs in, and where. */
export interface Bot {
  readonly appId: string;
  readonly credentials: BotCredentials;
  readonly cloud?: BotCloud;
}

/** The bot of settings that may be incomplete; undefined while one that it needs is missing. */
export function botOf(settings: Partial<ProductionSettings>, cloud: BotCloud): Bot | undefined {
  const { MicrosoftAppId: appId, MicrosoftAppTenantId, MicrosoftAppType, MicrosoftAppPassword } = settings;
  if (!appId || !MicrosoftAppTenantId || !MicrosoftAppType) return undefined;
  if (MicrosoftAppType === 'SingleTenant' && !MicrosoftAppPassword) return undefined;
  return { appId, cloud, credentials: credentialsOf({ MicrosoftAppTenantId, MicrosoftAppType, MicrosoftAppPassword }) };
}

/** Asks Entra for the token with which the bot answers in Teams; the sandbox's Teams takes any. */
export function botSignIn(bot: Bot | undefined, httpClient?: AzureOptions['httpClient']): HouseRead['botSignIn'] {
  return async () => {
    if (!bot || bot.credentials.kind === 'sandbox') return undefined;
    const { appId, credentials, cloud = clouds.Public.bot } = bot;
    const { tenantId: tenant } = credentials;
    const secret = credentials.kind === 'secret' ? credentials.secret : undefined;
    const app = { appId, tenantId: tenant, login: cloud.login, audience: cloud.issuer, httpClient };
    return { appId, tenant, answer: await signIn({ ...app, ...(secret !== undefined && { secret }) }) };
  };
}

/** Before the first message, which could not be answered: by then nobody is told but the log. */
export async function tellSignIn(ask: HouseRead['botSignIn'], log: Pick<Log, 'warn' | 'error'>): Promise<void> {
  const found = await ask().catch((err: unknown) => log.warn({ err }, 'goldbot could not look whether it can answer'));
  if (found?.answer.kind !== 'refused') return;
  log.error({ why: found.answer.why }, 'Entra does not let goldbot in as its bot: it can answer nothing in Teams');
}
