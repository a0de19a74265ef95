import type { Scenario } from '../../test/judged.ts'
import { app, appName, appTls, goodApp, labRoot, onApp, run } from '../../test/judged.ts'
import type { Draft } from '../../test/observed.ts'
import { again, context, control, leaf, tcp, tls } from '../../test/observed.ts'
import type { Farewell } from '../model/observation.ts'

const silent = tls('timeout', { address: '10.1.0.20', port: 8443, serverName: appName })
const asked = [onApp, silent, again(onApp), again(silent)]

/** A connection that was left with nothing said, or with a question that every server refuses. */
const left = (bytesOut: 0 | 67, outcome: Farewell['outcome'], bytesIn = 0): Draft =>
  control('payload', tcp('connected', { address: '10.1.0.20', port: 8443, farewell: { bytesOut, bytesIn, outcome } }))
const elsewhere = context(tls('timeout', { address: '10.1.9.20', port: 443, serverName: 'portal.partner.example' }))
const another = context(tls('timeout', { address: '10.1.9.30', port: 443, serverName: 'www.other.example.net' }))
const ownElsewhere = { address: '10.1.0.21', port: 8443, serverName: appName }
const carried = context(appTls([leaf(appName, 'Lab Root CA'), labRoot], { port: 443, bytesIn: 3109 }))
/** A long hello, which is answered by the wish for another one, and nothing after that. */
const retry = control(
  'hello-size',
  tls('timeout', { address: '10.1.0.20', port: 8443, serverName: appName, bytesOut: 1938, bytesIn: 99 }),
)

/** The same at this machine itself. */
const here = ({ seen, ...rest }: Draft): Draft => ({
  ...rest,
  seen: 'address' in seen && seen.address === '10.1.0.20' ? { ...seen, address: '127.0.0.1' } : seen,
})

const unsure = { verdict: 'unknown', cause: 'undetermined' } as const

run([
  {
    name: 'what refuses a hello in few octets and leaves the usual one unanswered, as an unrelated name does, is a path that loses full packets, likely',
    flow: app,
    seen: [...asked, left(0, 'ended'), left(67, 'ended', 7), elsewhere],
    verdict: 'blocked',
    cause: 'pmtu-black-hole',
    confidence: 'likely',
    owner: 'network',
    alternatives: ['silent-service'],
    says: /answers a ClientHello that it must refuse \(7 octets\).*; 443 on 10\.1\.9\.20 is silent to a ClientHello as well$/,
  },
  {
    name: 'two unrelated names are silent as well',
    flow: app,
    seen: [...asked, left(0, 'ended'), left(67, 'ended', 7), elsewhere, another],
    verdict: 'blocked',
    cause: 'pmtu-black-hole',
    confidence: 'likely',
    says: /; 443 on 10\.1\.9\.20 and 443 on 10\.1\.9\.30 are silent to a ClientHello as well$/,
  },
  ...[
    { how: 'another address of the same name', seen: control('address', tls('timeout', ownElsewhere)) },
    { how: 'the same name at another port', seen: context(tls('timeout', { ...ownElsewhere, port: 9443 })) },
    {
      how: 'the name at a neutral server',
      seen: control('host', tls('timeout', { address: '10.9.9.9', port: 443, serverName: appName })),
    },
    {
      how: 'a neutral server by its own name, which was asked for this flow alone,',
      seen: control('host', tls('timeout', { address: '10.9.9.9', port: 443, serverName: 'www.other.example.net' })),
    },
  ].map(
    ({ how, seen }): Scenario => ({
      name: `${how} is no second path`,
      flow: app,
      seen: [...asked, left(0, 'ended'), left(67, 'ended', 7), seen],
      verdict: 'blocked',
      cause: 'pmtu-black-hole',
      confidence: 'possible',
    }),
  ),
  {
    name: 'between a machine and itself no packet is too large',
    flow: { ...app, target: { ...app.target, address: '127.0.0.1' } },
    seen: [...asked, left(0, 'ended'), left(67, 'ended', 7), elsewhere].map(here),
    ...unsure,
  },
  {
    name: 'at one port alone a server that does not finish its handshake, or a filter by name, looks the same: possibly',
    flow: app,
    seen: [...asked, left(0, 'ended'), left(67, 'ended', 7)],
    verdict: 'blocked',
    cause: 'pmtu-black-hole',
    confidence: 'possible',
    alternatives: ['silent-service', 'tls-version', 'sni-filter'],
  },
  {
    name: 'who refuses nothing, and asks for another hello in few octets, is heard as well',
    flow: app,
    seen: [...asked, left(0, 'ended'), left(67, 'ended'), retry],
    verdict: 'blocked',
    cause: 'pmtu-black-hole',
    confidence: 'possible',
    says: /answers a long ClientHello by the wish for another one \(99 octets\)/,
  },
  {
    name: 'a question of few octets that is lost is no path that loses full packets',
    flow: app,
    seen: [...asked, left(0, 'ended'), left(67, 'silence'), retry],
    verdict: 'blocked',
    cause: 'payload-dropped',
    confidence: 'possible',
  },
  {
    name: 'a full packet of the same host that arrived clears the path',
    flow: app,
    seen: [...asked, left(0, 'ended'), left(67, 'ended', 7), carried],
    verdict: 'blocked',
    cause: 'silent-service',
    confidence: 'possible',
  },
  {
    name: 'who leaves when we do and hears nothing that we say sits behind something that drops payload, possibly',
    flow: app,
    seen: [...asked, left(0, 'ended'), left(67, 'silence')],
    verdict: 'blocked',
    cause: 'payload-dropped',
    confidence: 'possible',
    owner: 'firewall',
    alternatives: ['silent-service'],
    says: /a question of 67 octets as well$/,
  },
  {
    name: 'who leaves in both cases has heard the short question, and only says nothing to a hello',
    flow: app,
    seen: [...asked, left(0, 'ended'), left(67, 'ended')],
    ...unsure,
  },
  {
    name: 'who never leaves and lives hangs, or does not: no path is accused',
    flow: app,
    seen: [...asked, left(0, 'silence'), left(67, 'silence')],
    ...unsure,
  },
  {
    name: 'a keep-alive that is not acknowledged makes it possibly a path that is not the same both ways',
    flow: app,
    seen: [...asked, left(0, 'lost'), left(67, 'silence')],
    verdict: 'blocked',
    cause: 'asymmetric-path',
    confidence: 'possible',
    owner: 'network',
    alternatives: ['payload-dropped', 'filtered-silently'],
  },
  {
    name: 'a handshake that the same host answered elsewhere clears the way to it',
    flow: app,
    seen: [...asked, left(0, 'lost'), left(67, 'silence'), carried],
    verdict: 'blocked',
    cause: 'silent-service',
    confidence: 'possible',
  },
  {
    name: 'a wait that was cut short says nothing',
    flow: app,
    seen: [...asked, left(0, 'aborted'), left(67, 'silence')],
    ...unsure,
  },
  {
    name: 'a handshake that a repetition finishes is no silence',
    flow: app,
    seen: [onApp, silent, again(onApp), again(goodApp), left(0, 'ended'), left(67, 'silence')],
    verdict: 'degraded',
    cause: 'lossy-path',
  },
  {
    name: 'what was said at another port is no evidence here',
    flow: app,
    seen: [
      ...asked,
      control(
        'payload',
        tcp('connected', {
          address: '10.1.0.20',
          port: 9443,
          farewell: { bytesOut: 0, bytesIn: 0, outcome: 'lost' },
        }),
      ),
    ],
    ...unsure,
  },
])
