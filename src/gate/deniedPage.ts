import type { Told } from './answers.ts'
import type { Asked, Caller, OwnAnswer } from './exchange.ts'
import { page } from './pages.ts'

/**
 * What somebody sees who may not come in: why, and what to ask for. It names nobody, and nothing that others may.
 *
 * @param wants what an administrator could give, of which one suffices
 */
export function deniedPage(told: Told, asked: Asked, caller: Caller, wants: readonly string[]): OwnAnswer {
  const isForAsking = caller.by !== 'nobody' && wants.length > 0
  return page({
    status: told.status,
    title: told.reason === 'no-route' ? 'There is nothing here' : 'You may not come in here',
    says: [
      `${sentence(told.says)} ${whoIs(caller)}`,
      ...(isForAsking
        ? [
            `Ask whoever looks after this app for ${wants.length === 1 ? 'this' : 'one of these'}, and tell them the number below:`,
          ]
        : []),
    ],
    list: isForAsking ? wants : [],
    actions: [
      { label: 'Back to the start page', href: '/' },
      ...(caller.by === 'session' ? [{ label: 'Sign out', href: '/.postern/sign-out' }] : []),
    ],
    reason: told.reason,
    outcome: 'denied',
    traceId: asked.traceId,
  })
}

function whoIs(caller: Caller): string {
  if (caller.by === 'nobody') return 'You have not signed in.'
  const { displayName } = caller.identity
  return displayName === undefined ? 'You are signed in.' : `You are signed in as ${displayName}.`
}

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
