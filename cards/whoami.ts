import { call } from '../core/command-call';
import { facts, type Group, lines, markedRow } from './parts/blocks';
import { due, type Instant, list, oneLine } from './parts/format';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/whoami.json';

export interface WhoamiView {
  readonly name: string;
  /** Entra object id. */
  readonly objectId: string;
  readonly tenant: string;
  readonly roles: readonly string[];
  /** The Entra groups that give a role here, and whether the person is in them. */
  readonly groups: readonly { readonly name: string; readonly gives: string; readonly member: boolean }[];
  /** Verbs that the person may use. */
  readonly verbs: readonly string[];
  /** Images that the person has locked. */
  readonly locks?: readonly string[];
  /** Images of which the person is told in their own chat. */
  readonly subscriptions?: readonly string[];
  /** Who decides in the person's place; soonest over first. */
  readonly passedOn?: readonly PlaceView[];
  /** In whose place the person decides. */
  readonly inPlaceOf?: readonly PlaceView[];
  /** Set when Graph did not answer: then nothing is known about groups, and nothing is allowed. */
  readonly directorySilent?: boolean;
}

/** A place in a group that decides, of which somebody lets another one decide. */
export interface PlaceView {
  /** The other person. */
  readonly name: string;
  /** Absent: every image. */
  readonly image?: string;
  readonly until: Instant;
}

const placesOf = (places: readonly PlaceView[] = []): string =>
  list(
    places.map(
      ({ name, image, until }) =>
        `${oneLine(name, 40)} for ${image === undefined ? 'every image' : oneLine(image, 40)} until ${due(until)}`,
    ),
    4,
  );

const imagesOf = (images: readonly string[] | undefined): string | undefined =>
  images &&
  list(
    images.map((image) => oneLine(image, 40)),
    8,
  );

/** Who goldbot takes the person to be, and what follows from that. */
export function whoamiCard(view: WhoamiView): Reply {
  const silent = view.directorySilent === true;
  const entries = facts(
    ['Object id', view.objectId],
    ['Tenant', view.tenant],
    ['Roles', silent ? 'unknown right now' : view.roles.length === 0 ? 'none' : list(view.roles, 8)],
    ['Has locked', imagesOf(view.locks)],
    ['Is told of', imagesOf(view.subscriptions)],
    ['Decides in your place', placesOf(view.passedOn)],
    ['You decide in the place of', placesOf(view.inPlaceOf)],
    ['Commands', list(view.verbs, 30)],
  );
  const rows = view.groups.slice(0, 15).map((group) => {
    const label = `${oneLine(group.name, 80)}: ${oneLine(group.gives, 60)}`;
    return markedRow(group.member ? 'done' : 'todo', label, [], group.member ? 'member' : 'not a member');
  });
  const groups: readonly Group[] = rows.length === 0 ? [] : [{ heading: 'Groups that grant roles', rows }];
  const message = silent
    ? [
        'Microsoft Graph did not say which groups you are in. Until it does, only help and whoami work; nothing is shown or done that needs a role.',
      ]
    : [];
  return sheet(
    template,
    {
      title: `You are ${oneLine(view.name, 80)}`,
      subtitles: ['as your signed message says; names and mail addresses do not count'],
      buttons: [{ title: 'What can I ask?', call: call('help') }],
      next: (view.passedOn ?? [])
        .slice(0, 3)
        .map(({ image }) => call('undelegate', image === undefined ? {} : { image })),
    },
    { paragraphs: lines(message), facts: entries, groups },
  );
}
