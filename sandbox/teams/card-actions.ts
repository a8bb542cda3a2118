import type { Json } from '../kernel/types';
import { type Card, type ExecuteAction, isObject, type Message } from './model';

/** Every button of a card that reaches the bot, including nested ones and those that not every client shows. */
export function executeActions(card: Card): ExecuteAction[] {
  const found: ExecuteAction[] = [];
  walk(card, (element) => {
    const reaches = element['type'] === 'Action.Execute' || opensDialog(element);
    if (reaches) found.push(element as unknown as ExecuteAction);
  });
  return found;
}

/** Teams opens a dialog for an `Action.Submit` that says so in its data; of other ones a bot here gets nothing. */
export function opensDialog({ type, data }: Record<string, unknown> | ExecuteAction): boolean {
  const msteams = isObject(data) ? data['msteams'] : undefined;
  return type === 'Action.Submit' && isObject(msteams) && msteams['type'] === 'task/fetch';
}

/** The buttons that count in a dialog. */
export function submitActions(card: Card): ExecuteAction[] {
  const found: ExecuteAction[] = [];
  walk(card, (element) => {
    if (element['type'] === 'Action.Submit') found.push(element as unknown as ExecuteAction);
  });
  return found;
}

/** A submit action has no verb of its own: bots put it in its data. */
export function verbOf({ verb, data }: ExecuteAction): string | undefined {
  const within = isObject(data) ? data['verb'] : undefined;
  return verb ?? (typeof within === 'string' ? within : undefined);
}

/** The values that the card's inputs have before anybody touches them. */
export function inputDefaults(card: Card): Record<string, Json> {
  const values: Record<string, Json> = {};
  walk(card, (element) => {
    if (!String(element['type']).startsWith('Input.') || typeof element['id'] !== 'string') return;
    const empty = element['type'] === 'Input.Toggle' ? (element['valueOff'] ?? 'false') : undefined;
    const value = element['value'] ?? empty;
    if (value !== undefined) values[element['id']] = value as Json;
  });
  return values;
}

export interface Wanted {
  readonly title?: string | undefined;
  readonly verb?: string | undefined;
  readonly data: Record<string, Json>;
}

/** The button with this title or verb; of several alike, the one whose own data was sent along. */
export function findAction(buttons: readonly ExecuteAction[], wanted: Wanted): ExecuteAction | undefined {
  const alike = buttons.filter(
    (a) =>
      (wanted.title === undefined || a.title === wanted.title) &&
      (wanted.verb === undefined || verbOf(a) === wanted.verb),
  );
  const exact = alike.find(
    ({ data }) => isObject(data) && Object.entries(data).every(([k, v]) => same(wanted.data[k], v as Json)),
  );
  return exact ?? alike[0];
}

/** What the client sends: the action's own data, and over it the inputs. */
export function mergedData(card: Card, action: ExecuteAction, given: Record<string, Json>): Record<string, Json> {
  const inputs = action.associatedInputs?.toLowerCase() === 'none' ? {} : inputDefaults(card);
  return { ...(isObject(action.data) ? (action.data as Record<string, Json>) : {}), ...inputs, ...given };
}

/** How many buttons of earlier states a message keeps. */
const keptButtons = 24;

/** Keeps the buttons of a card that is about to be replaced, with what its inputs held. */
export function rememberButtons(message: Message, card: Card | undefined): void {
  if (!card) return;
  const known = new Set<string>();
  const buttons = executeActions(card).map((a) => ({ ...a, data: mergedData(card, a, {}), associatedInputs: 'none' }));
  message.past = [...buttons, ...(message.past ?? [])]
    .filter((button) => {
      const text = JSON.stringify(button);
      return !known.has(text) && known.add(text);
    })
    .slice(0, keptButtons);
}

const same = (a: Json | undefined, b: Json) => JSON.stringify(a) === JSON.stringify(b);

/** Parts of a card that hold no elements of it. `refresh` holds an action that nobody can press. */
const opaque = new Set(['data', 'fallback', 'refresh', 'authentication']);

/** What the page draws of Teams' own elements: `sandbox/page/elements.js`. Any other is replaced by its fallback. */
export const drawnOfTeams: ReadonlySet<string> = new Set([
  'Badge',
  'ProgressBar',
  'CodeBlock',
  'Icon',
  'CompoundButton',
  'Chart.Line',
  'Chart.Donut',
  'Chart.HorizontalBar.Stacked',
]);
const ofTeams = /^(Chart\.|Rating$|ProgressRing$|Carousel$|Component$)/;

function walk(value: unknown, visit: (element: Record<string, unknown>) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, visit);
  } else if (isObject(value)) {
    visit(value);
    for (const [name, part] of Object.entries(value)) if (isShown(name, value)) walk(part, visit);
  }
}

/** What stands in for an element that the page does not draw is shown in its place. */
function isShown(name: string, element: Record<string, unknown>): boolean {
  const type = String(element['type']);
  return !opaque.has(name) || (name === 'fallback' && ofTeams.test(type) && !drawnOfTeams.has(type));
}
