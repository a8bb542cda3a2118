import type { RequestId } from '../core/runs';
import type { Queryable } from './database';

/** Who may change versions of an image: one run at a time. A run's turn is over once it changes nothing any more. */

/** Takes the turn if nobody at work has it; returns whose it is then. Safe to repeat. */
export async function takeTurn(db: Queryable, image: string, run: RequestId): Promise<RequestId> {
  const [taken] = await db.query(
    `insert into image_turn (image, run_id) values ($1, $2)
     on conflict (image) do update set run_id = excluded.run_id
       where not exists (select from run where id = image_turn.run_id and ended_at is null and stage in ('apply', 'verify'))
     returning run_id`,
    [image, run],
  );
  if (taken) return run;
  const [held] = await db.query<{ run_id: RequestId }>('select run_id from image_turn where image = $1', [image]);
  return held?.run_id ?? run;
}

/** Lets others have it while the run waits. Nothing happens when it does not have it. Safe to repeat. */
export async function leaveTurn(db: Queryable, image: string, run: RequestId): Promise<void> {
  await db.query('delete from image_turn where image = $1 and run_id = $2', [image, run]);
}
