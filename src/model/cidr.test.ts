import assert from 'node:assert/strict'
import { BlockList, isIP } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  canonicalAddress,
  cidrContains,
  formatAddress,
  formatCidr,
  isLoopback,
  isPrivate,
  isPublic,
  parseAddress,
  parseCidr,
  parseHostPort,
} from './cidr.ts'

const ipv6 = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }).map((value) => formatAddress({ family: 6, value }))
// Runs of zero groups are where the canonical text is hard.
const sparseIpv6 = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), { minLength: 8, maxLength: 8 })
  .map((groups) => groups.map((group) => group.toString(16)).join(':'))
const address = fc.oneof(fc.ipV4(), fc.ipV6(), ipv6, sparseIpv6)

test('canonical texts are those of RFC 5952', () => {
  const rows: [string, string][] = [
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:DB8::A', '2001:db8::a'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['1:0:0:0:0:0:0:0', '1::'],
    ['::ffff:10.1.0.5', '::ffff:10.1.0.5'],
    ['::ffff:0a01:0005', '::ffff:10.1.0.5'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['10.1.0.5', '10.1.0.5'],
  ]
  for (const [text, canonical] of rows) assert.equal(canonicalAddress(text), canonical, text)
})

test('what is ambiguous or incomplete is no address', () => {
  for (const text of [
    '',
    '10.1.0',
    '10.1.0.5.6',
    '010.1.0.5',
    '10.1.0.256',
    '1e1.0.0.1',
    ' 10.1.0.5',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    ':::',
    '1:2:3:4:5:6:7:8::',
    '::12345',
    'fe80::1%eth0',
    '1.2.3.4::',
    '::1.2.3.4:5',
  ]) {
    assert.equal(parseAddress(text), undefined, text)
  }
})

test('any text is an address exactly when Node says so, zones apart', () => {
  fc.assert(
    fc.property(fc.oneof(address, fc.string(), fc.stringMatching(/^[0-9a-f:.]{0,24}$/)), (text) => {
      fc.pre(!text.includes('%'))
      assert.equal(parseAddress(text)?.family ?? 0, isIP(text), text)
    }),
    { numRuns: 2000 },
  )
})

test('a canonical text reads as the same address and is its own canonical text', () => {
  fc.assert(
    fc.property(address, (text) => {
      const parsed = parseAddress(text)
      assert.ok(parsed)
      const canonical = formatAddress(parsed)
      assert.deepEqual(parseAddress(canonical), parsed)
      assert.equal(canonicalAddress(canonical), canonical)
    }),
  )
})

test('a block with host bits is refused with the block that was meant', () => {
  assert.deepEqual(parseCidr('10.1.2.3/16'), { error: 'host-bits', canonical: '10.1.0.0/16' })
  assert.deepEqual(parseCidr('2001:db8::1/32'), { error: 'host-bits', canonical: '2001:db8::/32' })
  assert.deepEqual(parseCidr('10.0.0.0/33'), { error: 'prefix-length' })
  assert.deepEqual(parseCidr('::/129'), { error: 'prefix-length' })
  assert.deepEqual(parseCidr('10.0.0.0/08'), { error: 'not-a-cidr' })
  assert.deepEqual(parseCidr('10.0.0.0/8/8'), { error: 'not-a-cidr' })
  assert.deepEqual(parseCidr('10.0.0.0'), { error: 'not-a-cidr' })
  assert.deepEqual(parseCidr('ten/8'), { error: 'not-a-cidr' })
})

test('a block contains what Node’s BlockList says it contains', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }),
      fc.integer({ min: 0, max: 128 }),
      fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }),
      fc.boolean(),
      (base, length, other, near) => {
        const shift = BigInt(128 - length)
        const cidr = { family: 6 as const, first: (base >> shift) << shift, prefixLength: length }
        const value = near ? cidr.first | (other & ((1n << shift) - 1n)) : other
        const list = new BlockList()
        list.addSubnet(formatAddress({ family: 6, value: cidr.first }), length, 'ipv6')
        const tested = { family: 6 as const, value }
        assert.equal(cidrContains(cidr, tested), list.check(formatAddress(tested), 'ipv6'))
        assert.deepEqual(parseCidr(formatCidr(cidr)), { ok: cidr })
      },
    ),
  )
})

