import type { Span } from '../../source.ts'
import type { JsonValue } from '../../text/jsonTree.ts'
import type { Unknown } from '../../unknown.ts'
import { symbolOf } from './armFunctions.ts'
import type { ArmBudget, ArmScope } from './armScope.ts'
import { copyScopes, templateValue } from './armScope.ts'
import type { AzureResource } from './azureResource.ts'
import type { AzureValue } from './azureValue.ts'
import { azureValueOf, isTrue, objectValue, unknownValue } from './azureValue.ts'
import { lastName, resourceIdText } from './resourceId.ts'

/** Where the resources of templates are put, and what of them is not understood. */
export interface TemplateSink {
  readonly resources: AzureResource[]
  readonly unread: { readonly span: Span; readonly why: string }[]
  readonly budget: ArmBudget
}

const deploymentType = 'microsoft.resources/deployments'

/** Whether a value is a deployment template: it says so, or has what every template has. */
export function isArmTemplate(root: JsonValue): boolean {
  const schema = root.member('$schema')?.text()?.toLowerCase() ?? ''
  if (schema.includes('deploymenttemplate')) return true
  return root.member('contentVersion') !== undefined && root.member('resources') !== undefined
}

/** Whether a value is a parameters file, which gives a template what it asks for. */
export function isArmParameters(root: JsonValue): boolean {
  const schema = root.member('$schema')?.text()?.toLowerCase() ?? ''
  if (schema.includes('deploymentparameters')) return true
  return root.member('parameters')?.kind === 'object' && root.member('resources') === undefined && schema === ''
}

/** The values of a parameters file by name in lower case; a secret in a vault is not known. */
export function armParameters(root: JsonValue): ReadonlyMap<string, AzureValue> {
  const parameters = root.member('parameters')
  const given = new Map<string, AzureValue>()
  for (const name of parameters?.names() ?? []) {
    const entry = parameters?.member(name)
    const value = entry?.member('value')
    if (entry === undefined) continue
    const kept = unknownValue(
      `the parameter "${name}", which a vault keeps`,
      () => entry.span(),
      symbolOf('parameter', [name]),
    )
    given.set(name.toLowerCase(), value === undefined ? kept : azureValueOf(value))
  }
  return given
}

/**
 * Reads the resources of a template: loops turned, conditions settled, children under their parents, deployments that
 * stand within it gone through with what they are given.
 */
export function readArmTemplate(
  root: JsonValue,
  given: ReadonlyMap<string, AzureValue>,
  sink: TemplateSink,
  doubts: readonly Unknown[] = [],
): AzureValue | undefined {
  const deployments = new Map<string, AzureValue>()
  const scope = templateScope(root, given, sink.budget, deployments)
  return readInto(root, scope, deployments, sink, doubts)
}

function readInto(
  root: JsonValue,
  scope: ArmScope,
  deployments: Map<string, AzureValue>,
  sink: TemplateSink,
  doubts: readonly Unknown[],
): AzureValue | undefined {
  const walk: Walk = { scope, deployments, sink, doubts }
  const resources = root.member('resources')
  for (const resource of resources?.elements() ?? []) readResource(resource, undefined, walk)
  for (const name of resources?.names() ?? []) {
    const resource = resources?.member(name)
    if (resource !== undefined) readResource(resource, undefined, { ...walk, symbolicName: name })
  }
  const outputs = root.member('outputs')
  return outputs === undefined ? undefined : templateValue(outputs, scope)
}

interface Walk {
  readonly scope: ArmScope
  readonly deployments: Map<string, AzureValue>
  readonly sink: TemplateSink
  readonly doubts: readonly Unknown[]
  readonly symbolicName?: string
}

function templateScope(
  root: JsonValue,
  given: ReadonlyMap<string, AzureValue>,
  budget: ArmBudget,
  deployments: ReadonlyMap<string, AzureValue>,
): ArmScope {
  const parameters = new Map<string, AzureValue>()
  const declared = root.member('parameters')
  const variables = root.member('variables')
  let worked: AzureValue | undefined
  const scope: ArmScope = {
    parameter: (name) => {
      const key = name.toLowerCase()
      const before = given.get(key) ?? parameters.get(key)
      if (before !== undefined) return before
      const own = declared?.names().find((one) => one.toLowerCase() === key)
      const fallback = own === undefined ? undefined : declared?.member(own)?.member('defaultValue')
      if (fallback === undefined) return undefined
      const value = templateValue(fallback, scope)
      parameters.set(key, value)
      return value
    },
    variable: (name) => {
      worked ??= variables === undefined ? undefined : templateValue(variables, scope)
      return worked?.member(name)
    },
    outputsOf: (id) => deployments.get(lastName(id).toLowerCase()),
    copies: new Map(),
    budget,
  }
  return scope
}

