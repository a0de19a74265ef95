import type { ChangeReport, ComparedTime } from '../../model/changeReport.ts'
import { countOf, timeOf } from './flowWords.ts'

/** How each kind of change is headed. */
export const changeHeads = { broke: 'Broke', mended: 'Mended', changed: 'Changed' } as const

/** `2026-11-21 09:03:12 UTC to …, with 2 gaps` */
export function timeWords({ from, to, gaps }: ComparedTime): string {
  const holes = gaps.length === 0 ? '' : `, in which nothing was looked at ${countOf(gaps.length, 'time')}`
  return `${timeOf(from)} to ${timeOf(to)}${holes}`
}

/**
 * What came of a change, in a sentence. That nothing differs is said only of what was looked at before and after, and how
 * much that was.
 */
export function changeVerdict({ summary }: ChangeReport): string {
  const { compared, same, broke, mended, changed, notCompared, stillFailing } = summary
  const told = [
    ...(broke > 0 ? [`${broke} broke`] : []),
    ...(mended > 0 ? [`${mended} mended`] : []),
    ...(changed > 0 ? [`${changed} changed`] : []),
  ].join(', ')
  const failing = stillFailing === 0 ? '' : `, ${stillFailing} of them not well before and after`
  const others = notCompared === 0 ? '' : `; nothing is known of ${notCompared} that were not looked at in both times`
  if (compared === 0) return `nothing can be compared${others}`
  if (told === '') return `nothing differs: ${countOf(compared, 'subject')} compared${failing}${others}`
  const rest = notCompared === 0 ? `nothing else differs: ${same} more compared` : `${same} more are as before`
  return `${told}; ${rest}${failing}${others}`
}

/** What is to be done now. */
export function nextAfterChange({ name, changes, incidents, notCompared, summary }: ChangeReport): string {
  const broken = changes.find(({ change }) => change === 'broke')
  if (broken !== undefined)
    return broken.after.cause === undefined
      ? `mend what broke, or undo ${name}`
      : `postern explain ${broken.after.cause} tells more; mend what broke, or undo ${name}`
  if (incidents.some(({ isOver }) => !isOver)) return 'look at the incidents that are open'
  if (notCompared.length > 0) return `ask again when all has been looked at: postern watch --change report ${name}`
  return summary.changed > 0 ? 'see whether what changed was to change' : 'keep this report with the change'
}

export const lackWords = {
  before: 'not looked at before',
  after: 'not looked at after',
  both: 'not looked at before nor after',
} as const
