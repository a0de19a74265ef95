import type { Asked, OwnAnswer } from './exchange.ts'
import { page } from './pages.ts'

/**
 * What a browser is answered that would have to sign in at another host than the origin's: Entra ID sends it back to the
 * origin, where its cookie of this host is not sent, and cookies of the origin are not sent here. Sent to sign in all the
 * same it would go round. Such hosts are for callers with tokens.
 *
 * @returns undefined at the host of the origin
 */
export function signInElsewhere({ host, traceId }: Asked, origin: string): OwnAnswer | undefined {
  if (host === new URL(origin).hostname) return undefined
  return page({
    status: 403,
    title: 'Nobody signs in at this address',
    says: [`People sign in at ${origin}, and a sign-in there does not count here: this address is for programs.`],
    actions: [{ label: `Go to ${origin}`, href: `${origin}/` }],
    reason: 'other-host',
    outcome: 'denied',
    traceId,
  })
}
