import { zone } from './dom.js';
import { call } from './store.js';

/** Shows world time, which runs faster than ours. */
export function keepTime() {
  const shown = document.querySelector('#clock-now');
  const speed = document.querySelector('#clock-speed');
  let clock;
  const learn = (answer) => {
    clock = { at: performance.now(), now: Date.parse(answer.now), speed: answer.speed };
    speed.textContent = answer.speed === 0 ? 'standing still' : `${answer.speed}×`;
    speed.title = `World time runs ${answer.speed} times as fast as yours.`;
    tick();
  };
  const tick = () => {
    if (!clock) return;
    const now = new Date(clock.now + (performance.now() - clock.at) * clock.speed);
    shown.dateTime = now.toISOString();
    const options = {
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      hour: '2-digit',
      minute: '2-digit',
      timeZone: zone,
    };
    shown.textContent = `${now.toLocaleString('en-GB', options)} ${zone}`;
  };
  const ask = async () => learn(await call('/_sandbox/clock'));
  const hour = async () => learn(await call('/_sandbox/clock', { advanceMinutes: 60 }));
  document.querySelector('#clock-hour').addEventListener('click', hour);
  setInterval(tick, 500);
  setInterval(() => ask().catch(() => undefined), 10_000);
  return ask();
}
