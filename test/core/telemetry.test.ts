import { admitted, attributeRows, metricRows, otherValue, readTraceparent, spanRows } from '../../core/telemetry';

describe('what operators may be told', () => {
  it('is what looks as its row says, and nothing of a name that has no row', () => {
    const told = admitted({
      'goldbot.command': 'publish',
      'goldbot.run': 'R-7F3KQ',
      'goldbot.attempt': 2,
      'azure.throttled': false,
      'azure.correlation_id': undefined,
      ...({ said: '@goldbot publish', constructor: 'x' } as object),
    });
    expect(told).toEqual({
      'goldbot.command': 'publish',
      'goldbot.run': 'R-7F3KQ',
      'goldbot.attempt': 2,
      'azure.throttled': false,
    });
  });

  it.each([
    ['goldbot.command', 'publish ubuntu-22 for ada@contoso.com'],
    ['goldbot.run', 'Ada Lovelace'],
    ['goldbot.code', 'the password was hunter2'],
    ['azure.operation', 'GET https://contoso.blob.core.windows.net/logs/x?sig=abc'],
    ['azure.request_id', 'Bearer eyJhbGciOi'],
    ['server.address', 'Contoso Ltd'],
    ['http.response.status_code', '200'],
    ['goldbot.tries', Number.NaN],
    ['goldbot.via', 'Ada Lovelace'],
    ['server.address', 'ada@contoso.com'],
    ['error.type', 'TypeError: ada@contoso.com'],
  ])('is "other" in the place of a %s like %s', (name, value) => {
    expect(admitted({ [name]: value })).toEqual({ [name]: otherValue });
  });

  it('is judged from its first letter to its last', () => {
    const forms = Object.entries(attributeRows).filter(([, { is }]) => typeof is !== 'string');
    const whole = /^\^[^|]*\$$/;
    expect(forms.filter(([, { is }]) => !whole.test((is as RegExp).source) || (is as RegExp).flags !== '')).toEqual([]);
    expect(forms.length).toBeGreaterThan(10);
  });

  it('has words for everything, and tells metrics and spans by attributes that exist', () => {
    const rows = [...Object.values(attributeRows), ...Object.values(metricRows), ...Object.values(spanRows)];
    expect(rows.filter(({ says }) => says.length < 10)).toEqual([]);
    const used = [
      ...Object.values(metricRows).flatMap(({ by }): readonly string[] => by),
      ...Object.values(spanRows).map(({ names }) => names),
    ];
    expect(used.filter((name) => !Object.hasOwn(attributeRows, name))).toEqual([]);
  });

  it.each([
    ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 1],
    ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00', 0],
    ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-10', 16],
    ['00-00000000000000000000000000000000-b7ad6b7169203331-01', undefined],
    ['00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01', undefined],
    ['ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', undefined],
    ['', undefined],
    [null, undefined],
  ])('reads %s as a place in a trace with flags %s', (text, flags) => {
    expect(readTraceparent(text)?.traceFlags).toBe(flags);
  });
});
