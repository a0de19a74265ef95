import type { SessionsReport } from '../../model/sessionsReport.ts'
import { countOf } from './flowWords.ts'
import type { Page } from './page.ts'
import { widthOf } from './page.ts'
import { plain } from './plain.ts'
import { textTable } from './textTable.ts'

/** Who is signed in, or whose sessions were ended. */
export function sessionsText({ done, sessions, site }: SessionsReport, page: Page): string {
  const count = countOf(sessions.length, 'session')
  const heading = done === 'ended' ? `${count} ended` : `${plain(site)}: ${count}`
  if (sessions.length === 0) return `${heading}\n`
  const rows = sessions.map(({ session, name = '', tenantId, objectId, signedInAt, usedAt }) =>
    [session, plain(name), tenantId, objectId, minute(signedInAt), minute(usedAt)].map((text) => ({ text })),
  )
  const head = ['session', 'name', 'tenant', 'object id', 'signed in', 'last used'].map((text) => ({
    text,
    style: 'strong' as const,
  }))
  const columns = [{}, { least: 8 }, { least: 12 }, { least: 12 }, {}, {}]
  const lines = textTable(columns, [head, ...rows], { width: widthOf(page), indent: 0, colour: page.colour })
  return `${heading}\n\n${lines.join('\n')}\n`
}

const minute = (time: string): string => `${time.slice(0, 16).replace('T', ' ')}Z`
