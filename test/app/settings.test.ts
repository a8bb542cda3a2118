import { localSettings } from '../../app/settings';
import { days } from '../../core/time';

describe('for how long what is over is kept', () => {
  it.each([
    [{}, days(400)],
    [{ GOLDBOT_KEEP_DAYS: '90' }, days(90)],
    [{ GOLDBOT_KEEP_DAYS: 'always' }, undefined],
  ])('%j', (given, ms) => {
    expect(localSettings(given).GOLDBOT_KEEP_DAYS).toBe(ms);
  });

  it.each([
    ['89', 'GOLDBOT_KEEP_DAYS must be at least 90 days'],
    ['0', 'GOLDBOT_KEEP_DAYS must be at least 90 days'],
    ['never', 'GOLDBOT_KEEP_DAYS must be a number of days, or always'],
    ['400 days', 'GOLDBOT_KEEP_DAYS must be a number of days, or always'],
  ])('is not “%s”: nothing alive may go', (text, why) => {
    expect(() => localSettings({ GOLDBOT_KEEP_DAYS: text })).toThrow(why);
  });
});
