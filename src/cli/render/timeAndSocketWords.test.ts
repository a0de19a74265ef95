import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filed, http, udp } from '../../../test/observed.ts'
import type { WebSocketUpgrade } from '../../model/observation.ts'
import type { TimeAnswer } from '../../model/timeAnswer.ts'
import { stepOf } from './observationWords.ts'

const time: TimeAnswer = {
  kind: 'time',
  leap: 'none',
  version: 4,
  stratum: 2,
  reference: '10.1.0.1',
  rootDelayMs: 1.5,
  rootDispersionMs: 12,
  offsetMs: -3_600_000,
  delayMs: 0.8,
}

for (const { said, particulars } of [
  {
    said: time,
    particulars: [
      'NTP version 4, stratum 2, follows 10.1.0.1',
      /^its clock is .* behind this machine's$/,
      '0.8 ms there and back',
      '1.5 ms from its source, off by up to 12 ms',
    ],
  },
  {
    said: { kind: 'kiss', code: 'DENY', means: 'the server denies access' },
    particulars: ["kiss-o'-death DENY: the server denies access"],
  },
  {
    said: { kind: 'not-ours', why: 'mode 3' },
    particulars: ['NTP that answers another question: mode 3'],
  },
  { said: { kind: 'unreadable', why: '5 octets' }, particulars: ['not NTP: 5 octets'] },
] as const satisfies readonly { readonly said: TimeAnswer; readonly particulars: readonly (string | RegExp)[] }[]) {
  test(`the answer ${said.kind} of a time server is told`, () => {
    const [seen] = filed([udp('answer', { port: 123, time: said })])
    assert.ok(seen)
    const step = stepOf(seen)
    assert.equal(step.did, 'sent 48 octets to 10.1.0.5:123 over udp')
    const [, ...rest] = step.particulars
    assert.equal(rest.length, particulars.length, rest.join('\n'))
    for (const [at, wanted] of particulars.entries()) {
      if (typeof wanted === 'string') assert.equal(rest[at], wanted)
      else assert.match(rest[at] ?? '', wanted)
    }
  })
}

for (const { upgrade, words } of [
  {
    upgrade: { offered: ['amqp'], outcome: 'accepted', protocol: 'amqp', heard: 'pong', pongMs: 9 },
    words: ['WebSocket accepted, offered amqp', 'subprotocol amqp', 'answered a ping with a pong after 9 ms'],
  },
  {
    upgrade: { offered: [], outcome: 'accepted', heard: 'violation', why: 'a server frame is masked' },
    words: [
      'WebSocket accepted, offered no subprotocol',
      'broke the protocol after the handshake',
      'a server frame is masked',
    ],
  },
  {
    upgrade: { offered: ['amqp'], outcome: 'not-switched', trackingId: '1f2e3d4c_G1' },
    words: ['WebSocket not accepted, offered amqp', 'Service Bus tracking id 1f2e3d4c_G1'],
  },
] as const satisfies readonly { readonly upgrade: WebSocketUpgrade; readonly words: readonly string[] }[]) {
  test(`an opening handshake that is ${upgrade.outcome} is told: ${words.at(-1)}`, () => {
    const [seen] = filed([http('response', { upgrade })])
    assert.ok(seen)
    const { particulars } = stepOf(seen)
    for (const word of words) assert.ok(particulars.includes(word), `${word} in ${particulars.join('\n')}`)
  })
}
