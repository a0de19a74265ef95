import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { readsAny } from '../../../../test/firewall/readsAny.ts'
import type { FirewallCase } from '../../../../test/firewallCases.ts'
import { firewallCases, judgeCase } from '../../../../test/firewallCases.ts'
import { read } from './index.ts'

const folder = new URL('./cases/', import.meta.url)
const row = (
  file: FirewallCase['file'],
  flow: string,
  expect: FirewallCase['expect'],
  says: string,
  more: Partial<FirewallCase> = {},
): FirewallCase => ({ file, flow, expect, says, ...more })

const cases: readonly FirewallCase[] = [
  row('realistic.conf', '10.1.0.10 > 20.190.128.1:443', 'allow', 'a policy between zones, with a set of addresses', {
    by: 'sync',
  }),
  row(
    'realistic.conf',
    '10.1.0.10 > 40.126.9.9:80',
    'allow',
    'a range of addresses, and the second of two applications',
  ),
  row('realistic.conf', '10.1.0.12 > 20.190.128.1:5671', 'allow', 'a set of applications', { by: 'agents' }),
  row('realistic.conf', '10.1.0.10 > 192.0.2.1:443', 'may', 'an address by its name depends on what it resolves to', {
    dependsOn: /login\.microsoftonline\.com/,
  }),
  row('realistic.conf', '10.1.0.9 > login.microsoftonline.com:443', 'allow', 'asked for by that name it passes', {
    by: 'by-name',
  }),
  row(
    'realistic.conf',
    '10.1.0.10 > 192.0.2.1:22',
    'reject',
    'a policy that is inactive is none, and the last one rejects',
    { by: 'no' },
  ),
  row('realistic.conf', '10.1.0.10 > 10.9.0.1:443', 'no-path', 'a route that discards leads nowhere'),
  row('realistic.conf', '192.0.9.1 > 198.51.100.30:443', 'allow', 'a policy sees the translated destination', {
    becomes: '192.168.50.30:8443',
    by: 'gate',
  }),
  row('realistic.conf', '192.0.9.1 > 198.51.100.11:443', 'allow', 'a static translation', { becomes: '192.168.50.11' }),
  row('realistic.conf', '192.0.9.1 > 198.51.100.11:80', 'drop', 'what no policy permits is denied', {
    by: 'default deny',
  }),
  row('realistic.conf', '10.1.0.9 > 10.1.0.1:22', 'may', 'the device itself is not judged', { passage: 'input' }),
  row('commands.set', '10.1.0.10 > 192.0.2.1:443', 'allow', 'set commands, with the book of a zone'),
  row('commands.set', '10.1.0.10 > 192.0.2.1:53/udp', 'allow', 'and a list in brackets'),
  row('commands.set', '10.1.0.11 > 192.0.2.1:443', 'drop', 'whom no policy names'),
  row('commands.set', '10.1.0.11 > 192.0.2.1:22', 'unknown-ref', 'an address that is in no book', {
    dependsOn: /nobody/,
  }),
  row('commands.set', '10.1.0.11 > 192.0.2.1:23', 'may', 'a scheduler is a matter of time', { dependsOn: /hours/ }),
  row('commands.set', '10.1.0.11 > 198.18.0.1:25', 'allow', 'everything but an excluded address', { by: 'excluded' }),
  row('commands.set', '10.1.0.11 > 192.0.2.9:25', 'drop', 'and not that one'),
  row('commands.set', '10.1.0.11 > 192.0.2.9:123/udp', 'allow', 'global policies come last', { by: 'last' }),
  row('policy-routing.set', '10.1.0.10 > 192.0.2.1:443', 'may', 'what leads elsewhere than the routes is a doubt', {
    dependsOn: /policy-based routing/,
  }),
  row(
    'stateless-filter.set',
    '10.1.0.11 > 192.0.2.9:443',
    'may',
    'a stateless filter that is not read makes everything doubtful',
    {
      dependsOn: /stateless filter/,
    },
  ),
]

firewallCases(read, folder, cases)

test('TLS is opened where a policy says so', () => {
  const opened = judgeCase(read, folder, row('realistic.conf', '10.1.0.77 > 192.0.2.1:443', 'allow', ''))
  assert.deepEqual(
    [...new Set(opened.parts.map(({ inspected }) => inspected))],
    [opened.verdict === 'allow' ? 'yes' : 'may'],
  )
})

test('every statement of the realistic file is understood', () => {
  const text = readFileSync(new URL('realistic.conf', folder), 'utf8')
  assert.deepEqual(read([{ name: 'edge.conf', text }], { places: {} }).coverage.unread, [])
})

test('any text is read to its end, and every statement is accounted for', () => {
  const texts = ['realistic.conf', 'commands.set'].map((name) => readFileSync(new URL(name, folder), 'utf8'))
  const words = [...new Set(texts.flatMap((text) => text.split(/\s+/)))]
  const text = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom(...words), { maxLength: 80 }).map((some) => some.join(' ')),
    fc
      .array(fc.constantFrom(...words), { maxLength: 80 })
      .map((some) => `set ${some.join(' ').replaceAll(/[{}]/g, '\nset ')}`),
  )
  readsAny(read, text)
})

test('blocks within each other without end are refused with their place', () => {
  const { coverage } = read([{ name: 'a', text: 'a { '.repeat(100_000) }], { places: {} })
  assert.match(coverage.unread[0]?.why ?? '', /nested more than 64 deep/)
})
