import type { Queryable } from '../../store';

/** The ids of the conversations where goldbot says nothing at present. */
export async function parkedConversations(db: Queryable): Promise<{ id: string }[]> {
  return db.query<{ id: string }>('select id from conversation where parked_why is not null order by id');
}
