import {
  approvalsCard,
  auditCard,
  complianceCard,
  diffCard,
  doctorCard,
  forecastCard,
  imagesCard,
  schedulesCard,
} from '../../cards';
import { cases as approvals } from '../fixtures/cards/approvals';
import { cases as audits } from '../fixtures/cards/audit';
import { cases as compliances } from '../fixtures/cards/compliance';
import { cases as diffs } from '../fixtures/cards/diff';
import { cases as doctors } from '../fixtures/cards/doctor';
import { cases as forecasts } from '../fixtures/cards/forecast';
import { cases as images } from '../fixtures/cards/images';
import { cases as schedules } from '../fixtures/cards/schedules';
import { of } from './reading';

const headline = ({ text }: { readonly text: string }): string => text.split('\n')[0] ?? '';

/** A headline is the answer to what was asked, and is so. */
describe('the headline', () => {
  const typical = of(images, 'typical');
  const image = (name: string) => ({
    ...{ image: name, os: 'Ubuntu', latest: { version: '1.0.0', publishedAt: '2026-11-01' } },
  });

  it('of images says how many could be newer, and only without one that they are up to date', () => {
    expect(headline(imagesCard(typical))).toBe('2 of 3 golden images could be newer');
    const two = { ...typical, images: [image('a'), image('b')] };
    expect(headline(imagesCard(two))).toBe('All 2 golden images are up to date');
    const silent = { ...typical, images: [image('a'), { image: 'b', os: 'Ubuntu', unknown: true }] };
    expect(headline(imagesCard(silent))).toBe('Azure has not said how 1 of 2 golden images stands');
    const fresh = { ...typical, images: [image('a'), { image: 'b', os: 'Ubuntu' }] };
    expect(headline(imagesCard(fresh))).toBe('1 of 2 golden images have a version');
  });

  it('of images comes with when a schedule begins the next one, and publishes what is free alone', () => {
    const due = { ...image('a'), nextAt: '2026-12-01T02:00:00Z', canPublish: true, newerBase: '2' };
    const { text } = imagesCard({ ...typical, images: [due, { ...due, image: 'b', openRun: 'R-7F3KQ' }] });
    expect(text).toContain('the next one begins Tue 1 Dec, 02:00 UTC');
    expect(text).toMatch(/^publish a/m);
    expect(text).not.toMatch(/publish b/);
  });

  it('of the forecast says whether anything needs somebody within a week', () => {
    const view = of(forecasts, 'typical');
    expect(headline(forecastCard(view))).toBe('4 things need somebody within a week');
    const later = { ...view, entries: view.entries.filter(({ kind }) => kind === 'end-of-life'), total: 1 };
    expect(headline(forecastCard(later))).toBe('Nothing needs you within a week');
    expect(headline(forecastCard({ ...view, entries: [], total: 0 }))).toBe(
      'Nothing ends or changes in the next 30 days',
    );
    const [first] = view.entries;
    if (!first) throw new Error('nothing is ahead');
    const kind = (one: typeof first.kind) =>
      forecastCard({ ...view, entries: [{ ...first, kind: one }], total: 1 }).text;
    expect(kind('gone-from-gallery')).toContain('no longer in its gallery');
    expect(kind('taken-back')).toContain('goldbot takes it back');
  });

  it('of a team says how many machines are non-compliant, and claims nothing while policies are silent', () => {
    const view = of(compliances, 'typical');
    const { policy, ...figures } = view.figures;
    expect(headline(complianceCard(view))).toMatch(/^\d+ of \d+ machines of \S+ are non-compliant/);
    expect(headline(complianceCard({ ...view, figures }))).toMatch(
      /^Azure Policy has not said how \d+ machines of \S+ stand/,
    );
    expect(headline(complianceCard({ ...view, figures, image: 'ubuntu-22' }))).toMatch(/^Compliance of /);
    expect(policy).toBeDefined();
  });

  it('of a difference says what it fixes and brings, or that nobody knows', () => {
    const view = of(diffs, 'typical');
    expect(headline(diffCard(view))).toMatch(/packages changed .*, 3 vulnerabilities fixed$/);
    expect(headline(diffCard(of(diffs, 'nothing-known')))).toBe('What is inside 1.1.0 and 1.2.0 is not known');
    if (!('changes' in view.contents)) throw new Error('nothing was compared');
    const { packages: _, ...changes } = view.contents.changes;
    const { text } = diffCard({ ...view, contents: { ...view.contents, changes } });
    expect(text).toContain('Packages: not compared: not known of one of them');
  });

  it('of the doctor is the worst of what was found', () => {
    const view = of(doctors, 'typical');
    const without = (...gone: readonly string[]) =>
      headline(doctorCard({ ...view, findings: view.findings.filter(({ severity }) => !gone.includes(severity)) }));
    expect(without()).toBe('goldbot: 2 things are broken');
    expect(without('stops')).toBe('goldbot works, but 1 thing will cause trouble');
    expect(without('stops', 'warns')).toBe('goldbot works as far as it could look');
    expect(without('stops', 'warns', 'unseen')).toBe('goldbot works, and there is nothing to fix');
  });

  it('of schedules says first what holds them up', () => {
    const of = (name: string) => headline(schedulesCard(schedules[name] ?? { schedules: [], asOf: '' }));
    expect(of('typical')).toBe('2 schedules of 3 are held up');
    expect(of('nothing-held')).toBe('1 of 3 images is published by schedule');
    expect(of('none-set')).toBe('No image is published by schedule');
  });

  it('of what waits for a decision says how much of it waits for the reader', () => {
    const view = of(approvals, 'typical');
    const [first] = view.approvals;
    if (!first) throw new Error('nothing waits');
    const all = (...yours: readonly boolean[]) =>
      headline(
        approvalsCard({ ...view, approvals: yours.map((is) => ({ ...first, yours: is })), total: yours.length }),
      );
    expect(all(true)).toBe('1 request waits for you');
    expect(all(true, true, false)).toBe('2 requests wait for you, of 3');
    expect(all(false)).toBe('1 request waits for others to decide');
    expect(all()).toBe('Nothing is waiting for a decision');
  });

  it('of the audit says first that it cannot be trusted, where that is so', () => {
    expect(headline(auditCard(of(audits, 'typical')))).toBe('412 entries in the audit');
    expect(headline(auditCard(of(audits, 'broken')))).toBe('The record has been altered');
  });
});
