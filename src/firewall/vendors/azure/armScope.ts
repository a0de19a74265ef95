import type { Span } from '../../source.ts'
import type { JsonValue } from '../../text/jsonTree.ts'
import type { ArmExpression } from './armExpression.ts'
import { isArmExpression, parseArmExpression } from './armExpression.ts'
import { callArmFunction, symbolOf, unknownCall } from './armFunctions.ts'
import type { AzureValue } from './azureValue.ts'
import { arrayValue, azureValueOf, isTrue, objectValue, scalarValue, unknownValue } from './azureValue.ts'
import { anyScope } from './resourceId.ts'

/** What the expressions of one template can name. */
export interface ArmScope {
  /** Undefined where the template has none of the name. */
  readonly parameter: (name: string) => AzureValue | undefined
  readonly variable: (name: string) => AzureValue | undefined
  /** Outputs of the deployments that stand within the template, by name or by symbolic name. */
  readonly outputsOf: (deployment: string) => AzureValue | undefined
  /** Where each loop around stands; the innermost has the empty name too. */
  readonly copies: ReadonlyMap<string, number>
  readonly budget: ArmBudget
}

/** What one set of files may cost: a few letters make loops in loops. */
export interface ArmBudget {
  evaluations: number
  copies: number
  /** Elements of lists that functions make, and every 32 units of text. */
  made: number
  /** Names that lead to each other are followed this deep at one time. */
  depth: number
}

export function armBudget(): ArmBudget {
  return { evaluations: 3_000_000, copies: 20_000, made: 1_000_000, depth: 300 }
}

/** A value of a template with its expressions worked out, member by member as they are asked for. */
export function templateValue(json: JsonValue, scope: ArmScope): AzureValue {
  const span = (): Span => json.span()
  const text = json.text()
  if (text !== undefined) {
    if (text.startsWith('[[')) return scalarValue(text.slice(1), span)
    return isArmExpression(text) ? evaluated(text, scope, span) : azureValueOf(json)
  }
  const copies = json.kind === 'object' ? json.member('copy') : undefined
  if (copies?.kind !== 'array') return azureValueOf(json, (child) => templateValue(child, scope))
  const members = json.names().flatMap((name) => {
    const child = json.member(name)
    return child === undefined || child === copies
      ? []
      : [[name, (): AzureValue => templateValue(child, scope)] as const]
  })
  const looped = copies.elements().flatMap((copy) => {
    const name = copy.member('name')?.text()
    const input = copy.member('input')
    return name === undefined || input === undefined
      ? []
      : [[name, (): AzureValue => copied(name, copy, scope, (inner) => templateValue(input, inner))] as const]
  })
  return objectValue([...members, ...looped], span)
}

/** An array with one element for each turn of a `copy` loop; unknown where the number of turns is. */
export function copied(
  name: string,
  copy: JsonValue,
  scope: ArmScope,
  make: (inner: ArmScope) => AzureValue,
): AzureValue {
  const span = (): Span => copy.span()
  const scopes = copyScopes(name, copy, scope)
  if (scopes === undefined) return unknownValue(`how often the loop "${name}" of the template turns`, span)
  return arrayValue(scopes.map(make), span)
}

/** The scope of each turn of a loop; undefined where their number is not known, or beyond what is read. */
export function copyScopes(name: string, copy: JsonValue, scope: ArmScope): readonly ArmScope[] | undefined {
  const json = copy.member('count')
  const count = json === undefined ? undefined : templateValue(json, scope).number()
  if (count === undefined || !Number.isInteger(count) || count < 0 || count > scope.budget.copies) return undefined
  scope.budget.copies -= count
  return Array.from({ length: count }, (_, turn) => ({
    ...scope,
    copies: new Map([...scope.copies, ['', turn], [name.toLowerCase(), turn]]),
  }))
}

function evaluated(text: string, scope: ArmScope, span: () => Span): AzureValue {
  const expression = parseArmExpression(text.slice(1, -1))
  if (expression === undefined) return unknownValue(`the expression ${text.slice(0, 80)}`, span)
  return evaluate(expression, scope, span)
}

function evaluate(expression: ArmExpression, scope: ArmScope, span: () => Span): AzureValue {
  const { budget } = scope
  budget.evaluations -= 1
  if (budget.evaluations < 0) return unknownValue('expressions beyond those that are worked out', span)
  if (budget.depth === 0) return unknownValue('names in the template that lead back to themselves', span)
  budget.depth -= 1
  const value = evaluateOne(expression, scope, span)
  budget.depth += 1
  return value
}

