import type { JsonValue } from '../../text/jsonTree.ts'
import type { Statements } from '../../text/statements.ts'
import type { Unknown } from '../../unknown.ts'

/** A layer of access rules, or the rules of translation, whole as far as the files have it. */
export interface Rulebase {
  readonly kind: 'access' | 'translation'
  /** By which rules of other layers name it; made up where the export has none. */
  readonly uid: string
  readonly name?: string
  readonly rules: readonly JsonValue[]
  /** What no rule ends is accepted; else it is dropped. */
  readonly accepts: boolean
}

/** Sections within each other that are followed. */
const deepest = 32

/** Answers that are pages of one rulebase are put together; what no page has is a doubt. */
export function rulebasesOf(
  answers: readonly JsonValue[],
  statements: Statements,
  doubts: Unknown[],
): readonly Rulebase[] {
  const byUid = Map.groupBy(answers, (answer, at) => uidOf(answer) ?? `rulebase ${at + 1}`)
  return [...byUid].map(([uid, some]): Rulebase => {
    const [first] = some
    const name = first?.member('name')?.text()
    const isTranslation = some.some((answer) =>
      (answer.member('rulebase')?.elements() ?? []).some((element) => typeOf(element).startsWith('nat-')),
    )
    return {
      ...{ kind: isTranslation ? 'translation' : 'access', uid },
      ...(name !== undefined && { name }),
      rules: pagedRules(some, statements, doubts),
      accepts: first?.member('implicit-cleanup-action')?.text() === 'accept',
    }
  })
}

/** The layer that a rule hands over to: its uid, or the object that some exports have in its place. */
export function innerLayerOf(rule: JsonValue): string | undefined {
  const layer = rule.member('inline-layer')
  return layer?.text() ?? layer?.member('uid')?.text()
}

function uidOf(answer: JsonValue): string | undefined {
  return answer.member('uid')?.text() ?? answer.member('name')?.text()
}

function typeOf(element: JsonValue): string {
  return element.member('type')?.text() ?? ''
}

/** Rules of all pages by their numbers, each once. */
function pagedRules(pages: readonly JsonValue[], statements: Statements, doubts: Unknown[]): readonly JsonValue[] {
  const number = (page: JsonValue, key: string): number | undefined => page.member(key)?.number()
  const inOrder = pages.toSorted((a, b) => (number(a, 'from') ?? 0) - (number(b, 'from') ?? 0))
  const rules: JsonValue[] = []
  let reached = 0
  const expectFrom = (next: number, page: JsonValue): void => {
    if (next <= reached + 1) return
    const missing = reached + 2 === next ? `rule ${reached + 1}` : `rules ${reached + 1} to ${next - 1}`
    const verb = reached + 2 === next ? 'is' : 'are'
    statements.unread(
      page.span(),
      `${missing} ${verb} not in the export: ask with limit and offset until all are there`,
    )
    doubts.push({ kind: 'unread', what: `${missing}, which ${verb} not in the export` })
  }
  for (const page of inOrder) {
    const [from, to] = [number(page, 'from'), number(page, 'to')]
    if (from !== undefined) expectFrom(from, page)
    const before = from === undefined ? 0 : reached
    for (const rule of rulesIn(page, statements, doubts, 0)) {
      if ((number(rule, 'rule-number') ?? before + 1) > before) rules.push(rule)
    }
    reached = Math.max(reached, to ?? 0)
  }
  const last = inOrder.at(-1)
  const total = pages.reduce((most, page) => Math.max(most, number(page, 'total') ?? 0), 0)
  if (last !== undefined && number(last, 'to') !== undefined) expectFrom(total + 1, last)
  return rules
}

/** Rules of an answer, those of its sections in their place. */
function rulesIn(base: JsonValue, statements: Statements, doubts: Unknown[], depth: number): readonly JsonValue[] {
  return (base.member('rulebase')?.elements() ?? []).flatMap((element): readonly JsonValue[] => {
    const type = typeOf(element)
    if (type.endsWith('-section') || type === 'place-holder') {
      if (depth < deepest) {
        statements.understood()
        return rulesIn(element, statements, doubts, depth + 1)
      }
      statements.unread(element.span(), `sections are nested more than ${deepest} deep`)
      doubts.push({ kind: 'unread', what: 'sections within sections that were not followed' })
      return []
    }
    if (type === 'access-rule' || type === 'nat-rule') return [element]
    statements.unread(element.span(), `"${type}" is no rule`)
    doubts.push({ kind: 'unread', what: `an element of type "${type}" of a rulebase` })
    return []
  })
}
