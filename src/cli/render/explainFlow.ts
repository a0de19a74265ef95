import type { Condition, FlowRow, NamedEndpoint, Note } from '../../catalog/index.ts'
import { factRows, roleRows } from '../../catalog/index.ts'
import type { Cloud } from '../../model/cloud.ts'
import { clouds } from '../../model/cloud.ts'
import type { Feature } from '../../model/feature.ts'
import type { Direction, Phase } from '../../model/flow.ts'
import type { Field } from './explainLayout.ts'
import { explainCommand, fieldLines, headline, needWords, portsOf, sourceOf } from './explainLayout.ts'
import type { ExplainPart } from './explainReport.ts'
import { groupBy, portOf } from './flowWords.ts'
import type { Page } from './page.ts'

type FlowPart = Extract<ExplainPart, { kind: 'flow' }>

/** One row of the catalog in full. */
export function explainFlow({ row, fallbacks, names }: FlowPart, page: Page): readonly string[] {
  const { id, from, to, necessity, pairs, phase, notes } = row
  const isNeeded = necessity !== 'not-required' && necessity !== 'local-only'
  return [
    ...headline(`${id}: ${needWords[necessity]}: ${portsOf(pairs)} from ${from} to ${to}`, page),
    ...fieldLines(
      [
        ['what for', row.purpose],
        ['opens', `${from}: ${roleRows[from].title}`],
        ['accepts', `${to}: ${roleRows[to].title}`],
        ['direction', directionWords[row.direction]],
        ['ports', `${row.protocol}: ${pairWords(row)}`],
        ['when', row.requiredWhen],
        ['in the plan', conditionWords(row.condition)],
        ['phase', phase === undefined ? undefined : phaseWords(phase, row.runtimeFeatures)],
        ...nameFields(names),
        ['stands in for', row.fallbackFor],
        ['stood in by', fallbacks.map((fallback) => fallback.id).join(', ')],
        ...notes.map((note): Field => ['notes', noteWords(note)]),
        ['source', `${sourceOf(row)}, table ${row.table}`],
        ['next', isNeeded ? `postern check --flow ${id}` : undefined],
        ['see also', row.fallbackFor === undefined ? undefined : explainCommand(row.fallbackFor)],
      ],
      page,
    ),
  ]
}

const directionWords: Readonly<Record<Direction, string>> = {
  internal: 'inside the site',
  'dmz-to-intranet': 'from the perimeter network to the intranet',
  'outbound-internet': 'out to the internet',
  'inbound-internet': 'in from the internet',
  inbound: 'in to the site, from wherever its people are',
  local: 'on one host',
}

const siteChosen = {
  proxy: 'the port of the proxy',
  'published-app': 'the port of the internal URL',
  scim: 'the port of the SCIM address',
  any: 'any port',
} as const

function pairWords({ pairs }: FlowRow): string {
  return pairs
    .map((pair) => {
      const port = pair.sitePort === undefined ? portOf(pair) : `${pair.transport}, ${siteChosen[pair.sitePort]}`
      return pair.service === 'any' ? port : `${port} (${pair.service})`
    })
    .join(', ')
}

/** The typed condition of a row as a sentence: which features, roles, facts and clouds. */
function conditionWords({ features, roles, facts, clouds: here }: Condition): string {
  const byFeature = features.map((group) =>
    group.length === 1 ? `feature ${group[0]} is on` : `one of the features ${group.join(', ')} is on`,
  )
  const byRole = roles.map(({ role, is }) => (is === 'played' ? `the site has a ${role}` : `the site has no ${role}`))
  const byFact = facts.map(({ fact, is }) => `fact ${fact} is ${is} (${factRows[fact].question} ${is ? 'yes' : 'no'})`)
  return [
    ...(byFeature.length === 0 ? ['whatever features are on'] : byFeature),
    ...byRole,
    ...byFact,
    cloudWords(here),
  ].join('; ')
}

function cloudWords(here: readonly Cloud[]): string {
  const missing = clouds.filter((cloud) => !here.includes(cloud))
  if (missing.length === 0) return 'in every cloud'
  return here.length === 0 ? 'in no cloud' : `in every cloud but ${missing.join(', ')}`
}

function phaseWords(phase: Phase, runtimeFeatures: readonly Feature[] = []): string {
  switch (phase) {
    case 'setup':
      return 'set-up only: while something is installed or changed'
    case 'runtime':
      return 'daily'
    case 'setup+runtime':
      return runtimeFeatures.length === 0
        ? 'set-up and daily'
        : `set-up; daily only with ${runtimeFeatures.join(' or ')}`
    default:
      return phase satisfies never
  }
}

/** Names of each cloud; clouds whose names are the same share a line. */
function nameFields(names: FlowPart['names']): readonly Field[] {
  const told = clouds.map((cloud) => ({ cloud, text: endpointWords(names[cloud]) })).filter(({ text }) => text !== '')
  return [...groupBy(told, ({ text }) => text)].map(([text, alike]) => [
    'names',
    alike.length === clouds.length ? text : `${alike.map(({ cloud }) => cloud).join(', ')}: ${text}`,
  ])
}

function endpointWords(endpoints: readonly NamedEndpoint[]): string {
  const list = (required: boolean): string =>
    endpoints
      .filter((endpoint) => endpoint.required === required)
      .map(({ pattern }) => pattern)
      .join(', ')
  const optional = list(false)
  return [list(true), optional === '' ? '' : `optional: ${optional}`].filter((text) => text !== '').join('; ')
}

const noteKinds: Readonly<Record<Note['kind'], string>> = {
  disagreement: "Microsoft's pages disagree: ",
  trap: 'trap: ',
  inferred: 'not on the page itself: ',
  note: '',
}

function noteWords({ kind, text }: Note): string {
  return `${noteKinds[kind]}${text}`
}
