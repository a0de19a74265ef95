import type { Consequence, FindingCode, Suspect, Weighed } from '../../model/incident.ts'
import { manner } from './causeFamilies.ts'

/** A failure with all by which it is weighed. */
export interface Trouble extends Consequence {
  readonly weighed: Weighed
}

/** By which a failure is told from others: a flow that fails may be slow besides, and both are heard of once. */
export function troubleId(trouble: Consequence): string {
  return trouble.weighed?.of === 'time' ? findingId(trouble.subject, codeOf(trouble)) : trouble.subject
}

export function findingId(subject: string, code: FindingCode): string {
  return `${subject}#${code}`
}

/** What it is called by: its cause, or where none has that name its finding. */
export function codeOf({ cause, finding }: Pick<Consequence, 'cause' | 'finding'>): FindingCode {
  return finding ?? cause
}

export function isLive({ until }: Consequence): boolean {
  return until === undefined
}

/** A consequence as it was kept; one of an older history has nothing by which it could be weighed, and stays by itself. */
export function troubleOf(consequence: Consequence): Trouble {
  return { ...consequence, weighed: consequence.weighed ?? { ...unweighed, since: consequence.since } }
}

const unweighed: Omit<Weighed, 'since'> = {
  of: 'look',
  verdict: 'unknown',
  necessity: 'required',
  severity: 'medium',
  confidence: 'possible',
  owner: 'network',
  suspects: [],
}

/** What shows over time of a flow breaks nothing by itself: it goes with the failure of that flow, where there is one. */
export function isSoft({ weighed, ...codes }: Trouble): boolean {
  return weighed.of === 'time' && manner(codeOf(codes)) === 'time'
}

/**
 * One suspicion: failures of one manner that one thing can have caused. A path is suspected of each cause by itself, since
 * nothing else speaks for one fault there.
 */
export function suspicionOf({ kind, name }: Suspect, codes: Pick<Consequence, 'cause' | 'finding'>): string {
  const code = codeOf(codes)
  return [kind, kind === 'path' ? code : manner(code), name].join('\n')
}
