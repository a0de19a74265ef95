import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faults } from '../src/lab/index.ts'
import type { CauseCode } from '../src/model/cause.ts'
import { causesByLayer } from '../src/model/cause.ts'
import { captured } from './namespaces/captured.ts'
import { faults as kernelFaults } from './namespaces/faults.ts'

const layers = [
  'host',
  'name',
  'route',
  'transport',
  'proxy',
  'tls',
] as const satisfies readonly (keyof typeof causesByLayer)[]

/** What no row shows, and where it is shown instead or why it cannot be. */
const elsewhere: Partial<Record<CauseCode, string>> = {
  'tool-limit': 'test/toolLimit.test.ts: it lies in the process that checks, and not in a network',
}

test('each cause from the host up to TLS has a row that shows it', () => {
  const shown = new Set<CauseCode>(
    [...faults, ...kernelFaults, ...captured].flatMap(({ expect }) => expect?.cause ?? []),
  )
  const wanted: readonly CauseCode[] = layers.flatMap((layer) => causesByLayer[layer])
  assert.deepEqual(wanted.filter((cause) => !shown.has(cause)).toSorted(), Object.keys(elsewhere).toSorted())
})

test('45 faults at least are told apart in the embedded network', () => {
  assert.ok(faults.length >= 45)
})
