import { z } from 'zod';
import { due, list, noticeCard } from '../../cards';
import { approverGroups } from '../../core/access';
import type { Catalogue } from '../../core/catalogue';
import { call, exampleCall, type Values } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { longestDelegationDays } from '../../core/runs';
import { days, parseWhen } from '../../core/time';
import { type CommandContext, type Deps, defineCommand, imageName, word } from '../conversation';
import { imageOf } from '../present';

/** `delegate <person> --until [--image]`: somebody who could decide too decides in your place until a moment. */
export const delegate = defineCommand({
  verb: 'delegate',
  summary: 'Lets another approver decide on your behalf until a given time; it ends by itself.',
  group: 'Decide',
  role: 'approver',
  effect: 'write',
  args: z.object({
    person: word('Person', '@person', { example: 'Heidi', mention: true, pick: 'people' }),
    until: word('Until, such as +2w or 2026-12-18', 'when', { example: '+2w', pick: 'day' }),
    image: imageName.optional(),
  }),
  examples: ['delegate @Heidi --until +2w', 'delegate @Heidi --until 2026-12-18 --image ubuntu-22'],

  async run(ctx, { person: typed, until: when, image: only }, deps) {
    const until = endOf({ person: typed, until: when, ...(only !== undefined && { image: only }) }, ctx.now);
    const images = imagesOf(ctx, deps.catalogue(), only);
    const to = await personOf(ctx, typed, { images, deps });
    await mustDecide(to, { typed, images, until: when }, deps);
    const image = only === undefined ? null : (images[0] ?? null);
    const intent = `delegate:${ctx.intent}`;
    await deps.delegations.delegate({ to, image, until, person: ctx.person, intent });
    return noticeCard({
      message: `${to.name} decides on your behalf until ${due(until)}`,
      details: [
        `${image === null ? 'For every image' : `For ${image}`}, where you would be asked: both of you count for one, and whoever of you decides first has decided.`,
        'Not for what you asked for or took part in: there you have no decision to pass on. What others passed on to you stays with you.',
        'Open requests show it, and it ends by itself.',
      ],
      next: [call('undelegate', image === null ? {} : { image }), call('approvals')],
    });
  },
});

/** @throws UserError `WRONG_ROLE`: not an approver of the image. */
function imagesOf(ctx: CommandContext, catalogue: Catalogue, typed: string | undefined): readonly string[] {
  const own = catalogue.images.map(({ name }) => name).filter((name) => ctx.rights.has('approver', name));
  if (typed === undefined) return own;
  const only = imageOf(catalogue, typed).image.name;
  if (own.includes(only)) return [only];
  throw new UserError('WRONG_ROLE', `You are not an approver of ${only}, so there is nothing to pass on.`, {
    hint: 'See what you may do.',
    next: [call('whoami')],
  });
}

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

interface Among {
  readonly images: readonly string[];
  readonly deps: Deps;
}

/**
 * By object id (of whoever is mentioned), or by the name of an approver whom goldbot has met: it may not read Entra's list
 * of people.
 *
 * @throws UserError `BAD_COMMAND`, `DIRECTORY_SILENT`.
 */
async function personOf(ctx: CommandContext, typed: string, { images, deps }: Among) {
  const name = typed.trim().replace(/^@/, '');
  const id = guid.test(name) ? name.toLowerCase() : undefined;
  const known = id === undefined ? await approversIn({ images, deps }) : await deps.reads.namesOf([id]);
  const found =
    id === undefined
      ? [...known]
          .filter(([, own]) => own.toLowerCase() === name.toLowerCase())
          .map(([oid, own]) => ({ oid, name: own }))
      : [{ oid: id, name: known.get(id) ?? id }];
  const [first, ...more] = found;
  if (first && first.oid === ctx.person.oid.toLowerCase()) {
    throw refused('You cannot pass your decisions on to yourself; nothing was done.', 'Name another approver.');
  }
  if (first && more.length === 0) return first;
  if (first) {
    const ids = list(
      found.map(({ oid }) => oid),
      5,
    );
    throw refused(`${found.length} approvers are called ${name}; nothing was done.`, `Say which by object id: ${ids}.`);
  }
  const others = [...known].filter(([oid]) => oid !== ctx.person.oid.toLowerCase()).map(([, own]) => own);
  const names = others.length === 0 ? '' : ` By name it knows ${list(others, 5)}.`;
  throw refused(
    `goldbot knows no approver called “${name.slice(0, 60)}”; nothing was done.`,
    `It knows people by name once they have written to it. Mention who you mean in a channel (“@goldbot delegate @${name.slice(0, 60)} …”), or write the object id that “whoami” tells them.${names}`,
  );
}

/** Approvers of any of the images whose names goldbot has seen, by object id. */
async function approversIn({ images, deps }: Among): Promise<ReadonlyMap<string, string>> {
  const groups = new Set(images.flatMap((image) => approverGroups(deps.catalogue().roles, image)));
  const members = await Promise.all([...groups].map((group) => deps.deciders(group)));
  return deps.reads.namesOf([...new Set(members.flatMap(({ ids }) => ids))]);
}

/** Nobody is given what they could not do by the roles. @throws UserError `BAD_COMMAND`, `DIRECTORY_SILENT`. */
async function mustDecide(
  to: { readonly oid: string; readonly name: string },
  { typed, images, until }: { readonly typed: string; readonly images: readonly string[]; readonly until: string },
  { directory, catalogue }: Deps,
): Promise<void> {
  const groups = new Map(images.map((image) => [image, approverGroups(catalogue().roles, image)] as const));
  const member = await directory.memberOf(to.oid, [...new Set([...groups.values()].flat())], 0);
  const may = (image: string) => groups.get(image)?.some((group) => member.includes(group));
  const lacking = images.filter((image) => !may(image));
  if (lacking.length === 0) return;
  const able = images.find(may);
  throw refused(
    `${to.name} is not an approver of ${list([...lacking], 5)}, so could not decide; nothing was done.`,
    able === undefined ? 'Name another approver.' : 'Pass on one image.',
    ...(able === undefined ? [] : [call('delegate', { person: typed, until, image: able })]),
  );
}

function refused(message: string, hint: string, ...next: readonly ReturnType<typeof call>[]): UserError {
  return new UserError('BAD_COMMAND', message, { hint, next: next.length > 0 ? next : [call('approvals')] });
}

/** To the whole second, so that the same command again means the same moment. */
function endOf(given: Values & { readonly until: string }, now: Date): Date {
  const when = parseWhen(given.until, now);
  if (when && when > now && when.getTime() - now.getTime() <= days(longestDelegationDays)) {
    return new Date(Math.floor(when.getTime() / 1_000) * 1_000);
  }
  const far = `is more than ${longestDelegationDays} days ahead`;
  const why = when ? (when > now ? far : 'is in the past') : 'is not a date';
  throw new UserError('BAD_COMMAND', `"${given.until.slice(0, 40)}" ${why}; nothing was done.`, {
    hint: `Write a date or a duration of at most ${longestDelegationDays} days.`,
    facts: { field: 'until' },
    next: [exampleCall('delegate', { ...given, until: '+2w' })],
  });
}
