import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { proofOf } from '../../audit/proofOf.ts'
import { publishedKnowledge } from '../../audit/publishedKnowledge.ts'
import { mergedRanges } from '../addresses.ts'
import { noKnowledge } from '../judge.ts'
import type { Permit, PermitEnd } from '../permit.ts'
import { rangesOfPrefix } from '../rangesOfPrefix.ts'
import type { Reader } from '../reader.ts'
import type { NumberRange } from '../ruleset.ts'
import * as aws from '../vendors/aws/index.ts'
import * as cilium from '../vendors/cilium/index.ts'
import * as gcp from '../vendors/gcp/index.ts'
import * as kubernetes from '../vendors/kubernetes/index.ts'
import * as windows from '../vendors/windows/index.ts'
import type { Writer } from '../writer.ts'
import { hostRules } from './hostRules.ts'

/** Machines that overlap, are in networks with others, have one family or both. */
const machines = [
  ['10.1.0.10'],
  ['10.1.0.10', '2001:db8::1'],
  ['10.1.0.0/24'],
  ['10.2.0.5'],
  ['10.1.0.11', '10.2.0.5'],
] as const
/** Far ends, some of them machines as well, one with more prefixes than stand alone in a rule. */
const farEnds = [
  ['10.2.0.5'],
  ['10.2.0.0/24'],
  ['10.1.0.10'],
  ['203.0.113.1'],
  ['20.190.128.0/18', '2603:1006::/32'],
  ['203.0.113.0/24', '198.51.100.3'],
  ['20.1.0.0/16', '20.3.0.0/16', '20.5.0.0/16', '20.7.0.0/16', '20.9.0.0/16', '20.11.0.0/16', '20.13.0.0/16'],
] as const

const port = fc
  .record({ at: fc.integer({ min: 1, max: 1100 }), more: fc.integer({ min: 0, max: 3 }) })
  .map(({ at, more }): NumberRange => ({ first: at * 50, last: at * 50 + more }))
const drawn = fc.record({
  near: fc.constantFrom(...machines),
  far: fc.constantFrom(...farEnds),
  transport: fc.constantFrom('tcp', 'udp', 'icmp'),
  ports: fc.uniqueArray(port, { minLength: 1, maxLength: 3, selector: ({ first }) => first }),
  isInput: fc.boolean(),
  name: fc.constantFrom(undefined, 'a.y.example', '*.x.example'),
  isDated: fc.boolean(),
})
type Drawn = typeof drawn extends fc.Arbitrary<infer T> ? T : never

function permitOf({ near, far, transport, ports, isInput, name, isDated }: Drawn, id: string): Permit {
  const endOf = (prefixes: readonly string[]): PermitEnd => ({
    label: prefixes.join(' '),
    ranges: mergedRanges(prefixes.flatMap(rangesOfPrefix)),
  })
  const own = endOf(near)
  const dated = { asOf: '2025-11-06', source: 'a list', ...(name !== undefined && { name }) }
  const other: PermitEnd = { ...endOf(far), ...(isDated && !isInput && dated) }
  return {
    id,
    flows: [id],
    why: 'it is drawn',
    from: isInput ? other : own,
    to: isInput ? own : other,
    transport,
    ports: transport === 'icmp' ? [] : ports.toSorted((a, b) => a.first - b.first),
    request: 'connect',
    necessity: 'required',
    ...(isInput && { passage: 'input' as const }),
  }
}

interface HostVendor {
  readonly read: Reader
  readonly write: Writer
}

const vendors: Readonly<Record<string, HostVendor>> = {
  windows,
  aws,
  gcp,
  kubernetes,
  cilium,
}

for (const [vendor, { read, write }] of Object.entries(vendors)) {
  test(`${vendor}: any permits pass, any denials do not, and nothing else passes`, () => {
    const options = { site: 'hq', passage: 'output', places: {}, on: '2026-11-22' } as const
    const knowledge = publishedKnowledge(noKnowledge, 'worldwide')
    fc.assert(
      fc.property(fc.array(drawn, { maxLength: 6 }), fc.array(drawn, { maxLength: 3 }), (open, shut) => {
        const permits = open.map((one, at) => permitOf(one, `open-${at}`))
        const denials = shut.map((one, at) => permitOf(one, `shut-${at}`))
        const written = write(permits, denials, options)
        const proof = proofOf({ written, asked: { permits, denials }, options, knowledge, read })
        assert.equal(proof.understood, proof.statements)
        assert.deepEqual([proof.notAllowed, proof.notClosed], [[], []])
        assert.deepEqual(
          proof.beyond.filter(({ because }) => because === undefined),
          [],
        )
      }),
      { numRuns: 80 },
    )
  })
}

test('a denial that shares addresses, ports and machines with an allow is left out and told, whatever it is called by', () => {
  const drawnOpen: Drawn = {
    near: ['10.1.0.10'],
    far: ['203.0.113.1'],
    transport: 'tcp',
    ports: [{ first: 443, last: 443 }],
    isInput: false,
    name: 'a.y.example',
    isDated: true,
  }
  const platform = { called: 'a rule', says: ['names', 'prefixes'] } as const
  const only = { called: 'a denial', says: ['prefixes'] } as const
  const denialOf = (more: Partial<Drawn>): Permit => permitOf({ ...drawnOpen, name: '*.x.example', ...more }, 'shut')
  const told = (denial: Permit): readonly (string | undefined)[] =>
    hostRules([permitOf(drawnOpen, 'open')], [denial], 'output', platform, only).notSaid.map(({ permit }) => permit)
  assert.deepEqual(told(denialOf({})), ['shut'])
  assert.deepEqual(told(denialOf({ ports: [{ first: 440, last: 450 }] })), ['shut'])
  assert.deepEqual(told(denialOf({ ports: [{ first: 8443, last: 8443 }] })), [])
  assert.deepEqual(told(denialOf({ near: ['10.2.0.5'] })), [])
  assert.deepEqual(told(denialOf({ far: ['10.2.0.5'] })), [])
  assert.deepEqual(told(denialOf({ transport: 'udp' })), [])
})
