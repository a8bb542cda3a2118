import type { Json } from '../kernel/types';
import { type Card, isObject } from './model';

export interface ExecuteAction {
  readonly type: string;
  readonly title?: string;
  readonly verb?: string;
  readonly id?: string;
  readonly data?: Json;
  readonly associatedInputs?: string;
}

/** Every button of a card that reaches the bot, nested ones included; fallbacks of elements that are known are not shown. */
export function executeActions(card: Card): ExecuteAction[] {
  const found: ExecuteAction[] = [];
  walk(card, (element) => {
    if (element['type'] === 'Action.Execute') found.push(element as unknown as ExecuteAction);
  });
  return found;
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
export function findAction(card: Card, wanted: Wanted): ExecuteAction | undefined {
  const alike = executeActions(card).filter(
    (a) =>
      (wanted.title === undefined || a.title === wanted.title) && (wanted.verb === undefined || a.verb === wanted.verb),
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

const same = (a: Json | undefined, b: Json) => JSON.stringify(a) === JSON.stringify(b);

/** Parts of a card that hold no elements of it. `refresh` holds an action that nobody can press. */
const opaque = new Set(['data', 'fallback', 'refresh', 'authentication']);

function walk(value: unknown, visit: (element: Record<string, unknown>) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, visit);
  } else if (isObject(value)) {
    visit(value);
    for (const [name, part] of Object.entries(value)) if (!opaque.has(name)) walk(part, visit);
  }
}
