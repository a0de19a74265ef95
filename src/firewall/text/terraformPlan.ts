import type { Span } from '../source.ts'
import type { JsonValue } from './jsonTree.ts'

/** One instance of a resource or data source in Terraform's JSON output. */
export interface TerraformResource {
  /** `module.net["a"].azurerm_subnet.web[0]`. */
  readonly address: string
  readonly mode: 'managed' | 'data'
  /** `azurerm_subnet`. */
  readonly type: string
  readonly name: string
  /** Key of `for_each`, index of `count`; absent where there is neither. */
  readonly key?: string | number
  /** Attributes in the provider's own spelling, as they will be after apply; one that is not known yet is absent. */
  readonly values: JsonValue
  /** Whether an attribute, or something within it, is known only after apply. */
  isUnknown(attribute: string): boolean
  /**
   * The resources that the configuration names in the expression of an attribute, through variables and outputs of
   * modules; for a nested block `ip_configuration.subnet_id`. It is how a resource that is not made yet is pointed at:
   * its id is known only after apply. Empty where the text has no configuration or the expression names none that is
   * there; several where any of them can be meant.
   */
  referents(attribute: string): readonly TerraformResource[]
  readonly span: () => Span
}

export interface TerraformPlan {
  /** Managed resources as planned, and data sources as they were read last; of a state file, what it holds. */
  readonly resources: readonly TerraformResource[]
  /** Whether it is a plan (`terraform show -json PLAN`) or a state (`terraform show -json`). */
  readonly kind: 'plan' | 'state'
}

/** References that are followed for one attribute: modules pass ids through a few hands, not through thousands. */
const mostSteps = 1000

/**
 * Reads the JSON output of Terraform and OpenTofu, plan and state representation, format versions 0.1 to 1.x (Terraform
 * documentation: JSON Output Format).
 *
 * @returns undefined where the value is neither of the two
 */
export function readTerraformPlan(root: JsonValue): TerraformPlan | undefined {
  const planned = root.member('planned_values')?.member('root_module')
  const prior = root.member('prior_state')?.member('values')?.member('root_module')
  const state = root.member('values')?.member('root_module')
  if (planned === undefined && prior === undefined && state === undefined) return undefined
  const changes = new Map<string, JsonValue>()
  for (const change of root.member('resource_changes')?.elements() ?? []) {
    const address = change.member('address')?.text()
    const unknown = change.member('change')?.member('after_unknown')
    if (address !== undefined && unknown !== undefined) changes.set(address, unknown)
  }
  const found: Found[] = []
  if (planned !== undefined) collect(planned, '', () => true, found)
  // Data sources that were read while planning stand in the prior state alone; what is managed there may be on its way out.
  const isWanted = (mode: string): boolean => planned === undefined || mode === 'data'
  if (prior !== undefined) collect(prior, '', isWanted, found)
  if (state !== undefined && planned === undefined && prior === undefined) collect(state, '', () => true, found)
  const byName = new Map<string, TerraformResource[]>()
  const configuration = root.member('configuration')?.member('root_module')
  const resources = found.map((one) => {
    const resource = resourceOf(one, changes.get(one.address), (attribute) =>
      configuration === undefined ? [] : referentsOf(one, attribute, configuration, byName),
    )
    const base = baseOf(one)
    const others = byName.get(base)
    if (others === undefined) byName.set(base, [resource])
    else others.push(resource)
    return resource
  })
  return { resources, kind: planned === undefined && prior === undefined ? 'state' : 'plan' }
}

interface Found {
  readonly address: string
  readonly mode: 'managed' | 'data'
  readonly type: string
  readonly name: string
  readonly key: string | number | undefined
  /** Address of the module, with keys; empty for the root. */
  readonly module: string
  readonly values: JsonValue
}

function collect(module: JsonValue, address: string, isWanted: (mode: string) => boolean, into: Found[]): void {
  for (const resource of module.member('resources')?.elements() ?? []) {
    const values = resource.member('values')
    const type = resource.member('type')?.text()
    const mode = resource.member('mode')?.text() === 'data' ? 'data' : 'managed'
    if (values === undefined || type === undefined || !isWanted(mode)) continue
    const name = resource.member('name')?.text() ?? ''
    const index = resource.member('index')
    into.push({
      address: resource.member('address')?.text() ?? `${address === '' ? '' : `${address}.`}${type}.${name}`,
      mode,
      type,
      name,
      key: index?.kind === 'string' ? index.text() : index?.number(),
      module: address,
      values,
    })
  }
  for (const child of module.member('child_modules')?.elements() ?? []) {
    collect(child, child.member('address')?.text() ?? address, isWanted, into)
  }
}

