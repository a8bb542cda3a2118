import { useTheme } from './cards.js';
import { icon, icons } from './dom.js';

/** Light or dark as the system prefers, until the person says otherwise. */
export function keepTheme(changed) {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const button = document.querySelector('#theme');
  const chosen = () => new URLSearchParams(location.search).get('theme') ?? localStorage.getItem('theme');
  const apply = async () => {
    const theme = chosen() ?? (system.matches ? 'dark' : 'light');
    document.documentElement.dataset.theme = theme;
    button.replaceChildren(icon(theme === 'dark' ? icons.sun : icons.moon));
    button.title = theme === 'dark' ? 'Light' : 'Dark';
    await useTheme(theme);
    changed();
  };
  system.addEventListener('change', apply);
  button.addEventListener('click', () => {
    localStorage.setItem('theme', document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark');
    const url = new URL(location.href);
    url.searchParams.delete('theme');
    history.replaceState(null, '', url);
    return apply();
  });
  return apply();
}