function evaluateOne(expression: ArmExpression, scope: ArmScope, span: () => Span): AzureValue {
  switch (expression.kind) {
    case 'literal':
      return scalarValue(expression.value, span)
    case 'call':
      return call(expression.name, expression.args, scope, span)
    case 'member': {
      const whole = evaluate(expression.of, scope, span)
      if (whole.kind === 'unknown') return whole
      return whole.member(expression.name) ?? unknownValue(`what "${expression.name}" is in the template`, span)
    }
    case 'index': {
      const whole = evaluate(expression.of, scope, span)
      const at = evaluate(expression.at, scope, span)
      if (whole.kind === 'unknown') return whole
      if (at.kind === 'unknown') return at
      const found = whole.kind === 'array' ? whole.elements()[at.number() ?? -1] : whole.member(at.text() ?? '')
      return found ?? unknownValue(`what "${at.text() ?? ''}" is in the template`, span)
    }
    default:
      return expression satisfies never
  }
}

function call(name: string, args: readonly ArmExpression[], scope: ArmScope, span: () => Span): AzureValue {
  const value = (at: number): AzureValue | undefined => {
    const arg = args[at]
    return arg === undefined ? undefined : evaluate(arg, scope, span)
  }
  switch (name) {
    case 'parameters':
    case 'variables': {
      const named = value(0)
      if (named?.kind === 'unknown') return named
      const of = named?.text()
      const kind = name === 'parameters' ? 'parameter' : 'variable'
      const found = of === undefined ? undefined : scope[kind](of)
      return found ?? unknownValue(`the ${kind} "${of ?? ''}" of the template`, span, symbolOf(kind, [of]))
    }
    case 'if': {
      const condition = value(0)
      if (condition === undefined || condition.kind === 'unknown') return condition ?? unknownCall(name, span)
      return value(isTrue(condition) ? 1 : 2) ?? unknownCall(name, span)
    }
    case 'coalesce': {
      for (const arg of args) {
        const one = evaluate(arg, scope, span)
        if (one.kind !== 'null') return one
      }
      return scalarValue(null, span)
    }
    case 'copyindex': {
      const first = value(0)
      const loop = first?.kind === 'string' ? (first.text() ?? '') : ''
      const offset = (first?.kind === 'string' ? value(1) : first)?.number() ?? 0
      const turn = scope.copies.get(loop.toLowerCase())
      return turn === undefined ? unknownCall(name, span) : scalarValue(turn + offset, span)
    }
    case 'reference': {
      const of = value(0)?.text()
      const outputs = of === undefined ? undefined : scope.outputsOf(of)
      return outputs === undefined ? unknownCall(name, span) : objectValue([['outputs', () => outputs]], span)
    }
    case 'resourcegroup':
    case 'subscription':
    case 'deployment':
      return scopeObject(name, span)
    case 'uniquestring':
    case 'guid': {
      const made = args.map((arg) => evaluate(arg, scope, span))
      const symbols = made.map((arg) => arg.symbol ?? arg.text() ?? '')
      return unknownValue(`what the template's function "${name}" gives`, span, symbolOf(name, symbols))
    }
    default: {
      if (scope.budget.made < 0) return unknownValue('expressions beyond those that are worked out', span)
      const made = args.map((arg) => evaluate(arg, scope, span))
      const result = callArmFunction(name, made, span) ?? unknownCall(name, span)
      scope.budget.made -= result.elements().length + (result.text()?.length ?? 0) / 32
      return result
    }
  }
}

/** What a template learns of where it is deployed. Ids of any place fit; names are alike where they are asked alike. */
function scopeObject(name: string, span: () => Span): AzureValue {
  const known: Readonly<Record<string, string>> = {
    id:
      name === 'resourcegroup' ? `/subscriptions/${anyScope}/resourceGroups/${anyScope}` : `/subscriptions/${anyScope}`,
    subscriptionid: anyScope,
  }
  const members = ['id', 'name', 'location', 'subscriptionId', 'tenantId', 'managedBy'].map((member) => {
    const text = known[member.toLowerCase()]
    const make = (): AzureValue =>
      text === undefined
        ? unknownValue('where the template is deployed', span, symbolOf(name, [member]))
        : scalarValue(text, span)
    return [member, make] as const
  })
  return objectValue(members, span)
}
