import { holdSessions } from './holdSessions.ts'
import type { SessionsOptions } from './openSessions.ts'
import { openSessions } from './openSessions.ts'
import type { SessionStore } from './sessionStore.ts'
import type { StoreFault } from './storeFault.ts'

/** The sessions of a gate, which no other gate opens for as long as they are. */
export interface HeldSessions {
  readonly store: SessionStore
  /** Writes what waits, and only then lets another gate in. */
  close(): void
}

/**
 * Opens the database of sessions for the one gate that keeps them.
 *
 * @returns why it cannot be, and whether that is because another gate has them, or cannot be shut out
 */
export function openHeldSessions(
  file: string,
  options: SessionsOptions,
): { readonly ok: HeldSessions } | { readonly fault: StoreFault; readonly isHeld: boolean } {
  const opened = openSessions(file, options)
  if (!opened.ok) return { fault: opened.fault, isHeld: false }
  const { store } = opened
  const held = holdSessions(file)
  if ('what' in held) {
    store.close()
    return { fault: held, isHeld: true }
  }
  const close = (): void => {
    try {
      store.close()
    } finally {
      held.release()
    }
  }
  return { ok: { store, close } }
}
