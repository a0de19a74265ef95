import type { Reader } from '../../reader.ts'
import type { RuleSet } from '../../ruleset.ts'
import type { ConfigurationFile } from '../../source.ts'
import { doubtsOf, fewDoubts } from '../../text/doubtsOf.ts'
import { countStatements } from '../../text/statements.ts'
import { readIpRoute } from './ipRoute.ts'
import { readJsonRoutes } from './jsonRoutes.ts'
import { readNetstat } from './netstat.ts'
import type { RouteTable } from './routeTable.ts'
import { placesOf, routeTable } from './routeTable.ts'
import { readWindowsPrint } from './windowsPrint.ts'

/**
 * Reads routing tables: iproute2 in text and JSON, `route print`, Get-NetRoute, Azure's effective routes, netstat.
 * All files together are one machine or network card. Routes forbid nothing: they tell where a packet leaves, or that
 * it has no way. Policy rules and further tables make every answer depend on them.
 */
export const read: Reader = (files) => {
  const statements = countStatements()
  const tables = files.map(tableOf)
  for (const { understood, unread } of tables) {
    statements.understood(understood)
    for (const { span, why } of unread) statements.unread(span, why)
  }
  const routes = tables.flatMap((table) => table.routes)
  const doubts = tables.flatMap((table) => table.doubts)
  const [first] = files
  if (first === undefined || routes.length + doubts.length === 0)
    return { ruleSets: [], coverage: statements.coverage() }
  const coverage = statements.coverage()
  const ruleSet: RuleSet = {
    vendor: 'routes',
    name: first.name,
    stages: [],
    chains: {},
    places: placesOf(tables),
    routes,
    doubts: [...fewDoubts(doubts), ...doubtsOf(coverage.unread)],
  }
  return { ruleSets: [ruleSet], coverage }
}

function tableOf(file: ConfigurationFile): RouteTable {
  const head = file.text
    .slice(0, 65536)
    .replace(/^\uFEFF/, '')
    .trimStart()
  if (head.startsWith('[') || head.startsWith('{')) return readJsonRoutes(file)
  if (/^Destination\s+(Gateway|Next Hop)\s/m.test(head)) return readNetstat(file)
  if (/^={20,}/m.test(head) || /^[ \t]*\d+\.\d+\.\d+\.\d+\s+\d+\.\d+\.\d+\.\d+\s/m.test(head))
    return readWindowsPrint(file)
  if (head === '') return routeTable().table()
  return readIpRoute(file)
}
