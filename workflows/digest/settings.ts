import type { Person } from '../../core/access';
import type { Catalogue } from '../../core/catalogue';
import { type DigestSetting, type DigestSpec, digestSpec } from '../../core/runs';
import type { Clock } from '../../core/time';
import { appendAudit, type Database, digestSettingOf, takeIntent, writeDigestSetting } from '../../store';
import { settle } from './schedule';

export interface DigestSettingRequest {
  readonly team: string;
  /** What is absent stays as it is. */
  readonly change: DigestSetting;
  readonly person: Person;
  /** Unique per act of a person. */
  readonly intent: string;
}

/** What people change about digests; whether they may is asked before. */
export interface DigestControl {
  /**
   * Sets when a team's digest comes, and moves its schedule in the same transaction. Done once per intent.
   *
   * @throws UserError `DATABASE_SILENT`.
   */
  set(request: DigestSettingRequest): Promise<DigestSpec & { readonly on: boolean }>;
}

export interface DigestControlDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly catalogue: () => Catalogue;
}

export function createDigestControl(deps: DigestControlDeps): DigestControl {
  return { set: (request) => set(deps, request) };
}

function set({ database, clock, catalogue }: DigestControlDeps, request: DigestSettingRequest) {
  const { team, change, person, intent } = request;
  const config = catalogue().teams.get(team);
  if (!config) throw new Error(`team ${team} left the catalogue while its digest was being set`);
  return database.transaction(async (tx) => {
    const repeated = (await takeIntent(tx, intent)) !== undefined;
    const at = clock.now();
    if (!repeated) await writeDigestSetting(tx, { team, setting: change, byName: person.name, at });
    await settle(tx, { team, config }, at);
    const spec = digestSpec(team, config.digest, (await digestSettingOf(tx, team))?.setting);
    const record = { at, who: person, action: 'set-digest', subject: team, detail: { change, now: spec } };
    await appendAudit(tx, repeated ? [] : [record]);
    return spec;
  });
}
