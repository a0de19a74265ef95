import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { handlesLeft, openHandles } from '../../test/openHandles.ts'
import { tcpServer } from '../../test/tcpServer.ts'
import type { NameLookup } from '../model/observation.ts'
import { systemClock } from './clock.ts'
import { lookup } from './lookup.ts'
import type { LookupQuestion } from './net.ts'
import type { PlatformEnd } from './platformResolver.ts'
import { createPlatformResolver } from './platformResolver.ts'

const never = new AbortController().signal
const limits = { signal: never, timeoutMs: 5000 }
const soon = { signal: never, timeoutMs: 100 }

/** Octets that make each letter of a name upper case, and the id 0xffff, unless said otherwise. */
const tools = {
  clock: systemClock,
  random: (octets: number) => new Uint8Array(octets).fill(0xff),
  platform: createPlatformResolver(),
}

interface Reply {
  /** Flags and RCODE as the second word of the header; default: a recursive answer without error. */
  readonly flags?: number
  readonly id?: number
  /** Records of the answer section as hexadecimal; `c00c` is the name of the question. */
  readonly answers?: readonly string[]
  readonly question?: (question: Buffer) => Buffer
}

const address = 'c00c 0001 0001 0000003c 0004 cb007101'

function questionOf(query: Buffer): Buffer {
  let offset = 12
  while ((query[offset] ?? 0) !== 0) offset += 1 + (query[offset] ?? 0)
  return query.subarray(12, offset + 5)
}

function reply(query: Buffer, { flags = 0x8180, id, answers = [], question = (same) => same }: Reply): Buffer {
  const asked = question(questionOf(query))
  const header = Buffer.alloc(12)
  header.writeUInt16BE(id ?? query.readUInt16BE(0), 0)
  header.writeUInt16BE(flags, 2)
  header.writeUInt16BE(asked.length === 0 ? 0 : 1, 4)
  header.writeUInt16BE(answers.length, 6)
  return Buffer.concat([header, asked, ...answers.map((hex) => Buffer.from(hex.replaceAll(' ', ''), 'hex'))])
}

