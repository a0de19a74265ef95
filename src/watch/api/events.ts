import { stream } from './resource.ts'

export const events = stream({
  method: 'GET',
  path: '/events',
  what: 'Everything that changes, as it happens: flows, news, incidents, alerts, gaps and marks.',
  query: {},
  refuses: ['too-many-streams'],
  handle: ({ ring }, { lastEventId }) => ({ ok: (sink) => ring.follow(sink, lastEventId) }),
})
