import { app, appName, appTls, goodApp, labRoot, onApp, run } from '../../test/judged.ts'
import type { Draft } from '../../test/observed.ts'
import { again, context, control, leaf, tcp, tls } from '../../test/observed.ts'
import type { Farewell } from '../model/observation.ts'

const silent = tls('timeout', { address: '10.1.0.20', port: 8443, serverName: appName })
const asked = [onApp, silent, again(onApp), again(silent)]

/** A connection that was left with nothing said, or with a question that every server refuses. */
const left = (bytesOut: 0 | 67, outcome: Farewell['outcome'], bytesIn = 0): Draft =>
  control('payload', tcp('connected', { address: '10.1.0.20', port: 8443, farewell: { bytesOut, bytesIn, outcome } }))
const elsewhere = context(tls('timeout', { address: '10.1.0.20', port: 9443, serverName: appName }))
const carried = context(appTls([leaf(appName, 'Lab Root CA'), labRoot], { port: 443, bytesIn: 3109 }))

const unsure = { verdict: 'unknown', cause: 'undetermined' } as const

run([
  {
    name: 'what refuses a hello in few octets and leaves the usual one unanswered at two ports is a path that loses full packets, likely',
    flow: app,
    seen: [...asked, left(0, 'ended'), left(67, 'ended', 7), elsewhere],
    verdict: 'blocked',
    cause: 'pmtu-black-hole',
    confidence: 'likely',
    owner: 'network',
    alternatives: ['silent-service'],
    says: /answers a ClientHello that it must refuse \(7 octets\).*; 9443 on 10\.1\.0\.20 does the same$/,
  },
  {
    name: 'at one port alone a server that does not finish its handshake, or a filter by name, looks the same: possibly',
    flow: app,
    seen: [...asked, left(0, 'ended'), left(67, 'ended', 7)],
    verdict: 'blocked',
    cause: 'pmtu-black-hole',
    confidence: 'possible',
    alternatives: ['silent-service', 'sni-filter'],
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
