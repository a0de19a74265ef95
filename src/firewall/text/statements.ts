import type { Coverage, Span, UnreadStatement } from '../source.ts'

/** Counts statements while a reader goes through a configuration. */
export interface Statements {
  /** One that was understood, or that is known to say nothing about passing packets. */
  understood(count?: number): void
  /** One that was not. */
  unread(span: Span, why: string): void
  coverage(): Coverage
}

/** Unread statements that are listed; the rest is counted. A report of a wrong file would otherwise repeat the file. */
export const mostUnread = 1000

export function countStatements(): Statements {
  let understood = 0
  let unreadCount = 0
  const unread: UnreadStatement[] = []
  return {
    understood(count = 1) {
      understood += count
    },
    unread(span, why) {
      unreadCount += 1
      if (unread.length < mostUnread) unread.push({ span, why })
    },
    coverage: () => ({ statements: understood + unreadCount, understood, unread }),
  }
}