interface Parent {
  readonly type: string
  readonly name: string
}

function readResource(json: JsonValue, parent: Parent | undefined, walk: Walk): void {
  const copy = json.member('copy')
  if (copy?.kind !== 'object') {
    readOne(json, parent, walk)
    return
  }
  const name = copy.member('name')?.text() ?? ''
  const scopes = copyScopes(name, copy, walk.scope)
  if (scopes === undefined) {
    const why = `how often the loop "${name}" makes this resource is not known`
    walk.sink.unread.push({ span: json.span(), why })
    return
  }
  for (const scope of scopes) readOne(json, parent, { ...walk, scope })
}

function readOne(json: JsonValue, parent: Parent | undefined, walk: Walk): void {
  const { scope, sink } = walk
  if (json.kind !== 'object') {
    sink.unread.push({ span: json.span(), why: 'it is no resource of a template' })
    return
  }
  const condition = json.member('condition')
  const wanted = condition === undefined ? undefined : templateValue(condition, scope)
  if (wanted !== undefined && wanted.kind !== 'unknown' && !isTrue(wanted)) return
  const doubts =
    wanted?.kind === 'unknown'
      ? [
          ...walk.doubts,
          {
            kind: 'other' as const,
            what: `whether the template deploys the resource, by ${wanted.because ?? 'its condition'}`,
          },
        ]
      : walk.doubts
  const ownType = json.member('type')?.text()?.toLowerCase().replace(/@.*$/, '') ?? ''
  const nameValue = json.member('name')
  const evaluated = nameValue === undefined ? undefined : templateValue(nameValue, scope)
  const ownName = evaluated?.text() ?? evaluated?.symbol ?? nameValue?.span().text ?? ''
  const isRelative = parent !== undefined && !ownType.includes('.')
  const type = isRelative ? `${parent.type}/${ownType}` : ownType
  const name = isRelative ? `${parent.name}/${ownName}` : ownName
  if (type === deploymentType) {
    readDeployment(json, name, { ...walk, doubts })
    return
  }
  sink.resources.push({
    type,
    name: lastName(name),
    key: resourceIdText(type, name),
    value: withoutChildren(json, scope),
    unknowns: doubts,
    form: 'template',
    span: () => json.span(),
  })
  for (const child of json.member('resources')?.elements() ?? []) {
    readResource(child, { type, name }, { ...walk, doubts })
  }
}

/** Members that are not the resource's own state are left out, so that a loop's description is not taken for one. */
function withoutChildren(json: JsonValue, scope: ArmScope): AzureValue {
  const members = json.names().flatMap((name) => {
    const child = json.member(name)
    if (child === undefined || name === 'resources' || name === 'copy' || name === 'condition') return []
    return [[name, () => templateValue(child, scope)] as const]
  })
  return objectValue(members, () => json.span())
}

function readDeployment(json: JsonValue, name: string, walk: Walk): void {
  const { scope, sink, deployments, doubts } = walk
  const properties = json.member('properties')
  const template = properties?.member('template')
  if (properties === undefined || template?.kind !== 'object') {
    const why = 'the template that it links to is not in these files'
    sink.unread.push({ span: json.span(), why })
    return
  }
  const isInner =
    properties.member('expressionEvaluationOptions')?.member('scope')?.text()?.toLowerCase() === 'inner' ||
    // Bicep's own form evaluates inside as well.
    template.member('languageVersion') !== undefined
  let outputs: AzureValue | undefined
  if (isInner) {
    const given = new Map<string, AzureValue>()
    const passed = properties.member('parameters')
    for (const parameter of passed?.names() ?? []) {
      const value = passed?.member(parameter)?.member('value')
      if (value !== undefined) given.set(parameter.toLowerCase(), templateValue(value, scope))
    }
    outputs = readArmTemplate(template, given, sink, doubts)
  } else outputs = readInto(template, scope, deployments, sink, doubts)
  if (outputs === undefined) return
  deployments.set(lastName(name).toLowerCase(), outputs)
  if (walk.symbolicName !== undefined) deployments.set(walk.symbolicName.toLowerCase(), outputs)
}
