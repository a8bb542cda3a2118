import { type JWTPayload, jwtVerify } from 'jose';
import { z } from 'zod';
import type { ChannelKeys } from './channel-keys';
import { isRefused, Refused, type Stranger } from './refused';
import type { ServiceUrlRule } from './service-urls';

export interface FrontDoorSettings {
  /** The bot's app id. An empty one switches the SDK's authentication off, so there is none here. */
  readonly appId: string;
  /** Entra tenants that are served. */
  readonly tenants: readonly string[];
}

/** A token that was signed for this bot; what it may say depends on the activity. */
export interface Credentials {
  readonly serviceUrl: string;
  readonly endorsements: readonly string[];
}

const issuer = 'https://api.botframework.com';
const skewSeconds = 5 * 60;

const tenant = z.object({ id: z.string() });
const activitySchema = z.looseObject({
  type: z.string().min(1).max(100),
  id: z.string().max(500).optional(),
  channelId: z.string(),
  serviceUrl: z.string().max(2_000),
  from: z.looseObject({ id: z.string().max(500), tenantId: z.string().optional() }),
  recipient: z.looseObject({ id: z.string().max(500) }),
  conversation: z.looseObject({ id: z.string().min(1).max(1_000), tenantId: z.string().optional() }),
  channelData: z.looseObject({ tenant: tenant.optional() }).optional(),
});

/** An activity as far as the front door has looked at it. */
export type CheckedActivity = z.infer<typeof activitySchema>;

/**
 * Decides who gets in, before botbuilder sees anything: botbuilder skips the service URL when there is none, knows no
 * tenants, trusts the emulator's issuer in production and answers forged signatures with 500.
 */
export class FrontDoor {
  private readonly tenants: ReadonlySet<string>;

  constructor(
    private readonly settings: FrontDoorSettings,
    private readonly keys: ChannelKeys,
    private readonly mayCall: ServiceUrlRule,
  ) {
    if (settings.appId.trim() === '') throw new Error('front door: the app id is empty');
    this.tenants = new Set(settings.tenants.map((id) => id.trim().toLowerCase()).filter((id) => id !== ''));
    if (this.tenants.size === 0) throw new Error('front door: the tenant allow-list is empty');
  }

  /**
   * Checks the bearer token alone, before the body is read.
   *
   * @throws Refused 401 for every bad token, 503 while the keys cannot be had.
   */
  async authenticate(authorization: string | undefined): Promise<Credentials> {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? '')?.[1];
    if (!token) throw new Refused(401, 'no bearer token');
    const { payload, endorsements } = await this.verified(token);
    const serviceUrl = payload['serviceurl'] ?? payload['serviceUrl'];
    if (typeof serviceUrl !== 'string') throw new Refused(401, 'the token names no service URL');
    return { serviceUrl, endorsements };
  }

  /**
   * Checks that the activity is what the token was made for, and from a tenant that is served.
   *
   * @throws Refused 400 (no activity), 401 (not the token's), 403 (channel, service URL or tenant not served).
   */
  admit(credentials: Credentials, body: unknown): CheckedActivity {
    const read = activitySchema.safeParse(body);
    if (!read.success) throw new Refused(refusalOf(read.error), `no activity: ${paths(read.error)}`);
    const activity = read.data;
    if (activity.channelId !== 'msteams') throw new Refused(403, 'the channel is not Microsoft Teams');
    if (!credentials.endorsements.includes(activity.channelId))
      throw new Refused(401, 'the key is not for this channel');
    if (credentials.serviceUrl !== activity.serviceUrl) throw new Refused(401, 'the token is for another service URL');
    if (!this.mayCall(activity.serviceUrl)) throw new Refused(403, 'the service URL is not one of Microsoft Teams');
    this.checkTenant(activity);
    return activity;
  }

  private async verified(token: string): Promise<{ payload: JWTPayload; endorsements: readonly string[] }> {
    let endorsements: readonly string[] = [];
    try {
      const { payload } = await jwtVerify(
        token,
        async ({ kid }) => {
          const found = kid === undefined ? undefined : await this.keys.find(kid);
          if (!found) throw new Refused(401, 'the key of the token is unknown');
          endorsements = found.endorsements;
          return found.key;
        },
        {
          algorithms: ['RS256'],
          issuer,
          audience: this.settings.appId,
          clockTolerance: skewSeconds,
          requiredClaims: ['exp'],
        },
      );
      return { payload, endorsements };
    } catch (error) {
      if (isRefused(error)) throw error;
      throw new Refused(401, `bad token: ${String((error as { code?: unknown }).code ?? 'unreadable')}`);
    }
  }

  /** Every tenant that the activity names must be served, and it must name one: a guest's own tenant shows in `from`. */
  private checkTenant({ conversation, channelData, from }: CheckedActivity): void {
    const named = [conversation.tenantId, channelData?.tenant?.id, from.tenantId].filter((id) => id !== undefined);
    if (named.length === 0) throw new Refused(403, 'the activity names no tenant');
    const foreign = named.find((id) => !this.tenants.has(id.toLowerCase()));
    if (foreign === undefined) return;
    throw new Refused(403, 'the tenant is not served', { stranger: strangerOf(foreign, from) });
  }
}

function strangerOf(tenant: string, { aadObjectId, name }: CheckedActivity['from']): Stranger {
  const short = (text: unknown) => (typeof text === 'string' ? text.slice(0, 100) : undefined);
  return { tenant: tenant.slice(0, 100), oid: short(aadObjectId) ?? null, name: short(name) ?? 'somebody' };
}

/** A missing or odd service URL is a matter of authentication; anything else that is missing makes it no activity. */
function refusalOf(error: z.ZodError): 400 | 401 {
  return error.issues.some((issue) => issue.path[0] === 'serviceUrl') ? 401 : 400;
}

function paths(error: z.ZodError): string {
  return error.issues
    .map((issue) => issue.path.join('.') || 'the body')
    .slice(0, 5)
    .join(', ');
}
