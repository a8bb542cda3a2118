import { entra, type Person } from '../entra/people';
import type { Json, Route, SandboxRequest, SandboxResponse } from '../kernel/types';
import { botId, botName, clickActivity, messageActivity, withMentions } from './activities';
import { executeActions, findAction, mergedData, opensDialog, verbOf, type Wanted } from './card-actions';
import { choices, openDialog, submit } from './dialogs';
import { findThings, lookAtLink, selectThing } from './extension';
import type { TeamsFace } from './face';
import { type Card, isObject, type Message, type Place } from './model';
import { Refusal } from './refusal';
import { conversations, teams, userId } from './roster';
import { findCard, findPerson, findPlace, placeOfMessage, type Seen, textField } from './script-input';
import { askForView, cardIn, lookAt, lookedAtByAll, showTo, type Turn } from './views';

/** The endpoints that scripts and the page use; described in full in docs/sandbox.md. */
export function scriptRoutes(face: TeamsFace): Route[] {
  return [
    { method: 'GET', path: '/api/state', handle: () => ({ status: 200, body: state(face) }) },
    { method: 'POST', path: '/api/say', handle: answered((request) => say(face, request)) },
    { method: 'POST', path: '/api/click', handle: answered((request) => click(face, request)) },
    { method: 'POST', path: '/api/submit', handle: answered((request) => submit(face, request)) },
    { method: 'POST', path: '/api/choices', handle: answered((request) => choices(face, request)) },
    { method: 'POST', path: '/api/find', handle: answered((request) => findThings(face, request)) },
    { method: 'POST', path: '/api/select', handle: answered((request) => selectThing(face, request)) },
    { method: 'POST', path: '/api/link', handle: answered((request) => lookAtLink(face, request)) },
    { method: 'POST', path: '/api/refresh', handle: answered((request) => refresh(face, request)) },
    {
      method: 'GET',
      path: '/api/conversations/{id}/messages',
      handle: answered(async (request, params) => {
        const place = findPlace(face, params['id'] ?? '');
        const as = request.url.searchParams.get('as');
        const viewer = as === null ? undefined : findPerson(face, as);
        const seen = face.chat.list(place).filter(({ onlyFor }) => !viewer || !onlyFor || onlyFor === viewer.id);
        if (viewer) await within(lookPatienceMs, Promise.all(seen.map((m) => looked(face, m, viewer))));
        return { status: 200, body: seen.map((m) => told(m, viewer)) };
      }),
    },
  ];
}

/** Nobody waits longer for their own cards than this to see the others; machine time. */
const lookPatienceMs = 3_000;

function looked(face: TeamsFace, message: Message, viewer: Person): Promise<void> {
  const place = placeOfMessage(face, message);
  return place ? lookAt(face, message, place, viewer) : Promise.resolve();
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise((done) => {
    timer = setTimeout(done, ms);
  });
  await Promise.race([work, over]).finally(() => clearTimeout(timer));
}

type Handle = (request: SandboxRequest, params: Readonly<Record<string, string>>) => Promise<SandboxResponse>;

/** Turns a refusal into its answer. */
export function answered(handle: Handle): Handle {
  return async (request, params) => {
    try {
      return await handle(request, params);
    } catch (error) {
      if (error instanceof Refusal) return error.response;
      throw error;
    }
  };
}

function state(face: TeamsFace) {
  const { people, groups } = entra(face.world);
  const { link, world } = face;
  return {
    world: world.id,
    bot: { id: botId(link.tokens.appId), appId: link.tokens.appId, name: botName, urls: link.addresses },
    people: people.map(({ id, name, title, mail, tenantId, ...p }) => ({
      id,
      name,
      groups: groups.filter((g) => g.members.includes(id)).map((g) => g.name),
      title,
      mail,
      tenantId,
      userId: userId({ id, name, title, mail, tenantId, ...p }),
    })),
    conversations: conversations(world).map(({ team, ...c }) => ({ ...c, ...(team && { team: team.name }) })),
    teams: teams.map(({ id, name }) => ({ id, name })),
  };
}

/**
 * A message as scripts see it; to a viewer, with the card as that person sees it. A card without words beside it has the
 * text that Teams reads out for it: its summary.
 */