/** A name server on UDP that answers each query with what `answer` makes of it. */
async function udpServer(t: TestContext, answer: (query: Buffer) => readonly Buffer[]) {
  const queries: Buffer[] = []
  const socket = createSocket('udp4', (query, from) => {
    queries.push(query)
    for (const octets of answer(query)) socket.send(octets, from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.after(() => socket.close())
  return { resolver: { address: '127.0.0.1', port: socket.address().port }, queries }
}

const ask = (resolver: LookupQuestion['resolver'], asked: Partial<LookupQuestion> = {}): LookupQuestion => ({
  name: 'example.com',
  type: 'A',
  resolver,
  resolverRole: 'internal',
  transport: 'udp',
  ...asked,
})

test('an answer over UDP is read, whoever was asked is named, and the query had a fresh id and mixed case', async (t) => {
  const server = await udpServer(t, (query) => [reply(query, { answers: [address] })])
  const { at, ms, ...seen } = await lookup(ask(server.resolver), limits, tools)
  assert.deepEqual(seen, {
    kind: 'name-lookup',
    name: 'example.com',
    type: 'A',
    resolver: `127.0.0.1:${server.resolver.port}`,
    resolverRole: 'internal',
    transport: 'udp',
    outcome: 'answer',
    rcode: 0,
    authoritative: false,
    answers: ['203.0.113.1'],
    aliases: [],
    ttlSec: 60,
  })
  assert.match(at, /^\d{4}-.*Z$/)
  assert.ok(ms >= 0)
  const [query] = server.queries
  assert.equal(query?.readUInt16BE(0), 0xffff)
  assert.ok(query?.includes('EXAMPLE'))
  assert.ok(query?.toString('hex').includes('00002904d0'), 'EDNS with 1232 octets')
})

for (const { says, flags, answers, outcome, more } of [
  { says: 'no records of the type', flags: 0x8580, answers: [], outcome: 'no-data', more: { authoritative: true } },
  { says: 'NXDOMAIN', flags: 0x8183, answers: [], outcome: 'name-error', more: { rcode: 3 } },
  { says: 'SERVFAIL', flags: 0x8182, answers: [], outcome: 'server-failure', more: { rcode: 2 } },
  { says: 'REFUSED', flags: 0x8185, answers: [], outcome: 'refused-by-policy', more: { rcode: 5 } },
  { says: 'NOTAUTH', flags: 0x8189, answers: [], outcome: 'other-rcode', more: { rcode: 9 } },
  { says: 'truncation', flags: 0x8380, answers: [address], outcome: 'answer', more: { truncated: true } },
  { says: 'truncation, and no record', flags: 0x8380, answers: [], outcome: 'answer', more: { truncated: true } },
] as const) {
  test(`a server that says ${says} is ${outcome}`, async (t) => {
    const server = await udpServer(t, (query) => [reply(query, { flags, answers })])
    const seen = await lookup(ask(server.resolver), limits, tools)
    assert.equal(seen.outcome, outcome)
    for (const [key, value] of Object.entries(more)) assert.equal(seen[key as keyof typeof seen], value)
    assert.equal(server.queries.length, 1)
  })
}

for (const { what, wrong, detail } of [
  { what: 'another id', wrong: { id: 7 }, detail: 'an answer with the id 7, asked was 65535' },
  {
    what: 'another question',
    wrong: { question: () => Buffer.from('\x04evil\x07example\0\0\x01\0\x01', 'latin1') },
    detail: 'an answer about evil.example A',
  },
  {
    what: 'no question',
    wrong: { question: () => Buffer.alloc(0), answers: [] },
    detail: 'an answer without the question',
  },
  { what: 'a query', wrong: { flags: 0x0100 }, detail: 'a query came back, not an answer' },
] satisfies readonly { what: string; wrong: Reply; detail: string }[]) {
  test(`an answer with ${what} is a mismatch when nothing better comes`, async (t) => {
    const server = await udpServer(t, (query) => [reply(query, { answers: [address], ...wrong })])
    const seen = await lookup(ask(server.resolver), soon, tools)
    assert.deepEqual([seen.outcome, seen.detail, seen.answers], ['mismatch', detail, []])
  })

  test(`an answer with ${what} is passed over when the right one follows`, async (t) => {
    const server = await udpServer(t, (query) => [
      reply(query, { answers: [address], ...wrong }),
      reply(query, { answers: [address] }),
    ])
    const seen = await lookup(ask(server.resolver), limits, tools)
    assert.deepEqual([seen.outcome, seen.answers], ['answer', ['203.0.113.1']])
  })
}

test('a server that does not repeat the case of letters is answered by, and that is noted', async (t) => {
  const lower = (question: Buffer): Buffer => Buffer.from(question.toString('latin1').toLowerCase(), 'latin1')
  const server = await udpServer(t, (query) => [reply(query, { answers: [address], question: lower })])
  const seen = await lookup(ask(server.resolver), limits, tools)
  assert.deepEqual([seen.outcome, seen.detail], ['answer', 'the server does not repeat the case of letters'])
})

test('an answer under the right id that cannot be read is malformed', async (t) => {
  const server = await udpServer(t, (query) => [reply(query, { answers: ['c00c 0001 0001 0000003c 0004 cb'] })])
  const seen = await lookup(ask(server.resolver), limits, tools)
  assert.equal(seen.outcome, 'malformed')
  assert.match(seen.detail ?? '', /^at octet \d+: 4 octets wanted, 1 left$/)
})

test('a single octet is malformed when nothing better comes', async (t) => {
  const server = await udpServer(t, () => [Buffer.of(1)])
  assert.equal((await lookup(ask(server.resolver), soon, tools)).outcome, 'malformed')
})

test('a server that knows no EDNS is asked again without it', async (t) => {
  const server = await udpServer(t, (query) => [
    query.readUInt16BE(10) === 1 ? reply(query, { flags: 0x8181 }) : reply(query, { answers: [address] }),
  ])
  const seen = await lookup(ask(server.resolver), limits, tools)
  assert.deepEqual([seen.outcome, seen.detail], ['answer', 'the server knows no EDNS (RFC 6891 §7)'])
  assert.equal(server.queries.length, 2)
})

test('a server that understands nothing is asked twice, not for ever', async (t) => {
  const server = await udpServer(t, (query) => [reply(query, { flags: 0x8181 })])
  const seen = await lookup(ask(server.resolver), limits, tools)
  assert.deepEqual([seen.outcome, seen.rcode, server.queries.length], ['other-rcode', 1, 2])
})

test('a silent server is a time-out', async (t) => {
  const server = await udpServer(t, () => [])
  const seen = await lookup(ask(server.resolver), soon, tools)
  assert.deepEqual([seen.outcome, seen.rcode, seen.answers], ['timeout', undefined, []])
})

test('a server is asked over IPv6, and named in brackets', async (t) => {
  const socket = createSocket('udp6', (query, from) => {
    socket.send(reply(query, { answers: [address] }), from.port, from.address)
  })
  t.after(() => socket.close())
  const bound = await new Promise<boolean>((resolve) => {
    socket.once('error', () => resolve(false))
    socket.bind(0, '::1', () => resolve(true))
  })
  if (!bound) return t.skip('this machine has no ::1')
  const { port } = socket.address()
  const seen = await lookup(ask({ address: '::1', port }), limits, tools)
  assert.deepEqual([seen.outcome, seen.resolver, seen.answers], ['answer', `[::1]:${port}`, ['203.0.113.1']])
})

test('a port without a server refuses, over UDP and over TCP', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const at = server.address()
  assert.ok(at !== null && typeof at === 'object')
  server.close()
  await once(server, 'close')
  const resolver = { address: '127.0.0.1', port: at.port }
  for (const transport of ['udp', 'tcp'] as const) {
    const seen = await lookup(ask(resolver, { transport }), limits, tools)
    assert.deepEqual([seen.outcome, seen.detail, seen.transport], ['refused', 'ECONNREFUSED', transport])
  }
})

/** A name server on TCP; `send` gets the octets of the answer with their length before them. */
function tcpDns(t: TestContext, send: (octets: Buffer, write: (part: Buffer) => void, end: () => void) => void) {
  return tcpServer(t, (socket) => {
    socket.once('data', (query: Buffer) => {
      const message = reply(query.subarray(2), { answers: [address] })
      const length = Buffer.alloc(2)
      length.writeUInt16BE(message.length)
      send(
        Buffer.concat([length, message]),
        (part) => socket.write(part),
        () => socket.end(),
      )
    })
  })
}

for (const { how, send } of [
  { how: 'whole', send: (octets: Buffer, write: (part: Buffer) => void) => write(octets) },
  {
    how: 'octet by octet',
    send: (octets: Buffer, write: (part: Buffer) => void) => {
      const next = (rest: Buffer): void => {
        if (rest.length === 0) return
        write(rest.subarray(0, 1))
        setImmediate(next, rest.subarray(1))
      }
      next(octets)
    },
  },
  {
    how: 'after one with another id',
    send: (octets: Buffer, write: (part: Buffer) => void) => {
      const other = Buffer.from(octets)
      other.writeUInt16BE(1, 2)
      write(Buffer.concat([other, octets]))
    },
  },
]) {
  test(`an answer over TCP is read when it comes ${how}`, async (t) => {
    const server = await tcpDns(t, send)
    const seen = await lookup(ask(server, { transport: 'tcp' }), limits, tools)
    assert.deepEqual([seen.outcome, seen.answers, seen.transport], ['answer', ['203.0.113.1'], 'tcp'])
    await server.idle()
  })
}

for (const { how, send, outcome, detail } of [
  {
    how: 'closes without an answer',
    send: (_: Buffer, __: (part: Buffer) => void, end: () => void) => end(),
    outcome: 'unreachable',
    detail: 'closed without an answer',
  },
  {
    how: 'closes in the middle of one',
    send: (octets: Buffer, write: (part: Buffer) => void, end: () => void) => {
      write(octets.subarray(0, 20))
      end()
    },
    outcome: 'malformed',
    detail: 'closed after 20 octets of an answer',
  },
  {
    how: 'answers something else and closes',
    send: (octets: Buffer, write: (part: Buffer) => void, end: () => void) => {
      octets.writeUInt16BE(1, 2)
      write(octets)
      end()
    },
    outcome: 'mismatch',
    detail: 'an answer with the id 1, asked was 65535',
  },
]) {
  test(`a server on TCP that ${how} is ${outcome}`, async (t) => {
    const server = await tcpDns(t, send)
    const seen = await lookup(ask(server, { transport: 'tcp' }), limits, tools)
    assert.deepEqual([seen.outcome, seen.detail], [outcome, detail])
    await server.idle()
  })
}

for (const { what, flood, outcome, detail } of [
  {
    what: 'empty messages',
    flood: () => Buffer.alloc(65_536),
    outcome: 'malformed',
    detail: '0 octets are no DNS message',
  },
  {
    what: 'answers with another id',
    flood: (octets: Buffer) => {
      octets.writeUInt16BE(1, 2)
      return Buffer.concat(Array<Buffer>(500).fill(octets))
    },
    outcome: 'mismatch',
    detail: 'an answer with the id 1, asked was 65535',
  },
  {
    what: 'queries',
    flood: (octets: Buffer) => {
      octets.writeUInt16BE(0x0100, 4)
      return Buffer.concat(Array<Buffer>(500).fill(octets))
    },
    outcome: 'mismatch',
    detail: 'a query came back, not an answer',
  },
]) {
  test(`a server on TCP that sends ${what} without end is ${outcome}, and is not listened to any longer`, async (t) => {
    const server = await tcpServer(t, (socket) => {
      socket.once('data', (query: Buffer) => {
        const message = reply(query.subarray(2), { answers: [address] })
        const length = Buffer.alloc(2)
        length.writeUInt16BE(message.length)
        const piece = flood(Buffer.concat([length, message]))
        const pour = (): void => {
          while (!socket.destroyed && socket.write(piece)) {}
        }
        socket.on('drain', pour)
        pour()
      })
    })
    // Nothing but the flood itself ends this wait.
    const seen = await lookup(ask(server, { transport: 'tcp' }), { signal: never, timeoutMs: 600_000 }, tools)
    assert.deepEqual([seen.outcome, seen.detail], [outcome, detail])
    await server.idle()
  })
}

test('a server on TCP that resets the connection is unreachable, with the code', async (t) => {
  const server = await tcpServer(t, (socket) => socket.once('data', () => socket.resetAndDestroy()))
  const seen = await lookup(ask(server, { transport: 'tcp' }), limits, tools)
  assert.deepEqual([seen.outcome, seen.detail], ['unreachable', 'ECONNRESET'])
})

for (const transport of ['udp', 'tcp'] as const) {
  test(`a caller who gives up on ${transport} is told so, and no socket stays open`, async (t) => {
    const silent =
      transport === 'udp' ? (await udpServer(t, () => [])).resolver : await tcpServer(t, (socket) => socket.resume())
    const kind = transport === 'udp' ? 'UDPWrap' : 'TCPSocketWrap'
    const before = openHandles(kind)
    const controller = new AbortController()
    const asked = { signal: controller.signal, timeoutMs: 600_000 }
    const waiting = lookup(ask(silent, { transport }), asked, tools)
    await new Promise((resolve) => setTimeout(resolve, 10))
    controller.abort()
    assert.equal((await waiting).outcome, 'aborted')
    assert.ok((await handlesLeft(kind, before)) <= before)
  })
}

test('a name that cannot be asked for is told apart from one that does not exist', async (t) => {
  const server = await udpServer(t, () => [])
  const seen = await lookup(ask(server.resolver, { name: `${'a'.repeat(64)}.example` }), limits, tools)
  assert.deepEqual([seen.outcome, seen.rcode], ['name-error', undefined])
  assert.match(seen.detail ?? '', /^nothing was asked: a label of 64 octets/)
  assert.equal(server.queries.length, 0)
})

test('a name with letters beyond ASCII is asked for by its A-label', async (t) => {
  const server = await udpServer(t, (query) => [reply(query, { answers: [address] })])
  await lookup(ask(server.resolver, { name: 'bücher.example' }), limits, tools)
  assert.ok(server.queries[0]?.toString('latin1').toLowerCase().includes('xn--bcher-kva'))
})

test('the platform resolves localhost from its hosts file', async () => {
  const seen = await lookup(ask('system', { name: 'localhost' }), limits, tools)
  const { outcome, resolver, transport, answers } = seen
  assert.deepEqual({ outcome, resolver, transport, answers }, {
    outcome: 'answer',
    resolver: 'system',
    transport: 'system',
    answers: ['127.0.0.1'],
  } satisfies Partial<NameLookup>)
})

test('the platform is not waited for by a caller who has given up', async () => {
  const controller = new AbortController()
  const waiting = lookup(ask('system', { name: 'localhost' }), { signal: controller.signal, timeoutMs: 5000 }, tools)
  controller.abort()
  assert.equal((await waiting).outcome, 'aborted')
})

const addresses: PlatformEnd = { kind: 'addresses', addresses: ['203.0.113.1'] }
const unknown: PlatformEnd = { kind: 'failed', code: 'ENOTFOUND' }

for (const { says, ends, outcome, detail } of [
  { says: 'an address', ends: [addresses], outcome: 'answer', detail: undefined },
  { says: 'no such name of any family', ends: [unknown, unknown], outcome: 'name-error', detail: 'ENOTFOUND' },
  { says: 'no such name of this family', ends: [unknown, addresses], outcome: 'no-data', detail: undefined },
  { says: 'try again', ends: [{ kind: 'failed', code: 'EAI_AGAIN' }], outcome: 'server-failure', detail: 'EAI_AGAIN' },
  { says: 'no descriptors', ends: [{ kind: 'failed', code: 'EMFILE' }], outcome: 'tool-limit', detail: 'EMFILE' },
  {
    says: 'nothing, for it could not be asked',
    ends: [{ kind: 'no-means', why: 'EAGAIN' }],
    outcome: 'tool-limit',
    detail: 'EAGAIN',
  },
  { says: 'nothing in time', ends: [{ kind: 'timeout' }], outcome: 'timeout', detail: undefined },
] satisfies readonly { says: string; ends: PlatformEnd[]; outcome: string; detail: string | undefined }[]) {
  test(`a platform that says ${says} is ${outcome}`, async () => {
    const left = [...ends]
    const platform = { start: async () => {}, resolve: async () => left.shift() ?? assert.fail('asked too often') }
    const seen = await lookup(ask('system'), limits, { ...tools, platform })
    assert.deepEqual([seen.outcome, seen.detail, left.length], [outcome, detail, 0])
  })
}

test('the platform resolves addresses only', async () => {
  await assert.rejects(lookup(ask('system', { type: 'SOA' }), limits, tools), TypeError)
})

test('a question that is heard out keeps the first answer, and says that a second one contradicts it', async (t) => {
  const server = await udpServer(t, (query) => [reply(query, { flags: 0x8183 }), reply(query, { answers: [address] })])
  const seen = await lookup({ ...ask(server.resolver), hearOut: true }, limits, tools)
  assert.deepEqual(
    [seen.outcome, seen.answers, seen.contradictedBy],
    ['name-error', [], { outcome: 'answer', answers: ['203.0.113.1'] }],
  )
})

test('the same answer twice is one answer that came twice', async (t) => {
  const server = await udpServer(t, (query) => [0, 1].map(() => reply(query, { answers: [address] })))
  const seen = await lookup({ ...ask(server.resolver), hearOut: true }, soon, tools)
  assert.deepEqual([seen.outcome, seen.answers, seen.contradictedBy], ['answer', ['203.0.113.1'], undefined])
})

test('an answer from a place that was not asked is overheard where a question is heard out, and nowhere else', async (t) => {
  const other = createSocket('udp4').bind(0, '127.0.0.1')
  await once(other, 'listening')
  t.after(() => other.close())
  const asked = createSocket('udp4', (query, from) => {
    other.send(reply(query, { answers: [address] }), from.port, from.address)
  }).bind(0, '127.0.0.1')
  await once(asked, 'listening')
  t.after(() => asked.close())
  const resolver = { address: '127.0.0.1', port: asked.address().port }
  const plain = await lookup(ask(resolver), soon, tools)
  assert.deepEqual([plain.outcome, plain.answeredBy], ['timeout', undefined])
  const heard = await lookup({ ...ask(resolver), hearOut: true }, soon, tools)
  assert.deepEqual([heard.outcome, heard.answeredBy], ['mismatch', `127.0.0.1:${other.address().port}`])
})

test('a listener of Postern’s ends the question over UDP, whatever comes after it', async (t) => {
  const banner = Buffer.from('postern listen 0.1.0 dc01\r\n')
  const server = await udpServer(t, (query) => [banner, reply(query, { answers: [address] })])
  const seen = await lookup(ask(server.resolver), limits, tools)
  assert.equal(seen.outcome, 'mismatch')
  assert.equal(seen.listener, 'postern listen 0.1.0 dc01\\x0D\\x0A')
})

test('so it does over TCP, whether it leaves or not', async (t) => {
  const server = await tcpServer(t, (socket) => {
    socket.once('data', () => socket.write('postern listen 0.1.0 dc01 53/tcp; you are 10.1.0.10:50123\r\n'))
  })
  const { address: at, port } = server
  const seen = await lookup(ask({ address: at, port }, { transport: 'tcp' }), limits, tools)
  assert.equal(seen.outcome, 'mismatch')
  assert.match(seen.listener ?? '', /^postern listen 0\.1\.0 dc01 53\/tcp/)
  await server.idle()
})