function resourceOf(
  { address, mode, type, name, key, values }: Found,
  unknown: JsonValue | undefined,
  referents: (attribute: string) => readonly TerraformResource[],
): TerraformResource {
  return {
    address,
    mode,
    type,
    name,
    ...(key !== undefined && { key }),
    values,
    isUnknown: (attribute) => {
      const sign = unknown?.member(attribute)
      return sign !== undefined && holdsTrue(sign)
    },
    referents,
    span: () => values.span(),
  }
}

function holdsTrue(sign: JsonValue): boolean {
  if (sign.scalar === true) return true
  return (
    sign.elements().some(holdsTrue) ||
    sign.names().some((name) => {
      const member = sign.member(name)
      return member !== undefined && holdsTrue(member)
    })
  )
}

/** What instances of one resource block share: the address without keys. */
function baseOf({ module, mode, type, name }: Pick<Found, 'module' | 'mode' | 'type' | 'name'>): string {
  return `${withoutKeys(module)}/${mode === 'data' ? 'data.' : ''}${type}.${name}`
}

function withoutKeys(address: string): string {
  return address.replace(/\[(?:"(?:[^"\\]|\\.)*"|\d+)\]/g, '')
}

function referentsOf(
  from: Found,
  attribute: string,
  configuration: JsonValue,
  byName: ReadonlyMap<string, readonly TerraformResource[]>,
): readonly TerraformResource[] {
  const path = modulePath(from.module)
  const block = moduleAt(configuration, path)
    ?.member('resources')
    ?.elements()
    .find(
      (resource) =>
        resource.member('type')?.text() === from.type &&
        resource.member('name')?.text() === from.name &&
        (resource.member('mode')?.text() === 'data') === (from.mode === 'data'),
    )
  const expressions = block?.member('expressions')
  if (expressions === undefined) return []
  const found = new Set<TerraformResource>()
  const seen = new Set<string>()
  const waiting = referencesIn(expressions, attribute.split('.')).map((reference) => ({ path, reference }))
  // Where the block repeats, instances of one key belong together.
  const isRepeated = from.key !== undefined || /\]$/.test(from.module)
  for (let step = waiting.shift(); step !== undefined && seen.size < mostSteps; step = waiting.shift()) {
    const sign = `${step.path.join('.')}/${step.reference}`
    if (seen.has(sign)) continue
    seen.add(sign)
    const [first = '', second = '', third = ''] = withoutKeys(step.reference).split('.')
    if (first === 'var') {
      const name = step.path.at(-1)
      const parent = step.path.slice(0, -1)
      if (name === undefined) continue
      const passed = moduleAt(configuration, parent)?.member('module_calls')?.member(name)?.member('expressions')
      for (const reference of passed === undefined ? [] : referencesIn(passed, [second])) {
        waiting.push({ path: parent, reference })
      }
    } else if (first === 'module') {
      const child = [...step.path, second]
      const output = moduleAt(configuration, child)?.member('outputs')?.member(third)
      for (const reference of output === undefined ? [] : referencesIn(output, ['expression'])) {
        waiting.push({ path: child, reference })
      }
    } else {
      const block = first === 'data' ? `data.${second}.${third}` : `${first}.${second}`
      const instances = byName.get(`${step.path.map((name) => `module.${name}`).join('.')}/${block}`) ?? []
      for (const one of meant(instances, step.reference, isRepeated ? from : undefined)) found.add(one)
    }
  }
  return [...found]
}

function meant(
  instances: readonly TerraformResource[],
  reference: string,
  from: Found | undefined,
): readonly TerraformResource[] {
  if (instances.length < 2) return instances
  const key = /^(?:data\.)?[^.[]+\.[^.[]+\[(?:"((?:[^"\\]|\\.)*)"|(\d+))\]/.exec(reference)
  if (key !== null) {
    const wanted = key[1] ?? Number(key[2])
    return instances.filter((one) => one.key === wanted)
  }
  const alike = instances.filter(
    (one) => one.key === from?.key && (from === undefined || one.address.startsWith(from.module)),
  )
  return alike.length === 0 ? instances : alike
}

/** Names of a module's calls from the root: `module.net["a"].module.b` is `net`, `b`. */
function modulePath(address: string): readonly string[] {
  const parts = withoutKeys(address).split('.')
  return parts.filter((_, at) => at % 2 === 1)
}

function moduleAt(root: JsonValue, path: readonly string[]): JsonValue | undefined {
  let module: JsonValue | undefined = root
  for (const name of path) module = module?.member('module_calls')?.member(name)?.member('module')
  return module
}

/** All references of an expression, or of the same one in each of several nested blocks. */
function referencesIn(expressions: JsonValue, path: readonly string[]): readonly string[] {
  const [name, ...rest] = path
  if (expressions.kind === 'array') return expressions.elements().flatMap((block) => referencesIn(block, path))
  if (name !== undefined) {
    const member = expressions.member(name)
    return member === undefined ? [] : referencesIn(member, rest)
  }
  return (expressions.member('references')?.elements() ?? []).flatMap((reference) => reference.text() ?? [])
}
