import { judgeConnector } from './connector';
import { everyOperation } from './connector-operations';
import { plant } from './plant';
import { judged } from './shared';
import type { Wire } from './wire';

const [send, reply, create] = ['SendToConversation', 'ReplyToActivity', 'CreateConversation'];
const [members, page] = ['GetConversationMembers', 'GetConversationPagedMembers'];
const [heard, click] = ['Bot_message', 'Bot_invoke adaptiveCard/action'];
const [opens, sends, looks] = ['Bot_invoke task/fetch', 'Bot_invoke task/submit', 'Bot_invoke application/search'];
const [find, link] = ['Bot_invoke composeExtension/query', 'Bot_invoke composeExtension/queryLink'];

const at0 = (place: string): string => `responseBody/composeExtension/attachments/0/${place}`;

judged("the judge of Teams' connector", () => {
  let exchanges: readonly Wire[] = [];

  beforeAll(async () => {
    exchanges = await everyOperation();
  });

  /** What the judge says of an exchange that was right before the mistake was planted in it. */
  function withMistake(name: string, mistake: (right: Wire) => Wire, status: number | undefined): string {
    const operation = name.startsWith('Bot_') ? name : `Conversations_${name}`;
    const right = exchanges.find(
      (e) => judgeConnector(e).operation === operation && (status === undefined || e.status === status),
    );
    if (!right) throw new Error(`no ${operation}`);
    expect(judgeConnector(right)).toEqual({ operation, wrong: [] });
    return judgeConnector(mistake(right)).wrong.join('\n');
  }

  // What is done to which operation (of which status) at which place, and what the judge says; undefined takes away.
  it.each<[string, string, string, unknown, string, number?]>([
    ['a typo in a field of a request', send, 'requestBody/txt', 'x', '(txt)'],
    ['a typo in a field deep in a request', create, 'requestBody/activity/summry', 'x', '(summry)'],
    ['a wrong enum of a request', send, 'requestBody/textFormat', 'html', '(markdown, plain, xml)'],
    [
      'an activity type that Teams does not take',
      send,
      'requestBody/type',
      'trace',
      'nobody takes an activity of type',
    ],
    ['a message without anything to show', send, 'requestBody/text', undefined, "required property 'text'"],
    ['a picture where a card belongs', reply, 'requestBody/attachments/0/contentType', 'image/png', '(application/vnd'],
    ['a channel that is not named', create, 'requestBody/channelData/channel/id', undefined, "required property 'id'"],
    ['a token that is missing', send, 'requestHeaders/authorization', '', 'no bearer token'],
    ['a body that is not said to be JSON', send, 'requestHeaders/content-type', 'text/plain', 'not application/json'],
    ['an unknown query parameter', page, 'url', 'http://x/v3/conversations/1/pagedmembers?top=5', 'parameter top'],
    [
      'a parameter that is no number',
      page,
      'url',
      'http://x/v3/conversations/1/pagedmembers?pageSize=all',
      'whole number',
    ],
    ['an unknown path', send, 'url', 'http://x/v3/conversations/1/messages', 'the connector has no POST'],
    ['an unknown method', send, 'method', 'PATCH', 'the connector has no PATCH'],
    ['a lost id in an answer', send, 'responseBody/id', undefined, "required property 'id'", 201],
    ['a wrong status of success', send, 'status', 204, '204 is no status', 201],
    ['a wrong status of failure', send, 'status', 418, '418 is no status', 404],
    ['an error of another shape', send, 'responseBody', { message: 'no' }, "required property 'error'", 404],
    ["a code that is not the status's", send, 'responseBody/error/code', 'Throttled', 'is none of', 404],
    ['a wait that is no number', send, 'responseHeaders/retry-after', 'soon', 'retry-after', 429],
    ['a member with a field nobody documents', members, 'responseBody/0/nick', 'x', '(nick)', 200],
    ['a role that there is not', members, 'responseBody/0/role', 'owner', '(user, bot)', 200],
    ['a page without members', page, 'responseBody/members', undefined, "required property 'members'"],
    ['a body after a delete', 'DeleteActivity', 'responseBody', { id: '1' }, 'a body where none is given', 200],
    ['an activity without its tenant', heard, 'requestBody/channelData/tenant', undefined, "property 'tenant'"],
    ['an activity of another channel', heard, 'requestBody/channelId', 'slack', '(msteams)'],
    ['a time that is none', heard, 'requestBody/timestamp', 'now', 'format "date-time"'],
    ['a mention of nobody', heard, 'requestBody/entities/0/mentioned', undefined, "property 'mentioned'"],
    ['an entity that nobody knows', heard, 'requestBody/entities/0/type', 'mentions', '/entities/0'],
    ['a message that is answered with 500', heard, 'status', 500, '500 is not what Teams expects'],
    ['a trigger that there is not', click, 'requestBody/value/trigger', 'auto', '(manual, automatic)'],
    ['a click whose action has a typo', click, 'requestBody/value/action/verbs', 'x', '(verbs)'],
    ['a click that is not answered', click, 'responseBody', null, 'answer /: must be object'],
    ['an answer of no type', click, 'responseBody/type', 'text/plain', 'of no type that Teams knows'],
    ['an answer that is no card', click, 'responseBody/value/type', 'Card', '(AdaptiveCard)'],
    ['a search by no parameter', find, 'requestBody/value/parameters/0/name', undefined, "property 'name'"],
    ['a search whose page has a typo', find, 'requestBody/value/queryOptions/top', 5, '(top)'],
    ['a result without what a list shows', find, at0('preview'), undefined, "property 'preview'"],
    ['a press that leads nowhere', find, at0('preview/content/tap/value'), undefined, "property 'value'"],
    ['a list of another look', find, 'responseBody/composeExtension/attachmentLayout', 'table', '(list, grid)'],
    ['a search that is answered as a click', find, 'responseBody', { statusCode: 200, type: 'x' }, '(statusCode)'],
    ['a link without its address', link, 'requestBody/value/url', undefined, "property 'url'"],
    ['an answer whose field is misspelt', click, 'responseBody/status', 200, '(status)'],
    ['an invoke that Teams has not', click, 'requestBody/name', 'card/action', 'no invoke card/action'],
    ['a dialog that is opened of no message', opens, 'requestBody/replyToId', undefined, "property 'replyToId'"],
    ['a dialog without what was pressed', opens, 'requestBody/value/data', undefined, "property 'data'"],
    ['a dialog that does not open', opens, 'responseBody', {}, "property 'task'"],
    ['a dialog without a card', opens, 'responseBody/task/value/card', undefined, "property 'card'"],
    ['a dialog of a word misspelt', opens, 'responseBody/task/type', 'proceed', '/task'],
    ['a dialog that ends with nothing said', sends, 'responseBody/task/value', '', 'fewer than 1'],
    ['a search of no data set', looks, 'requestBody/value/dataset', undefined, "property 'dataset'"],
    ['a choice without its value', looks, 'responseBody/value/results/0/value', undefined, "property 'value'"],
    ['choices as a card', looks, 'responseBody/type', 'application/vnd.microsoft.card.adaptive', 'of no type'],
  ])('catches %s', (...[, operation, at, value, words, status]) => {
    expect(withMistake(operation, (right) => plant(right, at, value), status)).toContain(words);
  });

  it('takes the 401 of the door before Teams, and no other words in its place', () => {
    const denied = (body: object) => (right: Wire) => ({ ...right, status: 401, responseBody: body });
    expect(withMistake(send, denied({ message: 'Authorization has been denied for this request.' }), 404)).toBe('');
    expect(withMistake(send, denied({ text: 'no' }), 404)).toContain("property 'error'");
  });
});
