import {
  explainCause,
  explainCodes,
  explainFinding,
  explainLayer,
  explainSign,
  explainUnlistedCodes,
} from './explainCause.ts'
import { explainOption, explainReason, explainVerb, explainWord } from './explainCommand.ts'
import { explainFlow } from './explainFlow.ts'
import { explainIndex } from './explainIndex.ts'
import { explainList, explainName } from './explainName.ts'
import { explainFolklore, explainPort, explainService } from './explainPort.ts'
import type { ExplainPart, ExplainReport } from './explainReport.ts'
import { explainFact, explainFeature, explainRole, explainTable } from './explainWords.ts'
import type { Page } from './page.ts'

/** An answer to read on a terminal: each thing that is known by the term, its first line the answer itself. */
export function explainText(report: ExplainReport, page: Page): string {
  const lines = report.parts.flatMap((part, at) => [
    ...(at === 0 ? [] : ['']),
    ...linesOf(part, page, report.parts.slice(0, at)),
  ])
  return `${lines.join('\n')}\n`
}

/** @param above the parts that the reader has read */
function linesOf(part: ExplainPart, page: Page, above: readonly ExplainPart[]): readonly string[] {
  switch (part.kind) {
    case 'cause':
      return explainCause(part, page)
    case 'finding':
      return explainFinding(part, page)
    case 'layer':
      return explainLayer(part, page)
    case 'sign':
      return explainSign(part, page)
    case 'flow':
      return explainFlow(part, page)
    case 'codes':
      return explainCodes(part.rows, page)
    case 'unlisted-codes':
      return explainUnlistedCodes(part.codes, page)
    case 'port':
      return explainPort(part, page)
    case 'service':
      return explainService(part, page)
    case 'folklore':
      return explainFolklore(part.rows, page)
    case 'feature':
      return explainFeature(part, page)
    case 'fact':
      return explainFact(part, page)
    case 'role':
      return explainRole(part, page)
    case 'table':
      return explainTable(part, page)
    case 'list':
      return explainList(
        part,
        page,
        above.some((known) => known.kind === 'feature' && known.feature === part.feature),
      )
    case 'name':
      return explainName(part, page)
    case 'verb':
      return explainVerb(part, page)
    case 'option':
      return explainOption(part, page)
    case 'reason':
      return explainReason(part, page)
    case 'word':
      return explainWord(part, page)
    case 'index':
      return explainIndex(part, page)
    default:
      return part satisfies never
  }
}
