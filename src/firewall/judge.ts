import { askedPieces } from './askedPieces.ts'
import type { CompiledRuleSet } from './compiledRuleSet.ts'
import { compiledRuleSet } from './compiledRuleSet.ts'
import { journey } from './journey.ts'
import type { AskedFlow, Judged, JudgedPart, Knowledge, Passage } from './judged.ts'
import { partsOf } from './partsOf.ts'
import type { RuleSet } from './ruleset.ts'
import { verdictOver } from './verdictOver.ts'

/** Bounds and wishes of a question. */
export interface JudgeOptions {
  /**
   * Steps at most, 1 to 1e9; default 20 million, some seconds: a rule that is asked is one, and each part of the flow
   * that it is held against one more. What is left beyond it is `may`, and says so. Any address to any other over all
   * ports through 10,000 rules stays below it.
   */
  readonly most?: number
}

/** What is used where nothing is known of tags and names. */
export const noKnowledge: Knowledge = Object.freeze({ tag: () => undefined, name: () => undefined })

/**
 * Judges a flow by one rule set: what passes, what does not, and on what it depends, each part with the rules that
 * decided. Pure, and always ends. A rule set is compiled when it is first asked, and kept as long as it and the
 * knowledge are.
 *
 * @param passage how the flow meets the device
 */
export function judge(
  ruleSet: RuleSet,
  asked: AskedFlow,
  passage: Passage,
  knowledge: Knowledge,
  given: JudgeOptions = {},
): Judged {
  const compiled = compiledRuleSet(ruleSet, knowledge)
  const found = resolved(asked, knowledge)
  const budget = { left: given.most ?? 20_000_000 }
  const parts = ([4, 6] as const).flatMap((family) => partsIn(compiled, found, passage, family, budget))
  const { verdict, ...tell } = verdictOver(parts, found.destination === undefined)
  // One device knows of no target that a flow could miss.
  return { verdict: verdict === 'misdirected' ? 'allow' : verdict, ...tell, parts }
}

/** A flow that is asked by name alone goes to the addresses that a table has for the name. */
export function resolved(asked: AskedFlow, knowledge: Knowledge): AskedFlow {
  if (asked.destination !== undefined || asked.name === undefined) return asked
  const found = knowledge.name(asked.name)
  return found === undefined ? asked : { ...asked, destination: found.addresses, destinationAsOf: found.asOf }
}

function partsIn(
  compiled: CompiledRuleSet,
  asked: AskedFlow,
  passage: Passage,
  family: 4 | 6,
  budget: { left: number },
): readonly JudgedPart[] {
  const line = compiled.coordinates(family)
  const pieces = askedPieces(asked, line)
  if (pieces.length === 0) return []
  return partsOf(journey(compiled, asked, passage, pieces, budget), { asked, line, doubts: compiled.ruleSet.doubts })
}
