import type { Finding } from '../../model/finding.ts'
import type { Audited } from '../audited.ts'
import { rangeTexts } from '../rangeText.ts'
import { capped } from './capped.ts'
import { gravityOf, placeOfConcerns, spokenFlows, spokenStep, stepGroups, wanted } from './stepGroups.ts'
import { listed } from './words.ts'

/** Translations that lead a flow to a machine that it was not sent to. */
export function natMisdirects({ flows }: Audited): readonly Finding[] {
  const concerns = wanted(flows).flatMap((flow) => {
    const part = flow.judged.parts.find(({ verdict }) => verdict === 'misdirected')
    const step = part?.decidedBy.findLast(({ does }) => does === 'translates')
    // What a proxy script leads elsewhere is no translation.
    return part === undefined || step === undefined ? [] : [{ flow, part, step }]
  })
  return capped(
    stepGroups(concerns).map((group): Finding => {
      const [{ step, part }] = group
      const texts = rangeTexts(part.to ?? [])
      const to = texts.length === 0 ? 'another place' : listed(texts.slice(0, 3), Math.max(0, texts.length - 3))
      return {
        code: 'nat-misdirects',
        severity: gravityOf(group),
        what: `${spokenStep(step)} leads ${spokenFlows(group)} to ${to}`,
        why: 'it is allowed, and arrives at a machine that it was not sent to',
        next: 'narrow the translation to what is meant, or correct its target; then audit again',
        ...placeOfConcerns(group),
      }
    }),
  )
}
