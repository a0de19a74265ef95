import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { RpcInterface } from './dceRpc.ts'
import { decodeRpcAnswer } from './dceRpc.ts'
import type { EptMapAnswer } from './endpointMapper.ts'
import { decodeEptMapAnswer, encodeEptMap, rpcInterfaces } from './endpointMapper.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s+/g, ''), 'hex'))
const { drsuapi, netlogon, lsarpc, samr } = rpcInterfaces
const octetsOf = {
  drsuapi: '354251e3064bd111ab0400c04fc2dcd2 0400',
  netlogon: '785634123412cdabef0001234567cffb 0100',
  lsarpc: '785734123412cdabef000123456789ab 0000',
  samr: '785734123412cdabef000123456789ac 0100',
}

/** The tower of an interface at a port and an address. */
const tower = (syntax: string, port: string, address = '00000000'): string =>
  `0500 1300 0d ${syntax} 0200 0000 1300 0d 045d888aeb1cc9119fe808002b104860 0200 0200 0000
   0100 0b 0200 0000 0100 07 0200 ${port} 0100 09 0400 ${address}`

/** What Samba 4.17 as domain controller answers to ept_map (call 2), captured: the whole packet but for interface and port. */
const samba = (syntax: string, port: string): Uint8Array =>
  hex(`05000203100000009800000002000000 80000000 0000 00 00 ${'00'.repeat(20)} 01000000 10000000 00000000 01000000
    02000000 4b000000 4b000000 ${tower(syntax, port)} 00 00000000`)

/** Results of ept_map as such. */
const answerTo = (asked: RpcInterface, stub: Uint8Array, littleEndian = true): EptMapAnswer =>
  decodeEptMapAnswer({ kind: 'response', stub, littleEndian }, asked)
const results = (...parts: readonly string[]): Uint8Array => hex(['00'.repeat(20), ...parts].join(''))
const sized = (octets: string): string => `${'4b000000'.repeat(2)} ${octets} 00`

test('a request is, octet by octet, the one that Samba answered', () => {
  assert.deepEqual(
    encodeEptMap(drsuapi, 2),
    hex(`05000003100000008c00000002000000 74000000 0000 0300 00000000 01000000 4b000000 4b000000
      ${tower(octetsOf.drsuapi, '0000')} 00 ${'00'.repeat(20)} 10000000`),
  )
})

for (const { asked, port, is } of [
  { asked: drsuapi, port: 'c001', is: 49153 },
  { asked: netlogon, port: 'c000', is: 49152 },
  { asked: lsarpc, port: 'c001', is: 49153 },
  { asked: samr, port: 'c002', is: 49154 },
]) {
  test(`the port of ${asked.name} is read from what Samba answers`, () => {
    const answer = decodeRpcAnswer(samba(octetsOf[asked.name], port), 2)
    assert.ok(answer.kind === 'response')
    const endpoints = [{ port: is, address: '0.0.0.0' }]
    assert.deepEqual(decodeEptMapAnswer(answer, asked), { kind: 'mapped', endpoints, leftOut: 0 })
  })
}

/** Made by hand from C706 appendices I, L and O: one over a named pipe, two over TCP, as a Windows server with two addresses has them. */
const pipe = `0500 1300 0d ${octetsOf.samr} 0200 0000 1300 0d 045d888aeb1cc9119fe808002b104860 0200 0200 0000
  0100 0b 0200 0000 0100 0f 0c00 ${Buffer.from('\\pipe\\lsass\0').toString('hex')} 0100 11 0400 ${Buffer.from('DC1\0').toString('hex')}`
const pipeLength = `${hex(pipe).length.toString(16)}000000`
const several = results(
  '04000000 10000000 00000000 04000000 03000000 00000000 04000000 05000000',
  `${pipeLength} ${pipeLength} ${pipe} ${'00'.repeat(-hex(pipe).length & 3)}`,
  sized(tower(octetsOf.samr, 'c023', '0a010005')),
  sized(tower(octetsOf.samr, 'c024', '0a020005')),
  '00000000',
)

test('of several towers those over TCP are told, in their order, and the others counted, empty ones too', () => {
  assert.deepEqual(answerTo(samr, several), {
    kind: 'mapped',
    endpoints: [
      { port: 49187, address: '10.1.0.5' },
      { port: 49188, address: '10.2.0.5' },
    ],
    leftOut: 2,
  })
})

test('with the high octets first a tower is the same, and what stands around it is not', () => {
  const bigEndian = results(
    '00000001 00000010 00000000 00000001 00000001 0000004b 0000004b',
    `${tower(octetsOf.samr, 'c023', '0a010005')} 00 00000000`,
  )
  const endpoints = [{ port: 49187, address: '10.1.0.5' }]
  assert.deepEqual(answerTo(samr, bigEndian, false), { kind: 'mapped', endpoints, leftOut: 0 })
})

const one = '01000000 10000000 00000000 01000000 02000000'
const none = '00000000 10000000 00000000 00000000'

