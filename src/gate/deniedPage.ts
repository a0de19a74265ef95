import type { Told } from './answers.ts'
import type { Asked, Caller, OwnAnswer } from './exchange.ts'
import { page } from './pages.ts'

/** What somebody sees who may not come in: why, and what to ask for. It names nobody, and nothing that others may. */
export function deniedPage(told: Told, asked: Asked, caller: Caller): OwnAnswer {
  const who =
    caller.by === 'nobody'
      ? 'You have not signed in.'
      : `You are signed in${caller.identity.displayName === undefined ? '' : ` as ${caller.identity.displayName}`}.`
  return page({
    status: told.status,
    title: 'You may not come in here',
    says: [
      `${sentence(told.says)} ${who}`,
      ...(told.status === 403 && caller.by !== 'nobody'
        ? ['Ask whoever looks after this app to give your account what is missing, and tell them the number below.']
        : []),
    ],
    actions: caller.by === 'session' ? [{ label: 'Sign out', href: '/.postern/sign-out' }] : [],
    reason: told.reason,
    outcome: 'denied',
    traceId: asked.traceId,
  })
}

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
