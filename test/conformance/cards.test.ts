import { gallery } from '../fixtures/cards';
import { judgeCard } from './cards';
import { CardsPage } from './cards-page';
import { plant } from './plant';
import { judged } from './shared';

type Card = Readonly<Record<string, unknown>>;

judged('the judge of cards', () => {
  let page: CardsPage;

  beforeAll(async () => {
    page = await CardsPage.open();
  });

  afterAll(() => page.close());

  const right = gallery['form']?.['publish']?.().card as Card;
  const text = 'body/0/columns/0/items/0';
  const input = 'body/1/items/1/items/0';
  const button = (more: object = {}) => ({ type: 'Action.Execute', title: 'Go', verb: 'help', data: {}, ...more });
  const wide = { type: 'TextBlock', text: 'x'.repeat(400), wrap: false };

  it('has nothing against the card that the mistakes are planted in', async () => {
    expect(judgeCard(right)).toEqual([]);
    expect(await page.judge([right])).toEqual([[]]);
  });

  // Where, what is put there (undefined takes away), and what the judge says.
  it.each<[string, string, unknown, string]>([
    ['a typo in a property', `${text}/wieght`, 'Bolder', '(wieght)'],
    ['an element that there is not', `${text}/type`, 'TextBlok', '(TextBlok)'],
    ['an element of a later version', `${text}/type`, 'Carousel', '(Carousel)'],
    ['a value outside of its list', `${text}/weight`, 'Bold', '/weight: must match pattern'],
    ['a value with its list’s word inside', `${text}/size`, 'Larger', '/size: must match pattern'],
    ['a number where a text belongs', `${text}/text`, 5, 'must be string'],
    ['a lost text', `${text}/text`, undefined, "required property 'text'"],
    ['a lost type', `${text}/type`, undefined, '"type"'],
    ['a container without items', 'body/1/items', undefined, "required property 'items'"],
    ['an unknown property of the card', 'color', 'Good', '(color)'],
    ['another version', 'version', '1.6', 'Teams draws 1.5'],
    ['no words for clients without cards', 'fallbackText', '', '/fallbackText'],
    ['more than 25 KB', `${text}/text`, 'word '.repeat(5200), 'bytes'],
    ['a seventh button', 'actions', Array.from({ length: 7 }, () => button()), '6 are shown'],
    ['a button of another kind', 'actions/0', { type: 'Action.Submit', title: 'Go' }, 'only opens dialogs'],
    ['a verb that is no command', 'actions/0/verb', 'publsh', 'publsh is no command'],
    ['a button without a title', 'actions/0/title', ' ', 'title: must be'],
    ['an input whose id is no option', `${input}/id`, 'imag', 'no button has an option imag'],
    ['an input without an id', `${input}/id`, undefined, "required property 'id'"],
    ['an input that is there twice', 'body/1/items/2/items/0/id', 'image', 'asked for twice'],
    ['an input that replaces what the button carries', 'actions/0/data', { image: 'x' }, 'would replace'],
    ['a number that is given as text', 'body/1/items/4/items/0/value', '2', 'must be number'],
    ['a date that cannot be read', `${text}/color`, 'Warning', 'cannot be read'],
    ['a table in markdown', `${text}/text`, '| a | b |\n|---|---|', 'no headings and no tables'],
    ['a heading in markdown', `${text}/text`, '# Title', 'no headings and no tables'],
    ['a link that runs a script', `${text}/text`, '[x](javascript:alert(1))', 'a link'],
    ['media', 'body/1', { type: 'Media', sources: [] }, 'Media is not drawn alike'],
    ['a template expression that is left', `${text}/text`, ['$', '{title}'].join(''), 'template expression'],
    [
      'a refresh for more people than Teams takes',
      'refresh',
      { action: button(), userIds: Array(61).fill('29:1') },
      '61 people',
    ],
    ['an element of Teams without a fallback', 'body/1', { type: 'CodeBlock' }, 'CodeBlock has no fallback'],
  ])('catches %s', (_, at, value, words) => {
    expect(judgeCard(plant(right, at, value)).join('\n')).toContain(words);
  });

  it('measures the contrast of every text, in the dark look too', async () => {
    const coloured = (color: string) => plant(right, text, { type: 'TextBlock', text: 'Published', color });
    const [good, attention, plain] = await page.judge(['Good', 'Attention', 'Default'].map(coloured));
    expect(good?.join('\n')).toMatch(/light, \d+ px: “Published” has a contrast of 2\.\d+:1/);
    expect(attention?.join('\n')).toMatch(/dark, \d+ px: “Published” has a contrast of 3\.\d+:1/);
    expect(plain).toEqual([]);
  });

  it('judges the fallback of what Teams alone draws, and drops what is for Teams', () => {
    const chart = (fallback: object) => plant(right, 'body/1', { type: 'Chart.Pie', title: 'x', data: [], fallback });
    expect(judgeCard(chart({ type: 'TextBlock', text: '1 of 2' })).filter((w) => !/Chart|body/.test(w))).toEqual([]);
    expect(judgeCard(chart({ type: 'TextBlok', text: '1 of 2' })).join()).toContain('(TextBlok)');
  });

  it.each<[string, string, unknown, string]>([
    ['an element that it does not know', 'body/1', { type: 'TextBlok', text: 'x' }, 'parsing: '],
    ['a value outside of its list', `${text}/weight`, 'Bold', 'parsing: '],
    ['a column set that holds nothing', 'body/1', { type: 'Container', items: [] }, 'is drawn empty'],
    ['a text that is cut off', 'body/1', wide, 'px wide'],
    ['a button that does not fit', 'actions/0/title', 'Publish the golden image of Ubuntu Server 22.04', 'px wide'],
    ['more buttons than Teams shows', 'actions', Array.from({ length: 8 }, () => button()), 'buttons are drawn'],
  ])('finds by drawing %s', async (...[, at, value, words]) => {
    const [wrong] = await page.judge([plant(right, at, value)]);
    expect(wrong?.join('\n')).toContain(words);
  });
});