for (const { what, stub, says } of [
  {
    what: 'of an interface that is not registered, captured from Samba 4.17',
    stub: results(none, 'd6a0c916'),
    says: { kind: 'not-registered' },
  },
  { what: 'with the Win32 error of that', stub: results(none, 'd9060000'), says: { kind: 'not-registered' } },
  {
    what: 'that denies access',
    stub: results(none, '05000000'),
    says: { kind: 'refused', status: 5, name: 'ERROR_ACCESS_DENIED' },
  },
  {
    what: 'with a status of no name',
    stub: results(none, '01000080'),
    says: { kind: 'refused', status: 0x80000001, name: '0x80000001' },
  },
  { what: 'of no towers', stub: results(none, '00000000'), says: { kind: 'empty', leftOut: 0 } },
  {
    what: 'of another interface',
    stub: results(one, sized(tower(octetsOf.netlogon, 'c001')), '00000000'),
    says: { kind: 'empty', leftOut: 1 },
  },
  {
    what: 'of RPC without a connection',
    stub: results(one, sized(tower(octetsOf.samr, 'c001').replace('0100 0b', '0100 0a')), '00000000'),
    says: { kind: 'empty', leftOut: 1 },
  },
  {
    what: 'of another version',
    stub: results(one, sized(tower(octetsOf.samr.replace('0100', '0200'), 'c001')), '00000000'),
    says: { kind: 'empty', leftOut: 1 },
  },
  {
    what: 'of port 0',
    stub: results(one, sized(tower(octetsOf.samr, '0000')), '00000000'),
    says: { kind: 'empty', leftOut: 1 },
  },
  {
    what: 'of a tower whose floor runs past its end',
    stub: results(one, sized(tower(octetsOf.samr, 'c001').replace('0400', 'ffff')), '00000000'),
    says: { kind: 'empty', leftOut: 1 },
  },
  {
    what: 'of an empty tower',
    stub: results(one, '00000000 00000000 00000000'),
    says: { kind: 'empty', leftOut: 1 },
  },
  { what: 'of nothing', stub: new Uint8Array(), says: 'the answer of ept_map ends too early' },
  { what: 'without a status', stub: results(none), says: 'the answer of ept_map ends too early' },
  {
    what: 'of more towers than were asked for',
    stub: results('11000000 11000000 00000000 11000000'),
    says: '17 towers, asked was for 16 at most',
  },
  {
    what: 'of 4,294,967,295 towers',
    stub: results('ffffffff ffffffff 00000000 ffffffff'),
    says: '4294967295 towers, asked was for 16 at most',
  },
  {
    what: 'of two counts',
    stub: results('01000000 10000000 00000000 02000000'),
    says: '1 towers, in an array of 16 that holds 2 from 0 on',
  },
  {
    what: 'of an array that begins elsewhere',
    stub: results('01000000 10000000 01000000 01000000'),
    says: '1 towers, in an array of 16 that holds 1 from 1 on',
  },
  {
    what: 'of an array that is too small',
    stub: results('02000000 01000000 00000000 02000000'),
    says: '2 towers, in an array of 1 that holds 2 from 0 on',
  },
  { what: 'of a tower that is not there', stub: results(one), says: 'a tower is missing' },
  {
    what: 'of a tower of two lengths',
    stub: results(one, '4b000000 4c000000', tower(octetsOf.samr, 'c001')),
    says: 'a tower of 76 octets, in an array of 75',
  },
  {
    what: 'of a tower of 4 GiB',
    stub: results(one, 'ffffffff ffffffff', tower(octetsOf.samr, 'c001')),
    says: 'a tower of 4294967295 octets runs past the end',
  },
]) {
  const expected = typeof says === 'string' ? { kind: 'unreadable', why: says } : says
  test(`an answer ${what} is ${expected.kind}`, () => assert.deepEqual(answerTo(samr, stub), expected))
}

test('any part of an answer is unreadable', () => {
  for (let length = 0; length < several.length; length += 1) {
    assert.equal(answerTo(samr, several.subarray(0, length)).kind, 'unreadable', `${length}`)
  }
})

test('any octets, and any change of an answer, give a value of bounded length', () => {
  const changed = fc.tuple(fc.nat(several.length - 1), fc.nat(255)).map(([at, octet]) => several.with(at, octet))
  const long = fc.nat(several.length - 5).map((at) => {
    const octets = Uint8Array.from(several)
    octets.fill(0xff, at, at + 4)
    return octets
  })
  fc.assert(
    fc.property(fc.oneof(changed, long, fc.uint8Array({ maxLength: 200 })), fc.boolean(), (stub, littleEndian) => {
      const read = answerTo(samr, stub, littleEndian)
      if (read.kind !== 'mapped') return
      assert.ok(read.endpoints.length + read.leftOut <= 16)
      for (const { port, address } of read.endpoints) {
        assert.ok(port >= 1 && port <= 65_535 && /^\d+(\.\d+){3}$/.test(address))
      }
    }),
    { numRuns: 3000 },
  )
})
