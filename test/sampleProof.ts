import assert from 'node:assert/strict'
import { proofOf } from '../src/audit/proofOf.ts'
import { noKnowledge } from '../src/firewall/judge.ts'
import type { Permit } from '../src/firewall/permit.ts'
import type { Reader } from '../src/firewall/reader.ts'
import type { WriteOptions, Writer, Written } from '../src/firewall/writer.ts'
import type { RulesProof as Proof } from '../src/model/rulesReport.ts'
import { sampleDenials, sampleOptions, samplePermits } from './samplePermits.ts'

interface SampleProof {
  readonly written: Written
  /** Of the first file, and those that are proven with it. */
  readonly text: string
  readonly proof: Proof
}

/**
 * Writes the sample permits, and holds that everything is read back, that what is said passes, that what is denied does
 * not, and that nothing else does.
 *
 * @param notSaid ids of permits that the platform cannot say
 */
export function sampleProof(
  { read, write }: { readonly read: Reader; readonly write: Writer },
  notSaid: readonly string[],
  given: Partial<WriteOptions> = {},
  permits: readonly Permit[] = samplePermits,
): SampleProof {
  const options = { ...sampleOptions, ...given }
  const written = write(permits, sampleDenials, options)
  const text = written.files[0]?.text ?? ''
  const proof = proofOf({ written, asked: { permits, denials: sampleDenials }, options, knowledge: noKnowledge, read })
  assert.equal(proof.understood, proof.statements, text)
  assert.deepEqual([proof.notAllowed, proof.notClosed, proof.beyond], [[], [], []], text)
  assert.deepEqual(new Set(written.notSaid.map(({ permit }) => permit)), new Set(notSaid))
  assert.ok(proof.asked > 0)
  return { written, text, proof }
}
