import { type Follow, versionChannels } from '../core/images';
import { type Queryable, storable } from './database';

/** Which channels teams follow. */

interface Row {
  team: string;
  image: string;
  channel: string;
  by_oid: string;
  by_name: string;
  since: Date;
}

/** By team and image. A channel that this version does not know is followed by nobody. */
export async function allFollows(db: Queryable): Promise<Follow[]> {
  const rows = await db.query<Row & Record<string, unknown>>(
    'select team, image, channel, by_oid, by_name, since from follow order by team, image',
  );
  return rows.flatMap(({ team, image, channel: name, by_oid, by_name, since }) => {
    const channel = versionChannels.find((known) => known === name);
    return channel ? [{ team, image, channel, by: { oid: by_oid, name: by_name }, since }] : [];
  });
}

/** Safe to repeat. */
export async function writeFollow(tx: Queryable, { team, image, channel, by, since }: Follow): Promise<void> {
  await tx.query(
    `insert into follow (team, image, channel, by_oid, by_name, since) values ($1, $2, $3, $4, $5, $6)
     on conflict (team, image) do update set channel = excluded.channel, by_oid = excluded.by_oid,
       by_name = excluded.by_name, since = excluded.since`,
    [team, image, channel, by.oid, storable(by.name), since],
  );
}

/** Of what nobody follows nothing is deleted. */
export async function deleteFollow(tx: Queryable, { team, image }: Pick<Follow, 'team' | 'image'>): Promise<void> {
  await tx.query('delete from follow where team = $1 and image = $2', [team, image]);
}
