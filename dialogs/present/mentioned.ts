import type { Reply } from '../../cards';
import type { Mentions } from '../../core/mentions';
import {
  type Approval,
  barredFrom,
  type ChangeRun,
  type Delegation,
  groupsDeciding,
  type PublishRun,
  placesPassedOn,
  turnOf,
} from '../../core/runs';

/** Whom the messages of a run call by name; who of them is where a message is posted is found out there (bot/mentioner.ts). */

/**
 * Of an open request: those whose turn it is, and those to whom they passed on their place, but who is part of the run or
 * has decided.
 */
export function decidersOf(
  approval: Pick<Approval, 'rule' | 'askedAt' | 'expiresAt' | 'decisions'>,
  run: PublishRun | ChangeRun,
  { delegations, now }: { readonly delegations: readonly Delegation[]; readonly now: Date },
): Mentions {
  const out = [...barredFrom(turnOf(approval), approval, run.actors), ...approval.decisions];
  const inPlace = placesPassedOn(delegations, approval, { run, now });
  return {
    to: 'your decision',
    groups: groupsDeciding(approval, now).map(({ group, groupName: name }) => ({ group, name })),
    ...(inPlace.length > 0 && { inPlace: inPlace.map(({ from, to }) => ({ of: from.oid, person: to })) }),
    but: out.map(({ oid }) => oid),
    copies: true,
    waits: true,
  };
}

/** Those whose run it is. */
export function actorsOf({ actors }: Pick<PublishRun | ChangeRun, 'actors'>): Mentions {
  return { to: 'your run waits for you', people: uniquePeople(actors), waits: true };
}

/** Those who asked, and who joined them: that it is over. */
export function askersOf({ actors }: Pick<PublishRun | ChangeRun, 'actors'>): Mentions {
  const asked = actors.filter(({ did }) => did === 'requested' || did === 'joined');
  return { to: 'you asked for this', people: uniquePeople(asked), waits: false };
}

const uniquePeople = (actors: PublishRun['actors']) => [
  ...new Map(actors.map(({ oid, name }) => [oid, { oid, name }])).values(),
];

/** The same message, with a way to the card of its run. */
export function leadingToRun(reply: Reply, { id }: Pick<PublishRun | ChangeRun, 'id'>): Reply {
  return { ...reply, leadsTo: { topic: `run:${id}`, title: 'Go to the run' } };
}

/** The same message, which calls those people when it is posted. */
export function mentions(reply: Reply, whom: Mentions): Reply {
  return { ...reply, mentions: whom };
}
