import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reader } from '../reader.ts'

/** More than a call takes arguments. */
const many = 150_000
const list = <Item>(item: Item): readonly Item[] => Array.from({ length: many }, () => item)

const kubernetes = (kind: string, rest: object): string =>
  JSON.stringify({ apiVersion: kind === 'Node' ? 'v1' : 'cilium.io/v2', kind, metadata: { name: 'one' }, ...rest })

/** By folder: a text in which one list is very long. */
const wide: readonly (readonly [folder: string, says: string, text: string])[] = [
  ['srx', 'values in brackets', `set security zones security-zone a interfaces [ ${list('x').join(' ')} ]`],
  ['cilium', 'blocks of a group', kubernetes('CiliumCIDRGroup', { spec: { externalCIDRs: list('10.0.0.0/8') } })],
  [
    'kubernetes',
    'addresses of a node',
    kubernetes('Node', { status: { addresses: list({ type: 'InternalIP', address: '10.0.0.1' }) } }),
  ],
  [
    'azureNsg',
    'prefixes that are none',
    JSON.stringify([
      { name: 'a', securityRules: [{ name: 'r', direction: 'Outbound', sourceAddressPrefixes: list('10.0.0.300') }] },
    ]),
  ],
  ['iptables', 'jumps of a chain', `*filter\n:c - [0:0]\n${list('-A OUTPUT -j c').join('\n')}\nCOMMIT\n`],
  [
    'checkPoint',
    'services of a rule that are in no file',
    JSON.stringify({ uid: 'L', name: 'L', rulebase: [{ type: 'access-rule', uid: 'r', service: list('gone') }] }),
  ],
]

for (const [folder, says, text] of wide) {
  test(`${folder}: ${says} may be more than a call takes arguments`, async () => {
    const { read }: { readonly read: Reader } = await import(`./${folder}/index.ts`)
    assert.ok(read([{ name: 'a', text }], { places: {} }).coverage.statements > 0)
  })
}
