import type { Params, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import { object } from '../compute/resource';
import { products } from './catalogue';

interface AgreementsSection {
  /** Plans whose terms a subscription has accepted, by lower-case `subscription publisher product name`. */
  accepted: Record<string, true>;
}

interface Terms {
  readonly subscriptionId: string;
  readonly publisher: string;
  readonly product: string;
  readonly name: string;
}

const agreements = (world: World): AgreementsSection =>
  world.section<AgreementsSection>('marketplaceAgreements', () => ({ accepted: {} }));

const nameOf = ({ subscriptionId, publisher, product, name }: Terms): string =>
  key([subscriptionId, publisher, product, name].join(' '));

export const termsAccepted = (world: World, terms: Terms): boolean =>
  agreements(world).accepted[nameOf(terms)] === true;

/** The terms of offers that are bought: read by tools, accepted by a person, once for a subscription. */
export function agreementRoutes(world: World): Route[] {
  const path =
    '/subscriptions/{subscriptionId}/providers/Microsoft.MarketplaceOrdering/offerTypes/virtualmachine/publishers/{publisher}/offers/{product}/plans/{name}/agreements/current';
  return [
    { method: 'GET', path, handle: (_, params) => get(world, params) },
    { method: 'PUT', path, handle: (request, params) => put(world, request, params) },
  ];
}

function get(world: World, params: Params): SandboxResponse {
  const terms = params as unknown as Terms;
  const known = products.some(
    ({ plan }) =>
      plan &&
      key(plan.publisher) === key(terms.publisher) &&
      key(plan.product) === key(terms.product) &&
      key(plan.name) === key(terms.name),
  );
  if (!known) {
    const message = `Unable to find legal terms for this offer: ${terms.publisher}, ${terms.product}, ${terms.name}.`;
    return armError(400, 'BadRequest', message);
  }
  return { status: 200, body: view(world, terms) };
}

function put(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const found = get(world, params);
  if (found.status !== 200) return found;
  const terms = params as unknown as Terms;
  const { accepted } = agreements(world);
  if (object(object(request.body)['properties'])['accepted'] === true) accepted[nameOf(terms)] = true;
  else delete accepted[nameOf(terms)];
  return { status: 200, body: view(world, terms) };
}

function view(world: World, terms: Terms) {
  const { subscriptionId, publisher, product, name } = terms;
  return {
    id: `/subscriptions/${subscriptionId}/providers/Microsoft.MarketplaceOrdering/offerTypes/virtualmachine/publishers/${publisher}/offers/${product}/plans/${name}/agreements/current`,
    name,
    type: 'Microsoft.MarketplaceOrdering/offerTypes/publishers/offers/plans/agreements',
    properties: { publisher, product, plan: name, accepted: termsAccepted(world, terms) },
  };
}
