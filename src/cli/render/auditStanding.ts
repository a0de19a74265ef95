import type { AuditFlowReport, AuditVerdict } from '../../model/auditReport.ts'
import type { Look, Standing } from './standing.ts'
import { needOrder } from './standing.ts'

/** A verdict of an audit as the reader meets it; of a flow that must be closed the sense is turned round. */
export type AuditLook = AuditVerdict | 'closed' | 'forbidden'

interface AuditLookRow {
  readonly label: string
  readonly standing: Extract<Standing, 'failed' | 'doubtful' | 'well'>
  readonly means: string
  /** The look of a check with the same shape and colour. */
  readonly like: Look
  /** As in `9 flows denied`. */
  readonly counted: string
}

/** Looks in the order in which they are told: the worst first. */
export const auditLooks: Readonly<Record<AuditLook, AuditLookRow>> = {
  forbidden: {
    label: 'forbidden',
    standing: 'failed',
    means: 'allowed, and must be closed',
    like: 'forbidden',
    counted: 'allowed that must be closed',
  },
  misdirected: {
    label: 'misdirected',
    standing: 'failed',
    means: 'passes, and arrives elsewhere',
    like: 'wrong',
    counted: 'misdirected',
  },
  deny: { label: 'deny', standing: 'failed', means: 'a rule drops or rejects it', like: 'blocked', counted: 'denied' },
  'no-path': {
    label: 'no path',
    standing: 'failed',
    means: 'no route or translation leads on',
    like: 'blocked',
    counted: 'without a path',
  },
  'unknown-ref': {
    label: 'unknown',
    standing: 'doubtful',
    means: 'the rule that would decide refers to what is not there',
    like: 'unknown',
    counted: 'not to be told',
  },
  may: {
    label: 'may',
    standing: 'doubtful',
    means: 'depends on what the configuration does not settle',
    like: 'degraded',
    counted: 'that may pass',
  },
  allow: {
    label: 'allow',
    standing: 'well',
    means: 'every rule on the way lets it pass',
    like: 'open',
    counted: 'allowed',
  },
  closed: {
    label: 'closed',
    standing: 'well',
    means: 'denied, as it must be',
    like: 'closed',
    counted: 'closed as they must be',
  },
}

/** `3 closed as they must be`, without the number. */
export function countedAs(look: AuditLook, count: number): string {
  const { counted } = auditLooks[look]
  return count === 1 ? counted.replace('as they', 'as it') : counted
}

export const auditLookOrder = Object.keys(auditLooks) as readonly AuditLook[]

export function auditLookOf({ verdict, expect }: Pick<AuditFlowReport, 'verdict' | 'expect'>): AuditLook {
  if (expect === 'open') return verdict
  switch (verdict) {
    case 'allow':
      return 'forbidden'
    case 'deny':
    case 'no-path':
      return 'closed'
    case 'may':
    case 'misdirected':
    case 'unknown-ref':
      return verdict
    default:
      return verdict satisfies never
  }
}

/** The worst first: by look, then required flows before others; flows that are equal in both keep their order. */
export function auditWorstFirst(flows: readonly AuditFlowReport[]): readonly AuditFlowReport[] {
  return flows.toSorted(
    (one, other) =>
      auditLookOrder.indexOf(auditLookOf(one)) - auditLookOrder.indexOf(auditLookOf(other)) ||
      needOrder[one.necessity] - needOrder[other.necessity],
  )
}
