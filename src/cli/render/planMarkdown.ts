import type { Flow, Phase } from '../../model/flow.ts'
import type { PlanReport } from '../../model/report.ts'
import { flowsBy, groupBy, mappedInShort, nameOf, portOf, throughOf } from './flowWords.ts'
import { code, list, prose, table } from './markdown.ts'
import type { Opening } from './planGroups.ts'
import {
  dialRemarksOf,
  mostNeededOf,
  phaseOf,
  planGroups,
  reasonsOf,
  sharedOpenings,
  sourcesOf,
  unsettledFacts,
} from './planGroups.ts'

/**
 * A plan as a change request in Markdown (CommonMark with the tables of GitHub): who opens what, why, when it is
 * needed, what must stay closed, what is still to be settled, and the pages that it all comes from.
 */
export function planMarkdown(report: PlanReport): string {
  const { open, local, closed } = planGroups(report.flows)
  const blocks = [
    `# Change request: network flows of ${prose(report.site + mappedInShort(report.names))}`,
    `Microsoft Entra hybrid identity, cloud ${code(report.cloud)}. ` +
      `Features: ${report.features.map(code).join(', ') || 'none'}. ` +
      `Requirements as Microsoft publishes them, catalog of ${prose(report.catalog.asOf)}, Postern ${prose(report.postern)}.`,
    summaryTable(report),
    ...mappedBlock(report),
    ...open.flatMap(({ from, roles, flows }) => [
      `## Allow from ${prose(from)}${roles.length === 0 ? '' : ` (${prose(roles.join(', '))})`}`,
      ...addressLine(flows),
      ...sharedLine(flows),
      flowTable(flows),
    ]),
    ...(local.length === 0 ? [] : ['## On one host: no rule needed', flowTable(local, true)]),
    ...(closed.length === 0 ? [] : ['## Must stay closed', flowTable(closed, true)]),
    ...unsettledBlock(report),
    '## Sources',
    list(sourcesOf(report.flows).map(({ source, ids }) => `${prose(source)}: ${ids.map(code).join(', ')}`)),
  ]
  return `${blocks.join('\n\n')}\n`
}

/** Whose addresses a rule has as its source; a group is of one host or network. */
function addressLine(flows: readonly Flow[]): readonly string[] {
  const addresses = flows[0]?.fromAddresses ?? []
  return addresses.length === 0 ? [] : [`Source: ${addresses.map(code).join(', ')}`]
}

/** The lines below are fewer than the flows that are counted above. */
function sharedLine(flows: readonly Flow[]): readonly string[] {
  const openings = sharedOpenings(flows).length
  return openings === flows.length ? [] : [`${flowsBy(flows.length, openings)}: one rule serves every flow of its row.`]
}

function summaryTable({ summary }: PlanReport): string {
  return table(
    ['Need', 'Flows'],
    [
      ['required', summary.required],
      ['not settled by the site file', summary.conditional],
      ['recommended', summary.recommended],
      ['optional', summary.optional],
      ['legacy', summary.legacy],
      ['stays on the host', summary.localOnly],
      ['must stay closed', summary.mustBeClosed],
    ].map((row) => row.map(String)),
  )
}

function mappedBlock({ names }: PlanReport): readonly string[] {
  const mapped = Object.entries(names)
  if (mapped.length === 0) return []
  return [
    'These names are served elsewhere than in public, as the site file says:',
    table(
      ['Name', 'Served at'],
      mapped.map((row) => row.map(code)),
    ),
  ]
}

/**
 * A row for each opening, with all the rows of the catalog that ask for it.
 *
 * @param withFrom the flows are of several hosts, which a column tells
 */
function flowTable(flows: readonly Flow[], withFrom = false): string {
  return table(
    ['Transport / port', ...(withFrom ? ['From'] : []), 'To', 'Name or address', 'Need', 'Phase', 'What for', 'Flow'],
    sharedOpenings(flows).map((opening) => {
      const [flow] = opening
      const phase = phaseOf(opening)
      return [
        code(portOf(flow.target)),
        ...(withFrom ? [prose(flow.from)] : []),
        prose(flow.to + throughOf(flow)),
        placeOf(flow),
        needWords(opening),
        phase === undefined ? '' : phases[phase],
        whatFor(opening),
        [...new Set(opening.map(({ flow: id }) => code(id)))].join(', '),
      ]
    }),
  )
}

const phases: Readonly<Record<Phase, string>> = {
  setup: 'set-up',
  runtime: 'daily',
  'setup+runtime': 'set-up, daily',
}

function placeOf({ target }: Flow): string {
  const name = nameOf(target)
  const address = target.address === undefined || target.address === name ? '' : ` ${code(target.address)}`
  return code(name) + address
}

function needWords(opening: Opening): string {
  const need = mostNeededOf(opening)
  return need === 'conditional' ? 'unsettled' : need
}

/** Each row's own reasons, said once where several rows have the same. */
function whatFor(opening: Opening): string {
  const byReason = groupBy(opening, (flow) => reasonsOf(flow).map(prose).join('; '))
  const reasons = [...byReason].map(([why, flows]) =>
    byReason.size === 1 ? why : `${[...new Set(flows.map(({ flow: id }) => code(id)))].join(', ')}: ${why}`,
  )
  return [reasons.join('; and '), ...new Set(opening.flatMap(dialRemarksOf).map(prose))].join('; ')
}

function unsettledBlock(report: PlanReport): readonly string[] {
  const facts = unsettledFacts(report.flows)
  if (facts.size === 0) return []
  return [
    '## To be settled',
    'The site file does not say whether these hold; the flows beside them are needed only if they do.',
    list([...facts].map(([fact, ids]) => `${code(fact)}: ${ids.map(code).join(', ')}`)),
  ]
}