export function told(message: Message, viewer?: Person) {
  const { id, from, fromId, text, at, summary, rootId } = message;
  const { updatedAt, undelivered, refused, pending, onlyFor, mentions, alert } = message;
  const replyToId = rootId ?? message.replyToId;
  const card = (viewer && message.views?.[viewer.id]) ?? message.card;
  return {
    id,
    from,
    fromId,
    text: text || (summary ?? ''),
    ...(summary && { summary }),
    ...(card && { card }),
    ...(replyToId && { replyToId }),
    at,
    ...(updatedAt && { updatedAt }),
    ...(undelivered && { undelivered }),
    ...(refused && { refused }),
    ...(pending && { pending }),
    ...(onlyFor && { onlyFor }),
    ...(mentions && { mentions }),
    ...(alert && { alert }),
  };
}

async function say(face: TeamsFace, { body }: SandboxRequest): Promise<SandboxResponse> {
  const input = isObject(body) ? body : {};
  const person = findPerson(face, textField(input, 'as'));
  const place = findPlace(face, textField(input, 'in'), person);
  const draft = input['draft'] === undefined ? undefined : face.drafts.take(textField(input, 'draft'), person);
  const typed = draft && !input['text'] ? '' : textField(input, 'text').trim();
  if (typed === '' && !draft) throw new Refusal(400, 'BadInput', '`text` is empty; say something.');
  const targeted = input['targeted'] === true;
  if (targeted && place.conversation.kind === 'personal')
    throw new Refusal(400, 'BadInput', 'One’s own chat is private anyway: there is nothing to target.');
  const mentioned = withMentions(typed, face.link.tokens.appId, entra(face.world).people);
  const message = face.chat.post(place, {
    ...{ fromId: person.id, from: person.name, text: typed },
    ...(draft && { card: draft.card, summary: draft.title }),
    ...(targeted && { onlyFor: person.id }),
  });
  const forBot = targeted || mentioned.mentions.some((m) => m.mentioned.id === botId(face.link.tokens.appId));
  if (place.conversation.kind !== 'personal' && !forBot)
    return { status: 200, body: { activityId: message.id, messages: [] } };

  const thread: Place =
    place.conversation.kind === 'channel' ? { ...place, rootId: place.rootId ?? message.id } : place;
  const said = { id: message.id, ...mentioned, targeted, ...(draft && { card: draft.card }) };
  // What is for everybody starts a thread of its own: nobody can reply to what only one person sees.
  const answers = listenFor(face, targeted ? { conversation: place.conversation } : thread, message.id);
  const turn = await face.link.deliver(messageActivity(face.link.setting, person, thread, said));
  if (turn.problem) {
    answers.stop();
    message.undelivered = turn.problem;
    face.chat.changed(message);
    throw new Refusal(502, 'BotUnreachable', turn.problem, { activityId: message.id });
  }
  const refusal = problemOf(turn);
  if (refusal.problem) {
    message.refused = refusal.problem;
    face.chat.changed(message);
  } else if (!turn.silent) await answers.first;
  answers.stop();
  await within(lookPatienceMs, Promise.all(answers.heard.map((m) => looked(face, m, person))));
  return {
    status: 200,
    body: {
      activityId: message.id,
      messages: answers.heard.map((m) => told(m, person)),
      status: turn.status,
      ...refusal,
    },
  };
}

/** A bot acknowledges a message when it has it, and answers later; after this, scripts are told that nothing came. */
const answerPatienceMs = 10_000;

interface Answers {
  readonly heard: readonly Message[];
  /** Resolves with the first one, or without any when the patience is over. */
  readonly first: Promise<void>;
  stop(): void;
}

/** What the bot posts in a thread or chat from now on, except answers to other messages. */
function listenFor(face: TeamsFace, { conversation, rootId }: Place, question: string): Answers {
  const heard: Message[] = [];
  let stop = (): void => {};
  const first = new Promise<void>((done) => {
    // Nothing else of this process waits for it.
    const patience = setTimeout(done, answerPatienceMs).unref();
    const unlisten = face.chat.listen((event) => {
      if (event.kind !== 'message') return;
      const { message } = event;
      const here = message.conversationId === conversation.id && (!rootId || message.rootId === rootId);
      if (!here || message.fromId !== 'bot' || message.deleted || heard.includes(message)) return;
      // A live card is posted for its own sake: it names no message that it answers.
      if (message.replyToId !== undefined && message.replyToId !== question) return;
      if (message.updatedAt !== undefined) return;
      heard.push(message);
      done();
    });
    stop = () => {
      clearTimeout(patience);
      unlisten();
      done();
    };
  });
  return { heard, first, stop: () => stop() };
}

