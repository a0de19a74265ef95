/** What a path does to traffic that gets through: delay, loss, and how many new connections a second it lets be. */
import { app, portal, ports } from './places.ts'
import type { Row } from './row.ts'
import { patient } from './ways.ts'

const tripTo = (place: { readonly address: string }, port: number): string => `trip:${place.address}:${port}`

/** SYNs that open connections, and not their answers. */
const opening = 'tcp flags & (syn | ack) == syn'

/** A geostationary link: 35,786 km up and down again, there and back. */
const satellite = {
  needs: ['delay'],
  delaysMs: 350,
  timeoutMs: patient,
  tasks: [tripTo(app, ports.tcp), tripTo(portal, ports.https)],
  shows: 'over 600 ms, over 600 ms',
} as const satisfies Partial<Row>

export const pathFaults: readonly Row[] = [
  {
    ...satellite,
    id: 'satellite',
    breaks: 'Every packet takes 350 ms in each direction.',
    asks: ['app-web', 'portal-web', 'names-udp'],
    expect: {
      flows: ['app-web', 'portal-web'],
      verdict: 'degraded',
      cause: 'high-latency',
      confidence: 'likely',
      owner: 'network',
    },
  },
  {
    ...satellite,
    id: 'satellite-measured',
    breaks: 'Every packet takes 350 ms in each direction, and connections are opened one by one to see it.',
    lossCount: 12,
    asks: ['app-web', 'app-plain', 'app-port', 'names-udp'],
    expect: {
      flows: ['app-web', 'app-plain', 'app-port'],
      verdict: 'degraded',
      cause: 'high-latency',
      confidence: 'certain',
      owner: 'network',
    },
  },
  {
    id: 'loss',
    breaks: 'The firewall loses every fifth SYN.',
    needs: ['counting by turns'],
    forward: `${opening} numgen inc mod 5 4 drop`,
    tasks: Array.from({ length: 5 }, () => tripTo(app, ports.tcp)),
    shows: 'under 600 ms, under 600 ms, under 600 ms, under 600 ms, over 600 ms',
    lossCount: 50,
    // One place alone: of several in step with each other the same one could lose all that is lost.
    asks: ['app-port', 'names-udp'],
    expect: {
      flows: ['app-port'],
      verdict: 'degraded',
      cause: 'lossy-path',
      confidence: 'likely',
      owner: 'network',
    },
    timeoutMs: patient,
  },
  {
    id: 'rate-limit',
    breaks: 'The firewall lets fifteen new connections a second be, and drops those beyond.',
    needs: ['rate limit'],
    forward: `${opening} limit rate over 15/second burst 5 packets counter drop`,
    // Those beyond five knock again after a second, and get through.
    tasks: [`crowd:${app.address}:${ports.tcp}:8`],
    shows: '8 of 8 connected',
    leaves: { on: 'firewall', command: 'nft list table inet fault', mark: /counter packets [1-9]/ },
    ratePerSecond: 80,
    asks: ['app-port', 'names-udp'],
    expect: {
      flows: ['app-port'],
      verdict: 'degraded',
      cause: 'connection-limit',
      confidence: 'likely',
      owner: 'firewall',
    },
  },
]

export const pathOddities: readonly Row[] = [
  {
    id: 'paced-within-limits',
    breaks: 'The firewall lets two hundred new connections a second be, and a fifth of that is asked for.',
    needs: ['rate limit'],
    forward: `${opening} limit rate over 200/second burst 20 packets drop`,
    tasks: [tripTo(app, ports.tcp)],
    shows: 'under 600 ms',
    leaves: { on: 'firewall', command: 'nft list table inet fault', mark: /limit rate over 200\/second/ },
    lossCount: 40,
    ratePerSecond: 40,
    asks: ['app-port', 'names-udp'],
  },
  {
    id: 'slow-server',
    breaks: 'A server takes 700 ms over each answer, and its kernel none over a connection.',
    tasks: [tripTo(app, ports.slow), `wait:${app.address}:${ports.slow}:/small`],
    shows: 'under 600 ms, over 600 ms',
    lossCount: 12,
    asks: ['app-slow', 'app-web'],
  },
]
