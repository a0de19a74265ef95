import type { RoleRow } from '../../catalog/index.ts'
import { impliedRoles, roleRows } from '../../catalog/index.ts'
import type { Role } from '../../model/role.ts'
import {
  explainCommand,
  fieldLines,
  flowSections,
  headline,
  paragraph,
  sectionsByNeed,
  sourceOf,
} from './explainLayout.ts'
import type { ExplainPart } from './explainReport.ts'
import { countOf } from './flowWords.ts'
import type { Page } from './page.ts'

type Part<Kind extends ExplainPart['kind']> = Extract<ExplainPart, { kind: Kind }>

/** A feature of the site file: what it is, who must be there for it, and what it costs in openings. */
export function explainFeature({ feature, row, flows }: Part<'feature'>, page: Page): readonly string[] {
  const implied = impliedRoles.filter((known) => known.feature === feature)
  return [
    ...headline(`${feature}: ${row.says}`, page),
    ...fieldLines(
      [
        ['feature', `${row.title}; features: [${feature}] in the site file switches it on`],
        ['needs', row.needs.map((roles) => roles.join(' or ')).join('; and ')],
        ...implied.map(
          ({ role, playedBy, why }) => ['role', `${playedBy} plays ${role} while no host does: ${why}`] as const,
        ),
        ['flows', flows.length === 0 ? 'none of its own' : undefined],
        ['source', sourceOf(row)],
      ],
      page,
    ),
    ...flowSections(sectionsByNeed(flows), page),
    ...(flows.length === 0 ? [] : ['', ...paragraph(`next: postern plan --feature ${feature}`, page)]),
  ]
}

/** A question about the site that decides some rows. */
export function explainFact({ fact, row, flows }: Part<'fact'>, page: Page): readonly string[] {
  return [
    ...headline(`${fact}: ${row.question}`, page),
    ...fieldLines(
      [
        ['assumed', assumed(row.default)],
        ['taken from', row.derivedFrom],
        ['to say it', `facts: { ${fact}: true } or false in the site file`],
      ],
      page,
    ),
    ...flowSections(
      [true, false].map((is) => ({
        title: `needed when it is ${is}`,
        uses: flows
          .filter(({ condition }) => condition.facts.some((asked) => asked.fact === fact && asked.is === is))
          .map((row) => ({ row })),
      })),
      page,
    ),
  ]
}

function assumed(value: boolean | 'unknown'): string {
  if (value === 'unknown') return 'nothing: what depends on it stays unsettled in the plan'
  return `${value}, while the site file does not say`
}

/** A role: whose it is, what it opens and what it accepts. */
export function explainRole({ role, row, opens, accepts }: Part<'role'>, page: Page): readonly string[] {
  const groups = Object.entries(roleRows).filter(([, group]) => group.members?.includes(role) === true)
  return [
    ...headline(
      `${role}: ${row.title}; opens ${countOf(opens.length, 'flow')}, accepts ${countOf(accepts.length, 'flow')}`,
      page,
    ),
    ...fieldLines(
      [
        ['role', sideWords(row)],
        ...groups.map(([group]) => ['see also', `${explainCommand(group)}: its flows are this role's too`] as const),
      ],
      page,
    ),
    ...flowSections(
      [
        { title: `${role} opens`, uses: opens.map((flow) => ({ row: flow })) },
        { title: `${role} accepts`, uses: accepts.map((flow) => ({ row: flow })) },
      ],
      page,
    ),
  ]
}

function sideWords({ side, members }: RoleRow): string {
  switch (side) {
    case 'site':
      return 'hosts and networks of the site play it'
    case 'cloud':
      return "Microsoft's side plays it; no host of the site has it"
    case 'group':
      return members === undefined ? 'stands for many; no host is given it' : `stands for ${members.join(' and ')}`
    default:
      return side satisfies never
  }
}

/** One table of the ports article, or of another page, in its own order. */
export function explainTable({ table, flows }: Part<'table'>, page: Page): readonly string[] {
  const sources = [...new Set(flows.map(sourceOf))]
  return [
    ...headline(
      `table ${table}: ${countOf(flows.length, 'flow')}: ${ends(flows.map(({ from }) => from))} to ${ends(flows.map(({ to }) => to))}`,
      page,
    ),
    ...fieldLines(
      sources.map((source) => ['source', source] as const),
      page,
    ),
    ...flowSections(sectionsByNeed(flows), page),
    '',
    ...paragraph(`next: ${explainCommand('ID')} tells a flow in full`, page),
  ]
}

function ends(roles: readonly Role[]): string {
  return [...new Set(roles)].join(', ')
}
