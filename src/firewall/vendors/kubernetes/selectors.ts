import type { JsonValue } from '../../text/jsonTree.ts'

/** Labels of an object; `undefined` where no file has it. `isWhole` false: it may have others besides. */
export interface Labels {
  readonly values: ReadonlyMap<string, string>
  readonly isWhole: boolean
}

interface Requirement {
  readonly key: string
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'
  readonly values: readonly string[]
}

/** A label selector: all requirements must hold, and one without any selects everything. */
export interface Selector {
  readonly requirements: readonly Requirement[]
  /** It has a part that was not understood. */
  readonly unread?: string
}

export type Selects = 'yes' | 'no' | 'unknown'

/** Reads `matchLabels` and `matchExpressions` (Kubernetes API reference: LabelSelector). */
export function readSelector(value: JsonValue | undefined, keyOf: (key: string) => string = (key) => key): Selector {
  const requirements: Requirement[] = []
  let unread: string | undefined
  for (const name of value?.names() ?? []) {
    const member = value?.member(name)
    if (name === 'matchLabels') {
      for (const key of member?.names() ?? []) {
        requirements.push({ key: keyOf(key), operator: 'In', values: [String(member?.member(key)?.scalar ?? '')] })
      }
    } else if (name === 'matchExpressions') {
      for (const expression of member?.elements() ?? []) {
        const requirement = requirementOf(expression, keyOf)
        if (requirement === undefined) unread = expression.span().text
        else requirements.push(requirement)
      }
    } else if (member?.kind !== 'null') unread = `the member "${name}" of a selector`
  }
  return { requirements, ...(unread !== undefined && { unread }) }
}

function requirementOf(value: JsonValue, keyOf: (key: string) => string): Requirement | undefined {
  const key = value.member('key')?.text()
  const operators = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const
  const operator = operators.find((known) => known === value.member('operator')?.text())
  if (key === undefined || operator === undefined) return undefined
  return {
    key: keyOf(key),
    operator,
    values: (value.member('values')?.elements() ?? []).map((item) => String(item.scalar)),
  }
}

/** Whether a selector selects what has these labels. */
export function selects(selector: Selector, labels: Labels | undefined): Selects {
  let isSure = selector.unread === undefined
  for (const { key, operator, values } of selector.requirements) {
    const value = labels?.values.get(key)
    const isAbsent = value === undefined && labels?.isWhole === true
    if (value === undefined && !isAbsent) {
      isSure = false
      continue
    }
    const isIn = value !== undefined && values.includes(value)
    const holds = operator === 'In' ? isIn : operator === 'NotIn' ? !isIn : operator === 'Exists' ? !isAbsent : isAbsent
    if (!holds) return 'no'
  }
  return isSure ? 'yes' : 'unknown'
}

/** The values that a selector demands of a label, where it does. */
export function demanded(selector: Selector, key: string): readonly string[] | undefined {
  const found = selector.requirements.find((requirement) => requirement.key === key && requirement.operator === 'In')
  return found?.values
}

/** `app=connector, tier in (web, api)`; empty for a selector of everything. */
export function selectorText({ requirements }: Selector): string {
  return requirements
    .map(({ key, operator, values }) => {
      if (operator === 'Exists') return key
      if (operator === 'DoesNotExist') return `!${key}`
      if (operator === 'In' && values.length === 1) return `${key}=${values[0]}`
      return `${key} ${operator === 'In' ? 'in' : 'not in'} (${values.join(', ')})`
    })
    .join(', ')
}