test('an IPv4 block contains what Node’s BlockList says it contains', () => {
  fc.assert(
    fc.property(
      fc.ipV4(),
      fc.integer({ min: 0, max: 32 }),
      fc.ipV4(),
      fc.ipV4Extended(),
      (base, length, other, octal) => {
        const parsed = parseCidr(`${base}/${length}`)
        if ('error' in parsed) assert.equal(parsed.error, 'host-bits')
        const canonical = 'ok' in parsed ? formatCidr(parsed.ok) : 'canonical' in parsed ? parsed.canonical : ''
        const cidr = parseCidr(canonical)
        assert.ok('ok' in cidr, canonical)
        const list = new BlockList()
        list.addSubnet(base, length, 'ipv4')
        for (const text of [base, other]) {
          const address = parseAddress(text)
          assert.ok(address)
          assert.equal(cidrContains(cidr.ok, address), list.check(text, 'ipv4'), `${text} in ${canonical}`)
        }
        // Octal, hexadecimal and short notations are addresses to some programs, and to nobody here.
        assert.equal(parseAddress(octal) !== undefined, isIP(octal) === 4, octal)
      },
    ),
  )
})

test('addresses are loopback, private or public, IPv4-mapped ones by what they lead to', () => {
  const rows: [string, 'loopback' | 'private' | 'public' | 'special'][] = [
    ['127.0.0.53', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['10.1.0.5', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.0', 'public'],
    ['100.64.0.1', 'private'],
    ['169.254.169.254', 'private'],
    ['fd00::1', 'private'],
    ['fe80::1', 'private'],
    ['::ffff:192.168.0.1', 'private'],
    ['20.190.128.1', 'public'],
    ['2603:1006:2000::1', 'public'],
    ['203.0.113.9', 'special'],
    ['224.0.0.1', 'special'],
    ['0.0.0.0', 'special'],
    ['::', 'special'],
    ['192.0.0.1', 'special'],
    ['198.19.0.1', 'special'],
    ['255.255.255.255', 'special'],
    ['2001:db8::1', 'special'],
    ['2002:0a01:0005::1', 'special'],
    ['3fff::1', 'special'],
    ['fec0::1', 'special'],
    ['ff02::1', 'special'],
    ['::10.1.0.5', 'special'],
    ['64:ff9b::10.1.0.5', 'private'],
    ['64:ff9b::20.190.128.1', 'public'],
    ['64:ff9b:1::1', 'special'],
  ]
  for (const [text, kind] of rows) {
    const parsed = parseAddress(text)
    assert.ok(parsed, text)
    const found = isLoopback(parsed)
      ? 'loopback'
      : isPrivate(parsed)
        ? 'private'
        : isPublic(parsed)
          ? 'public'
          : 'special'
    assert.equal(found, kind, text)
  }
})

test('host and port are told apart in every notation', () => {
  assert.deepEqual(parseHostPort('10.1.0.5'), { host: '10.1.0.5' })
  assert.deepEqual(parseHostPort('10.1.0.5:5353'), { host: '10.1.0.5', port: 5353 })
  assert.deepEqual(parseHostPort('[::1]:53'), { host: '::1', port: 53 })
  assert.deepEqual(parseHostPort('[2001:DB8::1]'), { host: '2001:db8::1' })
  assert.deepEqual(parseHostPort('2001:db8::1'), { host: '2001:db8::1' })
  assert.deepEqual(parseHostPort('DC01.corp.example:88'), { host: 'dc01.corp.example', port: 88 })
  for (const text of ['', ':53', 'host:', 'host:0', 'host:70000', '[::1', '[10.1.0.5]', 'a b:1', 'http://x']) {
    assert.equal(parseHostPort(text), undefined, text)
  }
  fc.assert(fc.property(fc.string(), (text) => void parseHostPort(text)))
})
