import type { Route } from '../kernel/types';
import type { ChatEvent } from './chat';
import type { TeamsFace } from './face';
import { told } from './script';

/** Server-sent events for the page: every message as it is posted, edited or deleted. */
export function eventRoutes(face: TeamsFace): Route[] {
  return [
    {
      method: 'GET',
      path: '/api/events',
      handle: () => ({
        status: 200,
        headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
        stream: (write) => {
          write(`retry: 1000\nevent: hello\ndata: ${JSON.stringify({ world: face.world.id })}\n\n`);
          const stop = face.chat.listen((event) => write(line(event)));
          const alive = setInterval(() => write(': alive\n\n'), 15_000);
          alive.unref();
          return () => {
            clearInterval(alive);
            stop();
          };
        },
      }),
    },
  ];
}

function line(event: ChatEvent): string {
  if (event.kind !== 'message') return `event: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`;
  const { message } = event;
  const { conversationId, rootId, deleted, views } = message;
  const data = { ...told(message), conversationId, rootId, deleted, views };
  return `event: message\ndata: ${JSON.stringify(data)}\n\n`;
}
