import type { AdaptiveCard, Reply } from '../cards';
import { isRecord } from '../core/collections';
import type { CommandCall } from '../core/command-call';

/**
 * What somebody only looks at takes the place of the card that they pressed, before them alone. Nothing of it is stored:
 * the buttons of a card carry what it was the answer to, and a button of what comes in its place leads back there. Who
 * forges them gains a press that they could have made anyway.
 */
export const backMark = 'goldbotBack';

/** How far back a card leads. */
const mostSteps = 3;
/** What a card may weigh; one without room for the way back has none. */
const mostBytes = 25 * 1024;

/** What can be gone back to, the last one last. */
export type Way = readonly Pick<CommandCall, 'verb' | 'values'>[];

/** The way that a pressed button carries. */
export function wayIn(data: unknown): Way {
  const steps = isRecord(data) ? data[backMark] : undefined;
  if (!Array.isArray(steps)) return [];
  return steps.slice(-mostSteps).filter((step) => isRecord(step) && typeof step['verb'] === 'string') as Way;
}

/** The same answer, from which one can go on and come back: to itself, and to where `way` leads. */
export function onTheWay<Shown extends Reply & { readonly call?: CommandCall }>(reply: Shown, way: Way = []): Shown {
  const { card, call } = reply;
  if (!card || (!call && way.length === 0)) return reply;
  const here = call ? [...way, { verb: call.verb, values: call.values }] : way;
  for (const steps of [here.slice(-mostSteps), here.slice(-1), []]) {
    const made = withBack(marked(card, steps) as AdaptiveCard, way);
    if (Buffer.byteLength(JSON.stringify(made)) <= mostBytes) return { ...reply, card: made };
  }
  return reply;
}

function marked(part: unknown, steps: Way): unknown {
  if (steps.length === 0) return part;
  if (Array.isArray(part)) return part.map((one) => marked(one, steps));
  if (!isRecord(part)) return part;
  const inner = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, marked(value, steps)]));
  if (part['type'] !== 'Action.Execute') return inner;
  return { ...inner, data: { ...(isRecord(part['data']) && part['data']), [backMark]: steps } };
}

/** Buttons that are shown beside each other. */
const shownButtons = 6;

/** Among the first buttons, so that no client hides it. */
function withBack(card: AdaptiveCard, way: Way): AdaptiveCard {
  const last = way.at(-1);
  if (!last) return card;
  const rest = way.slice(0, -1);
  const data = { ...last.values, ...(rest.length > 0 && { [backMark]: rest }) };
  const back = { type: 'Action.Execute', title: 'Back', verb: last.verb, data, associatedInputs: 'none' };
  const { actions = [] } = card;
  return { ...card, actions: [...actions.slice(0, shownButtons - 1), back, ...actions.slice(shownButtons - 1)] };
}
