import { run, signIn } from '../../test/judged.ts'
import type { Draft } from '../../test/observed.ts'
import { appFlow, cloudFlow, control, http, shaken, tcp, tls } from '../../test/observed.ts'
import type { HttpExchange, Unfiled, WebSocketUpgrade } from '../model/observation.ts'

const url = 'https://ns.servicebus.windows.net/$servicebus/websocket'
const flow = cloudFlow({ target: { name: 'ns.servicebus.windows.net', service: 'wss' } })
const address = '20.190.128.1'
const connected = tcp('connected', { address, port: 443 })
const tlsStands = tls('established', { address, port: 443, serverName: 'ns.servicebus.windows.net' })
const stands = [connected, tlsStands]
const upgrade = (outcome: WebSocketUpgrade['outcome'], more: Partial<WebSocketUpgrade> = {}): WebSocketUpgrade => ({
  offered: ['amqp'],
  outcome,
  ...more,
})
const answers = (status: number, said: WebSocketUpgrade, over: Partial<Unfiled<HttpExchange>> = {}): Draft =>
  http('response', { url, address, status, upgrade: said, body: { kind: 'empty', bytes: 0, members: {} }, ...over })
const refuses = (status: number, over: Partial<Unfiled<HttpExchange>> = {}): Draft =>
  answers(status, upgrade('not-switched'), over)
const opened = answers(101, upgrade('accepted', { protocol: 'amqp', heard: 'pong', pongMs: 9 }))
const hangs = http('timeout', { url, address })
const html = { kind: 'html', bytes: 90, title: 'Blocked', members: {} } as const

