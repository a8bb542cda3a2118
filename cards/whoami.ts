import { call } from '../core/command-call';
import { facts, lines, type MarkedRow, markedRow } from './parts/blocks';
import { drawersPart } from './parts/drawers';
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
  readonly groups: readonly {
    readonly name: string;
    /** `publisher of ubuntu-22`. */
    readonly gives: string;
    /** What that is for: `Publish and change images`. */
    readonly allows: string;
    readonly member: boolean;
  }[];
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

/** Who goldbot takes the person to be, what they may do and by which group; ids are folded. */
export function whoamiCard(view: WhoamiView): Reply {
  const silent = view.directorySilent === true;
  const [mine, others] = [view.groups.filter(({ member }) => member), view.groups.filter(({ member }) => !member)];
  const rows = mine
    .slice(0, 10)
    .map(({ name, gives, allows }) =>
      markedRow('done', oneLine(allows, 120), [`${oneLine(gives, 60)}, by ${oneLine(name, 60)}`]),
    );
  const message = silent
    ? [
        'Microsoft Graph did not say which groups you are in. Until it does, only help and whoami work; nothing is shown or done that needs a role.',
      ]
    : [];
  return sheet(
    template,
    {
      title: `You are ${oneLine(view.name, 80)}`,
      subtitles: [silent ? 'Your roles are not known right now' : rolesWords(view.roles)],
      buttons: [{ title: 'What can I ask?', call: call('help') }],
      next: (view.passedOn ?? [])
        .slice(0, 3)
        .map(({ image }) => call('undelegate', image === undefined ? {} : { image })),
    },
    {
      paragraphs: lines(message),
      groups: rows.length === 0 ? [] : [{ heading: 'You may', rows }],
      facts: facts(
        ['Has locked', imagesOf(view.locks)],
        ['Is told of', imagesOf(view.subscriptions)],
        ['Decides on your behalf', placesOf(view.passedOn)],
        ['You decide on behalf of', placesOf(view.inPlaceOf)],
      ),
      drawers: drawersPart([
        { heading: 'Groups that allow more', rows: others.slice(0, 15).map(otherRow) },
        { heading: 'Your ids', facts: facts(['Object id', view.objectId], ['Tenant', view.tenant]) },
      ]),
      notes: lines(['goldbot knows you by the signature of your message; names and mail addresses do not count.']),
    },
  );
}

function rolesWords(roles: readonly string[]): string {
  if (roles.length === 0) return 'You have no role yet';
  return list(
    roles.map((role) => oneLine(role, 30)),
    8,
  );
}

const otherRow = ({ name, gives, allows }: WhoamiView['groups'][number]): MarkedRow =>
  markedRow('todo', oneLine(name, 80), [`${oneLine(gives, 60)}: ${oneLine(allows, 120)}`]);
