import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { createServer } from 'node:tls'
import fc from 'fast-check'
import { hostileTexts } from '../../test/hostileTexts.ts'
import { anAlert, anEvent, hostileAlert, openedOutlet, placesPki, toolsTo } from '../../test/outletRig.ts'
import { cefText } from './cef/sendCef.ts'
import type { Told } from './outlet.ts'
import { structuredMessage } from './syslog/sendStructured.ts'
import { syslogLine } from './syslogLine.ts'

const texts = [
  ...hostileTexts,
  'a"b]c\\d=e|f',
  '] [x@1 y="z"',
  '\n<34>1 - evil app - - - forged',
  'CEF:0|a|b|\r\ncs1=x msg=y',
]

/** RFC 5424 §6, read by another's eyes: head, SD-ELEMENTs and text; undefined for what is none. */
const form =
  /^<(\d{1,3})>1 (\S+) ([\x21-\x7e]{1,255}) postern - ([\x21-\x7e]{1,32}) (-|(?:\[[\x21-\x7e]+(?: [^\s="\]]{1,32}="(?:[^"\\\]]|\\["\\\]])*")*\])) (\ufeff?.*)$/su

function toldOf(text: string): readonly Told[] {
  return [
    { kind: 'alert', alert: hostileAlert(text) },
    { kind: 'event', event: anEvent({ reason: text, activity: text, route: text, detail: { [text]: text } }) },
  ]
}

test('a syslog message has its parts, whatever stands in the texts, and is one line', () => {
  for (const text of texts) {
    for (const told of toldOf(text)) {
      const line = syslogLine(structuredMessage(told, 32_473), 'local0', 8192).toString()
      const [, priority, , , , data] = form.exec(line) ?? []
      assert.ok(priority !== undefined, line)
      assert.doesNotMatch(line, /[\r\n\0]/)
      assert.match(data ?? '', /^\[(alert|event)@32473 /)
    }
  }
})

test('any text of others stays within its parameter and its message', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      for (const told of toldOf(text)) {
        const most = 2048
        const octets = syslogLine(structuredMessage(told, 32_473), 'audit', most)
        assert.ok(octets.length <= most)
        assert.match(octets.toString(), form)
        const cef = cefText(told, '1.2.3')
        assert.equal(cef.split(/(?<!\\)(?:\\\\)*\|/).length >= 8, true)
      }
    }),
  )
})

test('a message says how grave it is, when, where and what', () => {
  const line = syslogLine(structuredMessage({ kind: 'alert', alert: anAlert() }, 32_473), 'local4', 8192).toString()
  // local4 is 20, a high one is an error (3).
  assert.ok(line.startsWith('<163>1 2026-01-31T09:01:00.000Z connect01 postern - opened [alert@32473 alert="0198c000'))
  assert.ok(line.includes(' suspect="dc01.corp.example" cause="filtered-silently" '))
  assert.match(line, /\] Opened: host dc01\.corp\.example: 636\/tcp on dc01 is dropped/)
})

test('a long text is cut between characters, and one that is not ASCII says so', () => {
  const message = { severity: 6, at: 0, host: 'h', id: 'i', data: '-', text: 'ü'.repeat(3000) }
  for (const most of [2047, 2048, 2049]) {
    const octets = syslogLine(message, 'local0', most)
    assert.ok(octets.length <= most && octets.length > most - 2)
    assert.match(octets.toString(), /^<134>1 1970-01-01T00:00:00\.000Z h postern - i - \ufeffü+$/)
  }
})

test('cef: the head has seven bars that count, and the rest its keys', () => {
  const told = { kind: 'event', event: anEvent({ reason: 'a|b=c\\d', route: 'x y=z' }) } as const
  const text = cefText(told, '1.2.3')
  assert.ok(
    text.startsWith('CEF:0|Postern|Postern|1.2.3|authentication:a\\|b=c\\\\d|authentication sign-in denied: a\\|b=c'),
  )
  assert.ok(text.includes(' reason=a|b\\=c\\\\d '))
  assert.ok(text.includes(' cs2=x y\\=z cs2Label=route'))
  assert.ok(text.includes(' src=10.2.0.7 spt=50123 '))
  const ipv6 = cefText({ kind: 'event', event: anEvent({ src: { address: '2001:db8::7' } }) }, '1.2.3')
  assert.ok(ipv6.includes(' c6a2=2001:db8::7 ') && !ipv6.includes(' src='))
})

test('cef: what others wrote opens no field and no line', () => {
  for (const text of texts) {
    for (const told of toldOf(text)) {
      const written = cefText(told, '1.2.3')
      assert.doesNotMatch(written, /[\p{Cc}\u2028]/u)
      const [head = ''] = /^CEF:0(?:\|(?:[^|\\]|\\[|\\])*){6}\|/.exec(written) ?? []
      assert.notEqual(head, '', written.slice(0, 200))
      // Each equals sign that counts stands behind a key of ours.
      for (const [, key] of written.slice(head.length).matchAll(/(?:^| )([^ ]*?)(?<!\\)(?:\\\\)*=/g)) {
        assert.match(key ?? '', /^[a-zA-Z0-9]+$/)
      }
    }
  }
})

async function listenTls(t: TestContext) {
  const { leaf } = await placesPki()
  const came: Buffer[] = []
  const server = createServer({ cert: leaf.pem, key: leaf.keyPem }, (socket) => {
    socket.on('error', () => {})
    socket.on('data', (part: Buffer) => came.push(part))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return { port: (server.address() as AddressInfo).port, octets: () => Buffer.concat(came) }
}

for (const kind of ['syslog', 'cef'] as const) {
  test(`${kind}: messages go over TLS by octet counting, and the receiver has read them`, async (t) => {
    const { port, octets } = await listenTls(t)
    const outlet = await openedOutlet(kind, { host: 'siem.corp.example' }, await toolsTo(t, port))
    const told = [
      { kind: 'event', event: anEvent() },
      { kind: 'event', event: anEvent({ route: 'größe' }) },
    ] as const
    const delivery = await outlet.send(told, { timeoutMs: 5000, signal: t.signal })
    assert.deepEqual(delivery, { kind: 'taken', says: 'read 2 messages to the end; syslog answers nothing more' })
    const messages: string[] = []
    for (let left = octets(); left.length > 0; ) {
      const space = left.indexOf(0x20)
      const length = Number(left.subarray(0, space).toString())
      messages.push(left.subarray(space + 1, space + 1 + length).toString())
      left = left.subarray(space + 1 + length)
    }
    assert.equal(messages.length, 2)
    for (const message of messages) assert.match(message, form)
  })

  test(`${kind}: a receiver that is not trusted is sent nothing`, async (t) => {
    const { port, octets } = await listenTls(t)
    const outlet = await openedOutlet(kind, { host: 'siem.corp.example' }, await toolsTo(t, port, { trusts: false }))
    const told = [{ kind: 'event', event: anEvent() }] as const
    const delivery = await outlet.send(told, { timeoutMs: 5000, signal: t.signal })
    assert.deepEqual([delivery.kind, octets().length], ['later', 0])
  })
}
