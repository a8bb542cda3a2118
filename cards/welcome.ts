import { facts, lines } from './parts/blocks';
import type { Button } from './parts/buttons';
import { list, oneLine } from './parts/format';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/welcome.json';

export interface WelcomeView {
  /** `own`: somebody's chat with goldbot; `team`: all channels of a team; `chat`: of several people. */
  readonly place: 'own' | 'team' | 'chat';
  /** Who added it. */
  readonly by: string;
  readonly team?: string;
  /** The channels of the team in which it writes by itself. */
  readonly writesIn?: readonly string[];
  /** Of whose chat it is; `unknown`: Microsoft Graph did not say. */
  readonly roles?: readonly string[] | 'unknown';
  /** Whom somebody without a role can ask: a sentence. */
  readonly whom?: string;
  /** Which groups may do what. */
  readonly users: readonly { readonly may: string; readonly groups: readonly string[] }[];
  /** What to do first. */
  readonly buttons: readonly Button[];
}

const titles: Readonly<Record<WelcomeView['place'], string>> = {
  own: 'goldbot: your golden images',
  team: 'goldbot is in this team',
  chat: 'goldbot is in this chat',
};

/** What goldbot says where it was added, once. */
export function welcomeCard(view: WelcomeView): Reply {
  const { place, by, users, buttons } = view;
  return sheet(
    template,
    {
      title: titles[place],
      subtitles: [place === 'own' ? '' : `Added by ${oneLine(by, 60)}`],
      buttons: buttons.slice(0, 3),
    },
    {
      paragraphs: lines(place === 'own' ? ofOwn(view) : ofOthers(view), 400),
      facts: facts(...users.slice(0, 6).map(({ may, groups }) => [may, names(groups)] as const)),
    },
  );
}

const does = 'It publishes golden VM images, asks before one becomes the latest, and tells which machines run what.';

function ofOwn({ by, roles = [], whom }: WelcomeView): readonly string[] {
  const asking = 'Write what you want to know in your own words, such as “what is running”, or press a button.';
  if (roles === 'unknown')
    return [does, 'Microsoft Graph did not say which groups you are in; send whoami in a minute.'];
  if (roles.length > 0) return [does, `${oneLine(by, 60)}, you are ${list(roles, 6)} here. ${asking}`];
  return [does, `You have no role here yet, so it cannot show you anything yet. ${whom ?? ''}`.trim()];
}

function ofOthers({ place, writesIn }: WelcomeView): readonly string[] {
  const hears = 'Mention it to ask: “@goldbot what is running”. It reads only messages that mention it.';
  if (place !== 'team' || writesIn === undefined) return [does, hears, answers];
  const own =
    writesIn.length === 0
      ? 'By itself it writes nothing here: its catalogue names no channel of this team.'
      : `By itself it writes in ${list(
          writesIn.map((name) => oneLine(name, 60)),
          4,
        )}.`;
  return [does, hears, own, answers];
}

const answers = 'Whoever asks gets what their own groups allow:';

const names = (groups: readonly string[]): string =>
  list(
    groups.map((name) => oneLine(name, 60)),
    4,
  );
