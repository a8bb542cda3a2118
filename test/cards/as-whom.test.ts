import { gallery } from '../fixtures/cards';

/** Cards of what goldbot changes in Azure, from the request to its end. */
const ofWrites = ['change', 'run', 'outcome', 'approval', 'approval-decided'];

it.each(ofWrites)('every card of a write says as whom Azure sees it: %s', (name) => {
  const cases = Object.values(gallery[name] ?? {});
  expect(cases.length).toBeGreaterThan(0);
  for (const build of cases) {
    expect(JSON.stringify(build())).toContain('· in Azure as goldbot’s own identity');
  }
});
