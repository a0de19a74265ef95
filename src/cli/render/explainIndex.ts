import { fieldLines, headline, paragraph } from './explainLayout.ts'
import type { ExplainIndex } from './explainReport.ts'
import type { Page } from './page.ts'

const examples = [
  ['8443', 'a port: which flow needs it, or which folklore speaks of it'],
  ['tcp/636', 'a port of one transport'],
  ['t1-ldaps', 'a flow: who, to whom, when and why'],
  ['t1', 'a table of the ports article'],
  ['sni-filter', 'a cause of failure'],
  ['AADSTS50011', 'a sign-in error; 50011 will do'],
  ['event 32002', 'an event of Entra Connect'],
  ['login.microsoftonline.com', 'a host name'],
  ['seamless-sso', 'a feature, role, fact or list'],
  ['check', 'a verb of postern; --flow an option of it'],
  ['confidence', 'a word that reports are written in'],
  ['The remote name could not be resolved', 'a message, as it was pasted'],
] as const

/** What can be asked, in short. */
export function explainIndex(index: ExplainIndex, page: Page): readonly string[] {
  const causes = Object.values(index.causes).flat()
  const numbered = index.tables.filter((table) => /^\d/.test(table))
  return [
    ...headline(
      `postern explain WORD answers for ${causes.length} causes, ${index.flows.length} flows, ${index.codes.length} codes and messages, and for any port and host name`,
      page,
    ),
    '',
    ...headline('examples of a WORD', page),
    ...fieldLines(examples, page),
    '',
    ...headline('causes by layer', page),
    ...fieldLines(
      Object.entries(index.causes).map(([layer, codes]) => [layer, codes.join(', ')]),
      page,
    ),
    '',
    ...headline('words of the site file and of the catalog', page),
    ...fieldLines(
      [
        ['features', index.features.join(', ')],
        ['roles', index.roles.join(', ')],
        ['facts', index.facts.join(', ')],
        ['lists', index.lists.join(', ')],
        ['services', index.services.join(', ')],
        ['tables', numbered.map((table) => `t${table}`).join(', ')],
        ['other pages', index.tables.filter((table) => !numbered.includes(table)).join(', ')],
      ],
      page,
    ),
    '',
    ...headline('words of the command line and of the reports', page),
    ...fieldLines(
      [
        ['verbs', index.verbs.join(', ')],
        ['reports', index.words.join(', ')],
      ],
      page,
    ),
    '',
    ...paragraph('next: postern explain --json lists every flow and code as well', page),
  ]
}
