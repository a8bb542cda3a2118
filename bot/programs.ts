import { randomUUID } from 'node:crypto';
import { decodeJwt, type JWTPayload, jwtVerify } from 'jose';
import { z } from 'zod';
import { type Caller, personOf } from '../core/access';
import type { Programs as Allowed } from '../core/catalogue';
import { silentTelemetry, type Telemetry } from '../core/telemetry';
import { seconds } from '../core/time';
import type { ConversationHandlers, ProgramAnswer, Turn } from '../dialogs';
import { type Database, takeSlot, type Windows } from '../store';
import { type Allowance, Turnstile } from './fair';
import { badToken, bearerOf, ChannelKeys, type Reach, Refused, skewSeconds } from './front-door';
import { type Log, QuietLog } from './log';

/** The door of pipelines: a sentence with a token of Entra in, JSON out. No Teams, no cards. */

export interface ProgramDoorSettings {
  /** Entra tenants that are served, in lower case. */
  readonly tenants: readonly string[];
  /** Entra of this cloud: `https://login.microsoftonline.com`. */
  readonly login: string;
  /** The sandbox's way to Entra. */
  readonly reach?: Reach;
}

/**
 * Version 2.0 of Entra's access tokens, issued to an application for itself: `idtyp` says so, and what acts for a person
 * has `scp`.
 */
const claimsSchema = z.object({
  ver: z.literal('2.0'),
  tid: z.guid().toLowerCase(),
  oid: z.guid(),
  azp: z.guid().toLowerCase(),
  idtyp: z.literal('app'),
  scp: z.never().optional(),
});

/** Decides which programs get in: by tenant, audience and application, each allow-listed. */
export class ProgramDoor {
  private readonly keys: ReadonlyMap<string, ChannelKeys>;

  constructor(
    private readonly settings: ProgramDoorSettings,
    /** What the catalogue in force says; undefined: nobody gets in. */
    private readonly allowed: () => Allowed | undefined,
  ) {
    const { login, reach, tenants } = settings;
    // Each tenant by its own metadata, so that no other tenant's key counts.
    this.keys = new Map(
      tenants.map((id) => {
        const metadataUrl = `${login}/${id}/v2.0/.well-known/openid-configuration`;
        return [id, new ChannelKeys({ metadataUrl, of: 'Entra', ...(reach && { reach }) })];
      }),
    );
  }

  /**
   * The program that a token was issued to, before its body is read.
   *
   * @throws Refused 401 for every bad token, 403 (tenant or application not allowed, no program is), 503 while the
   * signing keys are unavailable.
   */
  async authenticate(authorization: string | undefined): Promise<Caller & { readonly application: string }> {
    const allowed = this.allowed();
    if (!allowed) throw new Refused(403, 'the catalogue lets no program in');
    const token = bearerOf(authorization);
    const claims = claimsSchema.safeParse(await this.verified(token, allowed.audience));
    if (!claims.success) throw new Refused(401, `no application token: ${claims.error.issues[0]?.path.join('.')}`);
    const { azp, oid, tid } = claims.data;
    const grant = allowed.applications.find(({ application }) => application === azp);
    if (!grant) throw new Refused(403, `the application ${azp} is not allowed`);
    return { ...personOf(oid, `${grant.name} (application)`), tenantId: tid, application: azp };
  }

  private async verified(token: string, audience: string): Promise<JWTPayload> {
    try {
      const tenant = String(decodeJwt(token)['tid']).toLowerCase();
      const keys = this.keys.get(tenant);
      if (!keys) throw new Refused(403, 'the tenant is not served');
      const key = async ({ kid }: { kid?: string }) => {
        const found = kid === undefined ? undefined : await keys.find(kid);
        if (!found) throw new Refused(401, 'the key of the token is unknown');
        return found.key;
      };
      const { payload } = await jwtVerify(token, key, {
        algorithms: ['RS256'],
        issuer: `${this.settings.login}/${tenant}/v2.0`,
        audience,
        clockTolerance: skewSeconds,
        requiredClaims: ['exp'],
      });
      return payload;
    } catch (error) {
      throw badToken(error);
    }
  }
}

/** What one application may ask in any stretch of time, at all replicas together. */
const questions: Windows = [
  [20, seconds(10)],
  [60, seconds(60)],
];

const askSchema = z.strictObject({ text: z.string().min(1).max(2_000) });
/** Repeats of one request carry the same; its sender makes it up. */
const onceSchema = z.string().regex(/^[\w.:-]{8,100}$/);

export interface ProgramsDeps {
  readonly database: Database;
  readonly conversation: Pick<ConversationHandlers, 'handleAsk' | 'paceOf'>;
  readonly allowance: Allowance;
  readonly log: Log;
  readonly telemetry?: Telemetry | undefined;
}

export class Programs {
  private readonly quiet: QuietLog;
  /** Apart from that of people: a program waits for up to a minute, and is answered once. */
  private readonly turnstile = new Turnstile();

  constructor(
    private readonly door: Pick<ProgramDoor, 'authenticate'>,
    private readonly deps: ProgramsDeps,
  ) {
    this.quiet = new QuietLog(deps.log);
  }

  /**
   * Answers one request. Of several with the same idempotency key, what the first one starts is started once.
   *
   * @param body read only once the token holds.
   * @throws Refused 400, 401, 403, 429, 503.
   */
  async answer(
    headers: { readonly authorization?: string | undefined; readonly once?: string | undefined },
    body: () => Promise<unknown>,
  ): Promise<Omit<ProgramAnswer, 'bug'>> {
    const { database, telemetry = silentTelemetry, log } = this.deps;
    const person = await this.door.authenticate(headers.authorization);
    await this.inPace(person.application, database);
    const asked = askSchema.safeParse(await body());
    if (!asked.success) throw new Refused(400, 'the body is not {"text": "…"}');
    const once = onceSchema.safeParse(headers.once ?? randomUUID());
    if (!once.success) throw new Refused(400, 'the idempotency key has another form');
    const conversationId = `program:${person.application}`;
    const turn = {
      person,
      conversation: { id: conversationId, kind: 'program' },
      intent: `ask ${person.oid} ${once.data}`,
    } as const;
    const attributes = { 'goldbot.activity': 'ask' };
    const { bug, ...answer } = await telemetry.span({ name: 'activity', attributes, root: true }, () =>
      this.fairly(turn, asked.data.text),
    );
    if (bug) log.error({ reference: bug.reference, err: bug.error }, 'a command broke');
    return answer;
  }

  /** As people are answered: within what one may ask of each class, and what this replica does at once. */
  private async fairly(turn: Turn, text: string): Promise<ProgramAnswer> {
    const { conversation, allowance } = this.deps;
    const pace = conversation.paceOf(turn, text);
    const refused = await allowance.press(turn.person.oid, pace);
    if (refused) throw new Refused(429, refused.error.message, { retryAfterMs: refused.waitMs });
    const pass = await this.turnstile.enter(turn.person.oid, pace);
    try {
      return await conversation.handleAsk(turn, text);
    } finally {
      pass?.over();
    }
  }

  private async inPace(application: string, database: Database): Promise<void> {
    const waitMs = await takeSlot(database, `program ${application}`, 0, questions);
    if (waitMs === 0) return;
    this.quiet.warn(`pace ${application}`, {}, 'a program asks too often');
    throw new Refused(429, 'the application asks too often', { retryAfterMs: waitMs });
  }
}