run([
  {
    name: 'a WebSocket that opens and answers a ping is proven',
    flow,
    seen: [...stands, opened],
    verdict: 'open',
    confidence: 'certain',
    says: /opens a WebSocket with the subprotocol amqp over TLSv1\.3 and answers a ping/,
  },
  {
    name: 'a ping that stays unanswered leaves a doubt',
    flow,
    seen: [...stands, answers(101, upgrade('accepted', { heard: 'nothing' }))],
    verdict: 'open',
    confidence: 'likely',
  },
  {
    name: 'a server that closes in its own words speaks WebSocket',
    flow,
    seen: [...stands, answers(101, upgrade('accepted', { heard: 'close', closeCode: 1008 }))],
    verdict: 'open',
    confidence: 'certain',
  },
  {
    name: '401 with a tracking id is Service Bus itself',
    flow,
    seen: [...stands, answers(401, upgrade('not-switched', { trackingId: '1f2e3d4c_G1' }))],
    verdict: 'open',
    confidence: 'certain',
    says: /tracking id 1f2e3d4c_G1/,
  },
  {
    name: '401 without one proves that something is reached, and no more',
    flow,
    seen: [...stands, refuses(401)],
    verdict: 'open',
    confidence: 'possible',
  },
  {
    name: 'a service that reports an error is reached',
    flow,
    seen: [...stands, refuses(503)],
    verdict: 'open',
    confidence: 'possible',
    says: /reports an error of its own; that a WebSocket gets through is not proven/,
  },
  {
    name: 'a proxy that wants credentials says so',
    flow,
    seen: [...stands, refuses(407, { headers: { 'proxy-authenticate': 'Negotiate' } })],
    verdict: 'blocked',
    cause: 'proxy-auth',
    confidence: 'certain',
  },
  {
    name: 'what opens without the proxy and not through it is stripped on the way',
    flow,
    seen: [
      ...stands,
      refuses(400),
      control('proxy', { ...opened, seen: { ...opened.seen, through: 'egress' } as Unfiled }),
    ],
    verdict: 'blocked',
    cause: 'upgrade-stripped',
    confidence: 'likely',
    owner: 'proxy',
    alternatives: [],
    decidedBy: ['e3', 'e4'],
  },
  {
    name: 'silence through one way and a WebSocket by the other is stripped too',
    flow,
    seen: [...stands, hangs, control('proxy', { ...opened, seen: { ...opened.seen, through: 'egress' } as Unfiled })],
    verdict: 'blocked',
    cause: 'upgrade-stripped',
    confidence: 'likely',
  },
  {
    name: 'what opens at another address of the name may be one bad node',
    flow,
    seen: [...stands, refuses(400), control('address', answers(101, upgrade('accepted'), { address: '20.190.128.2' }))],
    verdict: 'blocked',
    cause: 'upgrade-stripped',
    confidence: 'possible',
    alternatives: ['one-bad-node'],
  },
  {
    name: 'a server that wants the upgrade that it was sent has not seen it',
    flow,
    seen: [...stands, refuses(426, { headers: { upgrade: 'websocket' } })],
    verdict: 'blocked',
    cause: 'upgrade-stripped',
    confidence: 'likely',
    alternatives: [],
  },
  {
    name: '426 that names no protocol says less',
    flow,
    seen: [...stands, refuses(426)],
    verdict: 'blocked',
    cause: 'upgrade-stripped',
    confidence: 'possible',
    alternatives: ['not-the-service'],
  },
  {
    name: '426 about another version has seen the upgrade, and strips nothing',
    flow,
    seen: [...stands, refuses(426, { headers: { upgrade: 'websocket', 'sec-websocket-version': '8' } })],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'a page where a WebSocket belongs is possibly a portal, a filter or a wrong path',
    flow,
    seen: [...stands, refuses(200, { body: html })],
    verdict: 'wrong',
    cause: 'http-page-on-api',
    confidence: 'possible',
    alternatives: ['upgrade-stripped', 'captive-portal', 'not-the-service'],
    says: /answers 200 with a web page "Blocked"/,
  },
  {
    name: 'a redirect does not open it either',
    flow,
    seen: [...stands, refuses(302, { headers: { location: 'https://portal.example/' } })],
    verdict: 'wrong',
    cause: 'http-page-on-api',
    confidence: 'possible',
    says: /a redirect to https:\/\/portal\.example\//,
  },
  {
    name: 'a plain answer is possibly another service',
    flow,
    seen: [...stands, refuses(200, { body: { kind: 'json', bytes: 2, members: {} } })],
    verdict: 'wrong',
    cause: 'not-the-service',
    confidence: 'possible',
    alternatives: ['upgrade-stripped'],
  },
  {
    name: '101 to another key is not this handshake’s',
    flow,
    seen: [...stands, answers(101, upgrade('not-websocket', { why: 'Upgrade is not websocket' }))],
    verdict: 'wrong',
    cause: 'not-the-service',
    confidence: 'likely',
    says: /that answer is no WebSocket: Upgrade is not websocket/,
  },
  {
    name: 'frames that break the protocol are none of WebSocket',
    flow,
    seen: [...stands, answers(101, upgrade('accepted', { heard: 'violation', why: 'a server frame is masked' }))],
    verdict: 'wrong',
    cause: 'not-the-service',
    confidence: 'likely',
  },
  ...[400, 403, 404].map((status) => ({
    name: `${status} without more leaves open who said it`,
    flow,
    seen: [...stands, refuses(status)],
    verdict: 'unknown' as const,
    cause: 'undetermined' as const,
    alternatives: ['upgrade-stripped', 'not-the-service'] as const,
  })),
  {
    name: 'a connection that is cut at the first frame leaves open by whom',
    flow,
    seen: [...stands, answers(101, upgrade('accepted', { heard: 'ended' }))],
    verdict: 'unknown',
    cause: 'undetermined',
    alternatives: ['payload-dropped', 'silent-service'],
  },
  {
    name: 'headers without end prove no WebSocket',
    flow,
    seen: [...stands, http('too-large', { url, address })],
    verdict: 'wrong',
    cause: 'not-the-service',
    confidence: 'likely',
  },
  {
    name: 'through a proxy the same answers are judged alike',
    flow: { ...flow, via: 'egress' },
    seen: [
      tcp('connected', { address: '10.1.0.8', port: 3128, proxy: 'egress' }),
      http('response', {
        url: 'ns.servicebus.windows.net:443',
        address: '10.1.0.8',
        method: 'CONNECT',
        through: 'egress',
      }),
      tls('established', {
        address: '10.1.0.8',
        port: 3128,
        serverName: 'ns.servicebus.windows.net',
        through: 'egress',
      }),
      refuses(426, { address: '10.1.0.8', through: 'egress', headers: { upgrade: 'websocket' } }),
      control('proxy', opened),
    ],
    verdict: 'blocked',
    cause: 'upgrade-stripped',
    confidence: 'likely',
    says: /and the same opens at 20\.190\.128\.1 without a proxy/,
  },
  {
    name: 'an upgrade that is never answered may be the service or what stands before it',
    flow,
    seen: [...stands, hangs],
    verdict: 'blocked',
    cause: 'silent-service',
    confidence: 'possible',
    owner: 'cloud',
    alternatives: ['upgrade-stripped', 'payload-dropped'],
  },
  {
    name: 'a plain handshake on a TLS port is told by what the server says',
    flow: appFlow({ target: { service: 'ws' } }),
    seen: [
      tcp('connected', { address: '10.1.0.20', port: 8443 }),
      answers(400, upgrade('not-switched'), {
        url: 'http://app01.corp.example:8443/live',
        address: '10.1.0.20',
        body: { kind: 'html', bytes: 90, title: '400 The plain HTTP request was sent to HTTPS port', members: {} },
      }),
    ],
    verdict: 'wrong',
    cause: 'not-the-service',
    confidence: 'certain',
  },
  {
    name: 'a page that was asked for as a page is none of WebSocket’s business',
    flow: signIn,
    seen: [
      tcp('connected', { address, port: 443 }),
      shaken('login.microsoftonline.com', [], ['node']),
      http('response', { status: 200, url: 'https://login.microsoftonline.com/', body: html }),
    ],
    verdict: 'open',
    confidence: 'likely',
  },
])
