/** Time zones by their Windows names, as far as platform teams set them. */
export const timeZones: Readonly<Record<string, string>> = {
  UTC: '(UTC) Coordinated Universal Time',
  'GMT Standard Time': '(UTC+00:00) Dublin, Edinburgh, Lisbon, London',
  'W. Europe Standard Time': '(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna',
  'Romance Standard Time': '(UTC+01:00) Brussels, Copenhagen, Madrid, Paris',
  'Central European Standard Time': '(UTC+01:00) Sarajevo, Skopje, Warsaw, Zagreb',
  'Central Europe Standard Time': '(UTC+01:00) Belgrade, Bratislava, Budapest, Ljubljana, Prague',
  'FLE Standard Time': '(UTC+02:00) Helsinki, Kyiv, Riga, Sofia, Tallinn, Vilnius',
  'Eastern Standard Time': '(UTC-05:00) Eastern Time (US & Canada)',
  'Central Standard Time': '(UTC-06:00) Central Time (US & Canada)',
  'Mountain Standard Time': '(UTC-07:00) Mountain Time (US & Canada)',
  'Pacific Standard Time': '(UTC-08:00) Pacific Time (US & Canada)',
  'India Standard Time': '(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi',
  'China Standard Time': '(UTC+08:00) Beijing, Chongqing, Hong Kong, Urumqi',
  'Singapore Standard Time': '(UTC+08:00) Kuala Lumpur, Singapore',
  'Tokyo Standard Time': '(UTC+09:00) Osaka, Sapporo, Tokyo',
  'AUS Eastern Standard Time': '(UTC+10:00) Canberra, Melbourne, Sydney',
};

/** A zone as it is written, in any case. */
export function timeZoneNamed(name: string): string | undefined {
  return Object.keys(timeZones).find((id) => id.toLowerCase() === name.toLowerCase());
}
