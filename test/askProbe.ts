import assert from 'node:assert/strict'
import { openLedger } from '../src/check/ledger.ts'
import type { Observation } from '../src/model/observation.ts'
import type { Scheme } from '../src/model/service.ts'
import type { Net } from '../src/net/net.ts'
import { probes } from '../src/probes/index.ts'
import type { Question } from '../src/probes/probe.ts'

/** Asks one probe and gives what it kept, with role, variation, kind and outcome of each in short. */
export async function askProbe(
  net: Net,
  scheme: Scheme,
  question: Omit<Question, 'scheme' | 'transport'> & Partial<Question>,
  timeoutMs = 10_000,
  signal = new AbortController().signal,
): Promise<{ readonly kept: readonly Observation[]; readonly inShort: readonly string[] }> {
  const kept: Observation[] = []
  const keep = openLedger().page(kept, 'probe')
  const probe = await probes[scheme]?.load()
  assert.ok(probe)
  await probe.observe({ scheme, transport: 'tcp', ...question }, net, keep, { signal, timeoutMs })
  const inShort = kept.map((seen) =>
    [seen.role, seen.varies, seen.kind, 'outcome' in seen ? seen.outcome : undefined].filter(Boolean).join(' '),
  )
  return { kept, inShort }
}
