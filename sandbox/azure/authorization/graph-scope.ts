import type { Route } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { list, object } from '../compute/resource';
import { readsAll, visibleSubscriptions } from './access';

/** In no estate: a query about it alone is answered as if the caller may see nothing. */
const nowhere = '00000000-0000-0000-0000-000000000000';

/** Resource Graph shows a caller only the subscriptions of which they may read something. */
export function narrowedToReadable(world: World, routes: readonly Route[]): Route[] {
  return routes.map((route) => ({
    ...route,
    handle: (request, params) => {
      if (readsAll(world, request.headers)) return route.handle(request, params);
      const body = object(request.body);
      const asked = list(body['subscriptions']).map((id) => String(id).toLowerCase());
      const visible = visibleSubscriptions(world, request.headers);
      const subscriptions = asked.length === 0 ? visible : visible.filter((id) => asked.includes(id));
      const narrowed = { ...body, subscriptions: subscriptions.length === 0 ? [nowhere] : subscriptions };
      return route.handle({ ...request, body: narrowed }, params);
    },
  }));
}

/** Anybody may ask `GET /subscriptions`; the answer holds what the caller may see. */
export function onlyVisibleSubscriptions(world: World, routes: readonly Route[]): Route[] {
  return routes.map((route) => {
    if (route.path !== '/subscriptions') return route;
    return {
      ...route,
      handle: async (request, params) => {
        const answer = await route.handle(request, params);
        const visible = visibleSubscriptions(world, request.headers);
        const seen = (s: unknown) => visible.includes(String(object(s)['subscriptionId']));
        return { ...answer, body: { ...object(answer.body), value: list(object(answer.body)['value']).filter(seen) } };
      },
    };
  });
}
