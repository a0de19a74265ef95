import { printableText } from '../../wire/printable-text.ts'
import type { FindingNews } from '../news.ts'
import type { OwnSignIn, TenantSignIn } from './signInEntry.ts'

type Found = Omit<FindingNews, 'kind' | 'at'>

/** One suspect of all of them: what one cause lets through is one incident. */
const suspect = { kind: 'sign-in', name: 'gate' } as const

/** The tenant let somebody in to the gate, and the gate has recorded nothing of it. */
export function unseenByGate({ id, at, app, person, address, correlation, conditionalAccess }: TenantSignIn): Found {
  const who = person ?? 'somebody without an id'
  const evidence = [
    `request id ${printableText(id, 80)}`,
    ...(correlation === undefined ? [] : [`correlation id ${correlation}`]),
    ...(conditionalAccess === undefined ? [] : [`Conditional Access ${conditionalAccess}`]),
  ].join(', ')
  return {
    subject: `sign-in-log:tenant:${printableText(id, 80)}`,
    title: `sign-in of ${who} that the gate did not see`,
    code: 'sign-in-unseen-by-gate',
    since: at,
    says: `Entra ID let ${who} in to the app ${app} at ${timeOf(at)} from ${address ?? 'an unknown address'} (${evidence}), and the gate has recorded no answer to it`,
    severity: 'medium',
    // Who closes the browser before it is back at the gate leaves the same.
    confidence: 'possible',
    owner: 'app',
    fix: `Open the entry in the sign-in log of the tenant by its request id, ask the person, and look where the registration sends answers to: each redirect URI that is not the gate's takes codes past it`,
    suspect,
  }
}

/** Somebody was let in here, and the tenant knows nothing of it. */
export function unseenByTenant({ id, at, by, app, person, address, correlation, trace }: OwnSignIn): Found {
  const who = person ?? 'somebody'
  const evidence = [
    `event ${id}`,
    ...(trace === undefined ? [] : [`trace ${trace}`]),
    ...(correlation === undefined ? [] : [`correlation id ${correlation}`]),
  ].join(', ')
  const where = by === 'gate' ? 'The gate' : 'A sign-in of the watcher'
  return {
    subject: `sign-in-log:${by}:${id}`,
    title: `sign-in of ${who} that the tenant did not see`,
    code: 'sign-in-unseen-by-tenant',
    since: at,
    says: `${where} let ${who} in at ${timeOf(at)} from ${address ?? 'an unknown address'} (${evidence}), and the sign-in log of the tenant has no such sign-in to the app ${app}`,
    severity: 'high',
    confidence: 'likely',
    owner: 'app',
    fix: `Look in the tenant's log for the correlation id, also under non-interactive sign-ins; where there is nothing, end the session with postern sessions, and verify the record with postern audit-log verify`,
    suspect,
  }
}

/** More than are told one by one. */
export function manyUnseen(code: Found['code'], count: number, at: number): Found {
  const by = code === 'sign-in-unseen-by-gate' ? 'the gate' : 'the tenant'
  return {
    ...{ subject: `sign-in-log:more:${code}`, title: `more sign-ins that ${by} did not see`, code, since: at },
    says: `${count} more sign-ins are unknown to ${by} than are told one by one: more likely a log or a record of another tenant or gate than so many intruders`,
    severity: code === 'sign-in-unseen-by-gate' ? 'medium' : 'high',
    ...{ confidence: 'possible', owner: 'app', suspect },
    fix: 'Compare the tenant and the app of watch.sign-in-logs with those of the gate, and the clocks of both',
  }
}

const timeOf = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`
