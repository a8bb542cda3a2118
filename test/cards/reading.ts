import type { Reply } from '../../cards';

export type Node = Readonly<Record<string, unknown>>;

export function* nodes(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const item of value) yield* nodes(item);
  else if (typeof value === 'object' && value !== null) {
    yield value as Node;
    for (const inner of Object.values(value)) yield* nodes(inner);
  }
}

/** Every element of a kind, those of fallbacks among them. */
export const all = (reply: Reply, type: string) => [...nodes(reply.card)].filter((node) => node['type'] === type);
export const texts = (reply: Reply) => all(reply, 'TextBlock').map((block) => String(block['text']));

/** A case of a fixture; one that is not there is a mistake of the test. */
export function of<View>(cases: Readonly<Record<string, View>>, name: string): View {
  const view = cases[name];
  if (view === undefined) throw new Error(`no case ${name}`);
  return view;
}

/** Whatever can be clicked, with what it sends. */
export function clicks(
  reply: Reply,
): readonly { readonly verb: string; readonly data: Readonly<Record<string, unknown>> }[] {
  const opening = all(reply, 'Action.Submit').map(({ data }) => {
    const { verb, values } = data as Node;
    return { verb, data: values };
  });
  return [...all(reply, 'Action.Execute'), ...opening] as never;
}
