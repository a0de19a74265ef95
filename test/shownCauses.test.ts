import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faults } from '../src/lab/index.ts'
import type { CauseCode } from '../src/model/cause.ts'
import { causesByLayer } from '../src/model/cause.ts'
import { fixedCauses } from './fixes.ts'
import { kernelFaults, kernelOddities } from './namespaces/allRows.ts'

const layers = [
  'host',
  'name',
  'route',
  'transport',
  'proxy',
  'tls',
  'protocol',
  'identity',
  'time',
] as const satisfies readonly (keyof typeof causesByLayer)[]

/** What no row shows, and where it is shown instead or why it cannot be. */
const elsewhere: Partial<Record<CauseCode, string>> = {
  'tool-limit': 'test/toolLimit.test.ts: it lies in the process that checks, and not in a network',
  'signing-required': 'it is told by texts that clients write, and no question without a sign-in meets it',
  'consent-missing': 'it is told by texts that clients write, after a sign-in',
  'conditional-access': 'the same',
  saturation: 'src/diagnose/serviceRules.test.ts and time.test.ts: by the word of a service, or of a machine to itself',
  'periodic-spike': 'one check has no periods: it takes many, over hours',
  'level-shift': 'the same',
  'sync-lag': 'it is measured by what a synchronisation brings, and not by asking a port',
  'cloud-side': 'it takes a second place to look from, at the same time',
}

test('each cause that one check can see has a row that shows it', () => {
  const shown = new Set<CauseCode>([...faults, ...kernelFaults].flatMap(({ expect }) => expect?.cause ?? []))
  const wanted: readonly CauseCode[] = layers.flatMap((layer) => causesByLayer[layer])
  assert.deepEqual(wanted.filter((cause) => !shown.has(cause)).toSorted(), Object.keys(elsewhere).toSorted())
})

test('for each cause that a row shows it is written down how it is mended, and for no other', () => {
  const meant = [
    ...kernelFaults.flatMap(({ expect, consequences = [] }) => [expect, ...consequences]),
    ...faults.map(({ expect }) => expect),
  ]
  assert.deepEqual([...fixedCauses].toSorted(), [...new Set(meant.flatMap((one) => one?.cause ?? []))].toSorted())
})

test('45 faults at least are told apart in the embedded network', () => {
  assert.ok(faults.length >= 45)
})

test('120 faults at least are told apart in the networks of the kernel, and twenty oddities accuse nobody there', (t) => {
  const byCause = Map.groupBy(kernelFaults, ({ expect }) => expect?.cause)
  const counts = [...byCause].map(([cause, rows]) => `${cause} ${rows.length}`)
  t.diagnostic(`${kernelFaults.length} faults: ${counts.toSorted().join(', ')}; ${kernelOddities.length} oddities`)
  assert.ok(kernelFaults.length >= 120 && kernelOddities.length >= 20)
  const ids = [...kernelFaults, ...kernelOddities].map(({ id }) => id)
  assert.deepEqual(ids.toSorted(), [...new Set(ids)].toSorted())
})
