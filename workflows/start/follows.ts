import type { Person } from '../../core/access';
import type { VersionChannel } from '../../core/images';
import type { Clock } from '../../core/time';
import { allFollows, appendAudit, type Database, deleteFollow, takeIntent, writeFollow } from '../../store';

/** Which channel of an image a team is measured against. */

export interface FollowRequest {
  readonly team: string;
  readonly image: string;
  /** `latest`: Azure's, as without any choice. */
  readonly channel: VersionChannel | 'latest';
  readonly person: Person;
  /** Unique per act of a person. */
  readonly intent: string;
}

export interface FollowControl {
  /** Sets it; whether the person may has been checked before. Done once per intent. @throws UserError `DATABASE_SILENT`. */
  follow(request: FollowRequest): Promise<void>;
}

interface FollowDeps {
  readonly database: Database;
  readonly clock: Clock;
}

export const createFollowControl = (deps: FollowDeps): FollowControl => ({
  follow: (request) => follow(deps, request),
});

function follow({ database, clock }: FollowDeps, request: FollowRequest): Promise<void> {
  const { team, image, channel, person, intent } = request;
  return database.transaction(async (tx) => {
    if ((await takeIntent(tx, intent)) !== undefined) return;
    const at = clock.now();
    const by = { oid: person.oid, name: person.name };
    const before = (await allFollows(tx)).find((one) => one.team === team && one.image === image)?.channel ?? 'latest';
    if (before === channel) return;
    if (channel === 'latest') await deleteFollow(tx, { team, image });
    else await writeFollow(tx, { team, image, channel, by, since: at });
    await appendAudit(tx, [{ at, who: by, action: 'follow', subject: team, detail: { image, channel, before } }]);
  });
}