/** What Teams hides from people but a script's author needs: the bot did not accept the activity. */
function problemOf({ status }: { readonly status: number }): { problem?: string } {
  if (status < 400) return {};
  const why = status === 403 ? ': it does not serve this person, tenant or channel' : '';
  return { problem: `The bot answered ${status}${why}. Its log says more.` };
}

async function click(face: TeamsFace, { body }: SandboxRequest): Promise<SandboxResponse> {
  const input = isObject(body) ? body : {};
  const person = findPerson(face, textField(input, 'as'));
  const { message, place } = findCard(face, textField(input, 'activityId'), person);
  await lookAt(face, message, place, person);
  const { card } = findCard(face, message.id, person);
  const title = input['title'] === undefined ? undefined : textField(input, 'title');
  const verb = input['verb'] === undefined ? undefined : textField(input, 'verb');
  if (title === undefined && verb === undefined)
    throw new Refusal(400, 'BadInput', 'Name the button by `title` or `verb`.');
  const given = input['data'] ?? {};
  if (!isObject(given)) throw new Refusal(400, 'BadInput', '`data` must be an object: {"<input id>": "<value>"}.');
  const data = given as Record<string, Json>;
  const wanted = { title, verb, data };
  const { card: everybodys = card, past = [] } = message;
  const action =
    findAction(executeActions(card), wanted) ??
    findAction(executeActions(everybodys), wanted) ??
    findAction(past, wanted) ??
    (await actionOfOthers(face, { message, place }, wanted));
  if (!action) {
    const known = executeActions(card).map((a) => ({ title: a.title, verb: verbOf(a) }));
    throw new Refusal(404, 'NoSuchButton', `The card has no button "${title ?? verb}".`, { known: known as Json });
  }
  const merged = mergedData(card, action, data);
  if (opensDialog(action)) {
    const opened = await openDialog(face, { person, place, data: merged, cardId: message.id });
    return { status: 200, body: opened as unknown as Json };
  }
  const clicked = { cardId: message.id, action, data: merged, trigger: 'manual' } as const;
  const { setting } = face.link;
  const turn = await face.link.deliver(clickActivity(setting, person, place, clicked));
  return { status: 200, body: shown(face, { message, person, turn }) };
}

/** What only others are shown can be pressed by whoever forges it: the bot must refuse it, and so it gets there. */
async function actionOfOthers(face: TeamsFace, { message, place }: Pick<Seen, 'message' | 'place'>, wanted: Wanted) {
  await lookedAtByAll(face, message, place);
  return findAction(Object.values(message.views ?? {}).flatMap(executeActions), wanted);
}

/** Teams asks for a new card by itself when somebody for whom the card says so looks at it. */
async function refresh(face: TeamsFace, { body }: SandboxRequest): Promise<SandboxResponse> {
  const input = isObject(body) ? body : {};
  const person = findPerson(face, textField(input, 'as'));
  const { message, place } = findCard(face, textField(input, 'activityId'), person);
  const turn = await askForView(face, { message, place }, person);
  if (!turn) throw new Refusal(400, 'NoRefresh', `The card does not refresh itself for ${person.name}.`);
  return { status: 200, body: shown(face, { message, person, turn }) };
}

interface Outcome {
  readonly message: Message;
  readonly person: Person;
  readonly turn: Turn;
}

/** What the person sees after a click: another card, a few words, or that something went wrong. */
function shown(
  face: TeamsFace,
  { message, person, turn }: Outcome,
): { status: number; card?: Card; message?: string; problem?: string } {
  const { body } = turn;
  if (turn.problem) return { status: turn.status || 502, message: turn.problem };
  if (turn.status !== 200 || !isObject(body) || typeof body['statusCode'] !== 'number') {
    return {
      status: turn.status === 200 ? 502 : turn.status,
      message: 'Something went wrong. Please try again.',
      ...problemOf(turn),
    };
  }
  const { statusCode: status, value } = body as { statusCode: number; value?: unknown };
  const card = cardIn(turn);
  if (card) {
    showTo(face, message, person, card);
    return { status, card };
  }
  if (typeof value === 'string') return { status, message: value };
  const text = isObject(value) ? value['message'] : undefined;
  return text === undefined ? { status } : { status, message: String(text) };
}
