import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reader } from '../reader.ts'
import { resolvedOnce } from './resolvedOnce.ts'

test('each name is made once, and a circle or a depth without end is refused', () => {
  const groups: Readonly<Record<string, readonly string[]>> = { a: ['b', 'b'], b: ['c', 'c'], c: [], d: ['d'] }
  const asked: string[] = []
  const of = resolvedOnce<string>(
    (name, member) => {
      asked.push(name)
      const next = /^n(\d+)$/.exec(name)?.[1]
      return [name, ...(groups[name] ?? (next === undefined ? [] : [`n${Number(next) + 1}`])).map(member)].join(' ')
    },
    (name, why) => `(${name}, ${why})`,
  )
  assert.equal(of('a'), 'a b c c b c c')
  assert.deepEqual(asked, ['a', 'b', 'c'])
  assert.equal(of('d'), 'd (d, which holds itself)')
  assert.match(of('n0'), /n63 \(n64, which is nested more than 64 deep\)$/)
})

/** Groups so deep that each names the next one twice, and one policy that names the first. */
const levels = 50
const rows = (row: (at: number) => string): string => Array.from({ length: levels }, (_, at) => `${row(at)}\n`).join('')

const ciscoGroups = (kind: string, last: string, line: string): string =>
  `${rows((at) => `object-group ${kind} G${at}\n group-object G${at + 1}\n group-object G${at + 1}`)}object-group ${kind} G${levels}\n${last}\n${line}\n`

const junosPolicy = (source: string, application: string): string =>
  ['match source-address', 'match destination-address any', 'match application', 'then permit']
    .map((line) =>
      line.endsWith('source-address')
        ? `${line} ${source}`
        : line.endsWith('application')
          ? `${line} ${application}`
          : line,
    )
    .map((line) => `set security policies from-zone a to-zone b policy p ${line}\n`)
    .join('')

const pfsense = (type: string, last: string, rule: string): string =>
  `<pfsense><aliases>${rows((at) => `<alias><name>g${at}</name><type>${type}</type><address>g${at + 1} g${at + 1}</address></alias>`)}<alias><name>g${levels}</name><type>${type}</type><address>${last}</address></alias></aliases><filter><rule><interface>lan</interface><type>pass</type><protocol>tcp</protocol>${rule}</rule></filter></pfsense>`

function checkPoint(end: 'source' | 'service', type: string, last: object): string {
  const groups = Array.from({ length: levels }, (_, at) => ({
    ...{ uid: `g${at}`, name: `g${at}`, type },
    members: [`g${at + 1}`, `g${at + 1}`],
  }))
  const rule = { type: 'access-rule', uid: 'r', source: ['any'], destination: ['any'], service: ['any'], action: 'yes' }
  return JSON.stringify({
    ...{ uid: 'L', name: 'Network', from: 1, to: 1, total: 1 },
    rulebase: [{ ...rule, [end]: ['g0'] }],
    'objects-dictionary': [
      { uid: 'any', name: 'Any', type: 'CpmiAnyObject' },
      { uid: 'yes', name: 'Accept', type: 'RulebaseAction' },
      ...groups,
      { uid: `g${levels}`, name: 'last', ...last },
    ],
  })
}

/** By folder, and what doubles there. */
const doubled: readonly (readonly [folder: string, says: string, text: string])[] = [
  [
    'asa',
    'networks',
    ciscoGroups('network', ' network-object host 10.0.0.1', 'access-list L extended permit ip object-group G0 any'),
  ],
  [
    'asa',
    'services',
    ciscoGroups(
      'service',
      ' service-object tcp destination eq 443',
      'access-list L extended permit object-group G0 any any',
    ),
  ],
  [
    'asa',
    'protocols',
    ciscoGroups('protocol', ' protocol-object tcp', 'access-list L extended permit object-group G0 any any'),
  ],
  [
    'ios',
    'networks',
    ciscoGroups(
      'network',
      ' host 10.0.0.1',
      'ip access-list extended L\n permit ip object-group G0 any\ninterface Gi0\n ip access-group L in',
    ),
  ],
  [
    'srx',
    'addresses',
    `${rows((at) => `set security address-book global address-set g${at} address-set g${at + 1}\nset security address-book global address-set g${at} address g${at + 1}`)}set security address-book global address g${levels} dns-name a.example\n${junosPolicy('g0', 'any')}`,
  ],
  [
    'srx',
    'applications',
    `${rows((at) => `set applications application-set g${at} application g${at + 1}\nset applications application-set g${at} application-set g${at + 1}`)}set applications application g${levels} protocol tcp\n${junosPolicy('any', 'g0')}`,
  ],
  [
    'pfsense',
    'addresses',
    pfsense('network', 'a.example', '<source><address>g0</address></source><destination><any/></destination>'),
  ],
  [
    'pfsense',
    'ports',
    pfsense('port', '443', '<source><any/></source><destination><any/><port>g0</port></destination>'),
  ],
  ['checkPoint', 'addresses', checkPoint('source', 'group', { type: 'host', 'ipv4-address': '10.0.0.1' })],
  ['checkPoint', 'services', checkPoint('service', 'service-group', { type: 'service-tcp', port: '443' })],
  [
    'squid',
    'alternatives',
    `acl a0 src 10.0.0.0/8\n${rows((at) => `acl a${at + 1} any-of a${at} a${at}`)}http_access allow a30\nhttp_access deny all\n`,
  ],
  [
    'squid',
    'conditions',
    `acl a0 src 10.0.0.0/8\nacl b0 dst 10.0.0.0/8\n${rows((at) => `acl a${at + 1} all-of a${at} b${at}\nacl b${at + 1} any-of a${at} b${at}`)}http_access allow a30\nhttp_access deny !a30\n`,
  ],
  [
    'nftables',
    'definitions',
    `define a0 = 10.0.0.1\n${rows((at) => `define a${at + 1} = { $a${at}, $a${at} }`)}table inet t { chain c { type filter hook forward priority 0; ip saddr $a${levels} drop; } }\n`,
  ],
]

for (const [folder, says, text] of doubled) {
  test(`${folder}: ${says} that name two others each, level over level, come to an end`, async () => {
    const { read }: { readonly read: Reader } = await import(`./${folder}/index.ts`)
    const { coverage, ruleSets } = read([{ name: 'a', text }], { places: {} })
    assert.equal(coverage.statements, coverage.understood + coverage.unread.length)
    const rules = ruleSets.flatMap(({ chains }) => Object.values(chains).flat())
    assert.ok(rules.length > 0 && rules.length < 250_000, `${rules.length} rules`)
    for (const { match } of rules) assert.ok((match.source?.possible.length ?? 0) < 100)
  })
}
